import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { inRepository } from '../paths.ts';

/** Every file below a folder of the repository whose name ends so, as absolute paths in order; none without the folder. */
export async function filesBelow(folder: string, ending: string): Promise<string[]> {
  const entries = await readdir(inRepository(folder), { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}
