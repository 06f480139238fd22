/** Distances and positions in a server's binary log, which is a row of numbered files. */

export interface LogPlace {
  readonly file: string;
  readonly position: bigint;
}

/** A number that grows with the log, whatever the files' sizes. */
export function ordinal({ file, position }: LogPlace): bigint {
  const number = /\.(\d+)$/.exec(file)?.[1];
  if (number === undefined) throw new Error(`"${file}" is no binary log file.`);
  return (BigInt(number) << 48n) + position;
}

/**
 * Bytes between two places; 0 when `from` is not before `to`, null when `from` is no longer (or not yet) in the log.
 * @param files in their order, with their sizes
 */
export function distance(
  files: readonly { readonly name: string; readonly size: bigint }[],
  from: LogPlace,
  to: LogPlace,
): bigint | null {
  const first = files.findIndex(({ name }) => name === from.file);
  const last = files.findIndex(({ name }) => name === to.file);
  if (first < 0 || last < 0) return null;
  const passed = files.slice(first, last).reduce((sum, { size }) => sum + size, 0n);
  const bytes = last < first ? 0n : passed + to.position - from.position;
  return bytes > 0n ? bytes : 0n;
}
