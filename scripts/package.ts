import { listFiles, PackageManager } from '@vscode/vsce';
import { rm, stat } from 'node:fs/promises';
import { buildAll } from './build.ts';
import { inRepository } from './paths.ts';
import { runProcess } from './testing/process.ts';

/** Builds for production and packs the extension. Gives the path of the .vsix. */
export async function packageExtension(file = inRepository('dts-cutover.vsix')): Promise<string> {
  await rm(inRepository('dist'), { recursive: true, force: true });
  await buildAll({ production: true, quiet: true });
  const vsce = [inRepository('node_modules/@vscode/vsce/vsce'), 'package', '--out', file];
  const options = ['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'];
  const { code, output } = await runProcess(process.execPath, [...vsce, ...options], { timeoutMinutes: 2 });
  if (code !== 0) throw new Error(`vsce ended with ${code}:\n${output}`);
  return file;
}

/** What would be packed, as paths from the root of the repository. */
export function packagedFiles(): Promise<string[]> {
  return listFiles({ cwd: inRepository(), packageManager: PackageManager.None });
}

if (process.argv[1] === import.meta.filename) {
  const file = await packageExtension();
  process.stdout.write(`${((await stat(file)).size / 1024).toFixed(0)} KB  ${file}\n`);
}
