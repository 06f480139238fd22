/**
 * A key range is digested in slices: its row hashes, each 16 characters, stand in one text in the order of the key, and
 * every so many rows of it are hashed by themselves. That costs next to nothing, and where a few rows of a range differ,
 * only their slices have to be looked into.
 */
import { HEX, hashed, type HashFunction } from './digest-hash.ts';
import type { TableDigest } from './digest-table.ts';

export const SLICES = 32;

/** SQL for the digests of all slices of `text`, one after the other; the last slice takes what is left. */
export function sliceDigests(text: string, rows: number, hash: HashFunction): string {
  const slices = Array.from({ length: SLICES }, (_, i) => {
    const length = i < SLICES - 1 ? `, ${rows * HEX}` : '';
    return `LEFT(${hashed(hash, `SUBSTR(${text}, ${i * rows * HEX + 1}${length})`)}, ${HEX})`;
  });
  return `CONCAT(${slices.join(', ')})`;
}

/** What the first pass saw of one range. */
export interface Sliced {
  readonly rows: number;
  readonly digests: string;
}

/**
 * Replaces ranges by those parts of them that differ. A part lies between two rows of slices that are alike on both
 * sides, so these two keys are the same there; where rows are missing, all slices after them count as differing.
 */
export async function differingParts(
  source: TableDigest,
  target: TableDigest,
  ranges: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const parts: { from: Edge; last: Edge }[] = [];
  const unknown: Edge[] = [];
  for (const id of ranges) {
    const [from = 0n, last = 0n] = id.split(':').map(BigInt);
    const [mine, theirs] = [source.sliced(id), target.sliced(id)];
    if (!mine || !theirs) {
      parts.push({ from: { key: from }, last: { key: last } });
      continue;
    }
    const edge = (position: number, otherwise: bigint, beside: bigint): Edge => {
      if (position < 0 || position >= mine.rows) return { key: otherwise };
      // as many rows as there are numbers
      if (BigInt(mine.rows) === last - from + 1n) return { key: from + BigInt(position) + beside };
      const found: Edge = { key: otherwise, ask: { id, position, beside } };
      unknown.push(found);
      return found;
    };
    for (const [first, end] of runs(mine.digests, theirs.digests)) {
      parts.push({
        from: edge(first * source.sliceRows - 1, from, 1n),
        last: end === SLICES ? { key: last } : edge(end * source.sliceRows, last, -1n),
      });
    }
  }
  const keys = await source.keysAt(
    unknown.flatMap(({ ask }) => ask ?? []),
    signal,
  );
  unknown.forEach((edge, i) => {
    const key = keys[i];
    if (key !== undefined) edge.key = key + (edge.ask?.beside ?? 0n);
  });
  return parts.map(({ from, last }) => `${from.key}:${last.key}`);
}

interface Edge {
  key: bigint;
  readonly ask?: { readonly id: string; readonly position: number; readonly beside: bigint };
}

/** Runs of differing slices: the first, and the one after the last. */
function runs(mine: string, theirs: string): [number, number][] {
  const found: [number, number][] = [];
  for (let i = 0; i < SLICES; i++) {
    const at = i * HEX;
    if (mine.slice(at, at + HEX) === theirs.slice(at, at + HEX)) continue;
    const run = found.at(-1);
    if (run && run[1] === i) run[1]++;
    else found.push([i, i + 1]);
  }
  return found;
}
