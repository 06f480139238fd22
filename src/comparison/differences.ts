/** From the keys of differing rows to the rows themselves, both sides, within a limit of rows and of memory. */
import { both } from './tableRows.ts';
import type { DifferingRow } from './mergeRows.ts';
import type { PairDigest, RowValues, SideDigest, TablePlan } from './port.ts';
import type { RowDifference } from './result.ts';

/** Characters of values fetched at a time, and the rows that are expected to have so many. */
const CHARACTERS_AT_A_TIME = 2_000_000;
const FIRST_ROWS = 20;
const MOST_ROWS = 1000;

/** Characters of values that may still be kept, over all tables of one comparison. */
export class ValueBudget {
  constructor(private remaining: number) {}

  get left(): number {
    return this.remaining;
  }
  get spent(): boolean {
    return this.remaining <= 0;
  }
  take(difference: RowDifference): void {
    for (const side of [difference.source, difference.target]) {
      for (const value of Object.values(side ?? {})) this.remaining -= 16 + (value?.length ?? 0);
    }
  }
}

export async function readDifferences(
  plan: TablePlan,
  pair: PairDigest,
  rows: readonly DifferingRow[],
  budget: ValueBudget,
  signal: AbortSignal,
): Promise<RowDifference[]> {
  const found: RowDifference[] = [];
  const hashes = new Map<RowDifference, bigint>();
  let size = FIRST_ROWS;
  for (let i = 0; i < rows.length && !budget.spent;) {
    const batch = rows.slice(i, i + size);
    i += batch.length;
    const before = budget.left;
    const [mine, theirs] = await both(
      valuesOf(
        pair.source,
        batch.filter((row) => row.kind !== 'extra'),
        signal,
      ),
      valuesOf(
        pair.target,
        batch.filter((row) => row.kind !== 'missing'),
        signal,
      ),
    );
    for (const row of batch) {
      const difference = oneDifference(plan, row, mine.get(idOf(row)), theirs.get(idOf(row)));
      if (plan.key.length === 0) hashes.set(difference, row.hash);
      budget.take(difference);
      found.push(difference);
    }
    const perRow = (before - budget.left) / batch.length;
    size = Math.max(10, Math.min(MOST_ROWS, 8 * size, Math.floor(CHARACTERS_AT_A_TIME / perRow)));
  }
  return hashes.size > 0 ? toldApart(found, hashes) : found;
}

/** Two rows without a key, one of each side, that read alike. */
function toldApart(differences: readonly RowDifference[], hashes: ReadonlyMap<RowDifference, bigint>): RowDifference[] {
  const extra = new Map<string, RowDifference>();
  for (const each of differences) if (each.target) extra.set(JSON.stringify(each.target), each);
  const digests = new Map<RowDifference, RowDifference['digest']>();
  for (const each of differences) {
    const other = each.source ? extra.get(JSON.stringify(each.source)) : undefined;
    if (!other) continue;
    const digest = { source: hexadecimal(hashes.get(each) ?? 0n), target: hexadecimal(hashes.get(other) ?? 0n) };
    digests.set(each, digest).set(other, digest);
  }
  return differences.map((each) => {
    const digest = digests.get(each);
    return digest ? { ...each, digest } : each;
  });
}

const hexadecimal = (hash: bigint) => BigInt.asUintN(64, hash).toString(16).padStart(16, '0');

/** What is shown of two values may be the same, when they are long or their type has values that read alike. */
const readAlike = (mine: RowValues, theirs: RowValues): boolean =>
  JSON.stringify(Object.entries(mine.values)) === JSON.stringify(Object.entries(theirs.values));

/** Rows by key, or by hash where there is no key. */
export async function valuesOf(
  side: SideDigest,
  rows: readonly Pick<DifferingRow, 'key' | 'hash'>[],
  signal: AbortSignal,
): Promise<Map<string, RowValues>> {
  if (rows.length === 0) return new Map();
  return new Map((await side.fetch(rows, signal)).map((row) => [idOf(row), row]));
}

export const idOf = (row: Pick<DifferingRow, 'key' | 'hash'>) =>
  row.key.length > 0 ? JSON.stringify(row.key) : String(row.hash);

function oneDifference(
  plan: TablePlan,
  row: DifferingRow,
  mine: RowValues | undefined,
  theirs: RowValues | undefined,
): RowDifference {
  const cut = [...new Set([...(mine?.cut ?? []), ...(theirs?.cut ?? [])])];
  const alike = row.kind === 'changed' && mine && theirs && mine.hash !== theirs.hash && readAlike(mine, theirs);
  return {
    kind: row.kind,
    key: Object.fromEntries(plan.key.map((name, i) => [name, row.key[i] ?? ''])),
    source: row.kind === 'extra' ? null : (mine?.values ?? null),
    target: row.kind === 'missing' ? null : (theirs?.values ?? null),
    ...(plan.key.length === 0 ? { copies: row.copies } : {}),
    ...(cut.length > 0 ? { cut } : {}),
    ...(alike ? { digest: { source: hexadecimal(mine.hash), target: hexadecimal(theirs.hash) } } : {}),
    ...(mine?.unordered !== undefined && mine.unordered === theirs?.unordered ? { orderOnly: true } : {}),
  };
}
