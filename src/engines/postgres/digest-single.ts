/**
 * Finds the one row that differs in a group without moving the group's other rows: next to the sum of the row hashes, a
 * sum weighted by each row's place in the group. Where one row differs, the quotient of the two differences is its place.
 * That is a guess, and it counts only when this row's hashes explain the difference of the whole group exactly.
 */
import type { RowHash } from '../../comparison/port.ts';
import { both } from '../../comparison/tableRows.ts';
import { IntegerRow, unequalRecords } from './digest-records.ts';
import type { TableDigest } from './digest-table.ts';

/** What one side holds of one group. */
export interface Moments {
  readonly rows: number;
  readonly sum: bigint;
  /** sum of (hash >> shift + 1) * (key - first key of the group) */
  readonly weighted: bigint;
}

/** Groups wider than so many bits of the key leave too few bits of the hash for the weighted sum. */
const WIDEST = 20;
const NOTHING: Moments = { rows: 0, sum: 0n, weighted: 0n };

/** The rows of these groups that are not alike on both sides, each side ascending by key. */
export type Unequal = (
  groups: readonly string[],
  signal: AbortSignal,
) => Promise<{ source: readonly RowHash[]; target: readonly RowHash[] }>;

export function unequalIn(source: TableDigest, target: TableDigest): Unequal {
  // where several rows of a group differ the attempt is in vain, and so it will mostly be in the groups to come
  let worthwhile = true;
  const all: Unequal = async (groups, signal) =>
    unequalRecords(...(await both(source.records(groups, signal), target.records(groups, signal))));
  return async (groups, signal) => {
    if (!worthwhile) return all(groups, signal);
    const found = await singleRows(source, target, groups, signal);
    worthwhile = found.left.length * 2 < groups.length;
    const rest = found.left.length > 0 ? await all(found.left, signal) : { source: [], target: [] };
    return { source: inOrder(found.source, rest.source), target: inOrder(found.target, rest.target) };
  };
}

async function singleRows(
  source: TableDigest,
  target: TableDigest,
  groups: readonly string[],
  signal: AbortSignal,
): Promise<{ source: RowHash[]; target: RowHash[]; left: string[] }> {
  const found = { source: [] as RowHash[], target: [] as RowHash[], left: [] as string[] };
  const narrow = groups.filter((id) => shiftOf(id) <= WIDEST);
  const [mine, theirs] = await both(source.moments(narrow, signal), target.moments(narrow, signal));
  const guesses = new Map<string, bigint>();
  for (const id of narrow) {
    const key = guess(id, mine.get(id) ?? NOTHING, theirs.get(id) ?? NOTHING);
    if (key !== null) guesses.set(id, key);
  }
  const keys = [...guesses.values()];
  const [left, right] = await both(source.hashesOf(keys, signal), target.hashesOf(keys, signal));
  for (const id of groups) {
    const key = guesses.get(id);
    const [a, b] = [mine.get(id) ?? NOTHING, theirs.get(id) ?? NOTHING];
    const [h, g] = key === undefined ? [undefined, undefined] : [left.get(key), right.get(key)];
    const rows = Number(h !== undefined) - Number(g !== undefined);
    // without this row, what is left of the group has the same number of rows and the same sum on both sides
    const explained = h !== g && (h ?? 0n) - (g ?? 0n) === a.sum - b.sum && rows === a.rows - b.rows;
    if (key === undefined || !explained) {
      found.left.push(id);
      continue;
    }
    if (h !== undefined) found.source.push(new IntegerRow(key, h));
    if (g !== undefined) found.target.push(new IntegerRow(key, g));
  }
  return found;
}

/** The key of the row that differs, if it is only one. */
function guess(id: string, mine: Moments, theirs: Moments): bigint | null {
  const shift = BigInt(shiftOf(id));
  const difference = mine.sum - theirs.sum;
  if (difference === 0n) return null;
  const scaled = (mine.weighted - theirs.weighted) << (shift + 1n);
  // rounded to the nearest: the weighted sum lacks the low bits of the hashes
  const half = difference < 0n ? -difference / 2n : difference / 2n;
  const place = (scaled * (difference < 0n ? -1n : 1n) + half) / (half * 2n || 1n);
  if (place < 0n || place >> shift !== 0n) return null;
  return (BigInt(id.slice(id.indexOf(':') + 1)) << shift) + place;
}

const shiftOf = (id: string) => Number(id.slice(0, id.indexOf(':')));

const inOrder = (some: readonly RowHash[], others: readonly RowHash[]) =>
  [...some, ...others].sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
