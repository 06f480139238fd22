import type { RowHash } from './port.ts';

export interface DifferingRow {
  /** `missing`: not on the target; `extra`: only there */
  readonly kind: 'changed' | 'missing' | 'extra';
  /** empty for a table without a key */
  readonly key: readonly string[];
  /** the row's hash on the side that has it; the source's for a changed row */
  readonly hash: bigint;
  /** how many copies too few or too many; 1 with a key */
  readonly copies: number;
}

/**
 * Walks two streams of row hashes, both ascending by `order`, and hands out what differs, piece by piece.
 * Holds one piece of each stream, however many rows there are.
 */
export async function* mergeRows(
  source: AsyncIterable<readonly RowHash[]>,
  target: AsyncIterable<readonly RowHash[]>,
): AsyncGenerator<readonly DifferingRow[]> {
  const left = new Run(source);
  const right = new Run(target);
  try {
    await Promise.all([left.fill(), right.fill()]);
    const more = () => left.order !== null || right.order !== null;
    while (more()) {
      const found: DifferingRow[] = [];
      // until one of the two pieces is used up
      while (more() && left.ready && right.ready && found.length < 1000) step(left, right, found);
      if (found.length > 0) yield found;
      await Promise.all([left.fill(), right.fill()]);
    }
  } finally {
    await Promise.all([left.close(), right.close()]);
  }
}

function step(left: Run, right: Run, found: DifferingRow[]): void {
  const order =
    left.order === null ? right.order : right.order === null || left.order < right.order ? left.order : right.order;
  if (order === null) return;
  const mine = left.order === order ? left.take() : [];
  const theirs = right.order === order ? right.take() : [];
  if (mine.length === 1 && theirs.length === 1 && mine[0]?.hash === theirs[0]?.hash && sameKey(mine[0], theirs[0])) {
    if (mine[0]?.copies === theirs[0]?.copies) return;
  }
  const byKey = new Map(mine.map((row) => [identity(row), row]));
  for (const row of theirs) {
    const other = byKey.get(identity(row));
    byKey.delete(identity(row));
    if (!other) found.push({ kind: 'extra', key: row.key, hash: row.hash, copies: row.copies });
    else if (other.hash !== row.hash) found.push({ kind: 'changed', key: row.key, hash: other.hash, copies: 1 });
    else if (other.copies > row.copies) {
      found.push({ kind: 'missing', key: [], hash: row.hash, copies: other.copies - row.copies });
    } else if (other.copies < row.copies) {
      found.push({ kind: 'extra', key: [], hash: row.hash, copies: row.copies - other.copies });
    }
  }
  for (const row of byKey.values()) found.push({ kind: 'missing', key: row.key, hash: row.hash, copies: row.copies });
}

const identity = (row: RowHash) => (row.key.length > 0 ? JSON.stringify(row.key) : String(row.hash));

function sameKey(a: RowHash | undefined, b: RowHash | undefined): boolean {
  return a?.key.length === b?.key.length && !!a?.key.every((value, i) => value === b?.key[i]);
}

/** One stream, read ahead so that all rows of one `order` are at hand together. */
class Run {
  private rows: RowHash[] = [];
  private at = 0;
  private ended = false;
  private readonly pieces: AsyncIterator<readonly RowHash[]>;

  constructor(stream: AsyncIterable<readonly RowHash[]>) {
    this.pieces = stream[Symbol.asyncIterator]();
  }

  get order(): bigint | null {
    return this.rows[this.at]?.order ?? null;
  }

  /** whether the rows of the current `order` are all here */
  get ready(): boolean {
    if (this.ended) return true;
    const first = this.rows[this.at];
    const last = this.rows.at(-1);
    return first !== undefined && last !== undefined && first.order !== last.order;
  }

  take(): RowHash[] {
    const order = this.order;
    const from = this.at;
    while (this.rows[this.at]?.order === order && this.at < this.rows.length) this.at++;
    return this.rows.slice(from, this.at);
  }

  async fill(): Promise<void> {
    while (!this.ready) {
      const piece = await this.pieces.next();
      if (piece.done) {
        this.ended = true;
        return;
      }
      this.rows = this.rows.slice(this.at).concat(piece.value);
      this.at = 0;
    }
  }

  async close(): Promise<void> {
    await this.pieces.return?.();
  }
}
