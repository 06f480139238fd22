import { readFile } from 'node:fs/promises';
import { Failure } from '../util/failure.ts';
import { sentence } from '../util/sentence.ts';

/** The certificates of the authorities a connection trusts, in PEM. Rejects with `not-configured`, naming the file. */
export async function readCaFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new Failure(
      'not-configured',
      sentence('The CA file {file} cannot be read.', { file }),
      sentence('Check the path in the connection.'),
      { cause },
    );
  }
}
