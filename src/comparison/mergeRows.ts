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

/** A piece handed out takes a few milliseconds. */
const MOST_AT_A_TIME = 200;

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
    const more = () => !left.empty || !right.empty;
    while (more()) {
      const found: DifferingRow[] = [];
      // until one of the two pieces is used up
      while (more() && left.ready && right.ready && found.length < MOST_AT_A_TIME) step(left, right, found);
      if (found.length > 0) yield found;
      await Promise.all([left.fill(), right.fill()]);
    }
  } finally {
    await Promise.all([left.close(), right.close()]);
  }
}

function step(left: Run, right: Run, found: DifferingRow[]): void {
  if (left.sameAs(right)) return;
  const order =
    left.order === null ? right.order : right.order === null || left.order < right.order ? left.order : right.order;
  if (order === null) return;
  const byKey = new Map((left.order === order ? left.take() : []).map((row) => [identity(row), row]));
  for (const row of right.order === order ? right.take() : []) {
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

/** One stream, read ahead so that all rows of one `order` are at hand together. */
class Run {
  private rows: RowHash[] = [];
  private at = 0;
  private ended = false;
  /** where the rows begin that have the same order as the last one: more of them may follow */
  private tail = 0;
  private readonly pieces: AsyncIterator<readonly RowHash[]>;

  constructor(stream: AsyncIterable<readonly RowHash[]>) {
    this.pieces = stream[Symbol.asyncIterator]();
  }

  get empty(): boolean {
    return this.at >= this.rows.length;
  }

  get order(): bigint | null {
    return this.rows[this.at]?.order ?? null;
  }

  /** whether the rows of the current `order` are all here */
  get ready(): boolean {
    return this.ended || this.at < this.tail;
  }

  /** Steps over the row both streams have alike, which is what nearly all rows are. */
  sameAs(other: Run): boolean {
    const mine = this.single();
    const theirs = other.single();
    if (!mine || !theirs || mine.hash !== theirs.hash || mine.order !== theirs.order) return false;
    if (mine.copies !== theirs.copies) return false;
    // one row of this order on each side, and the same hash: with the order being the key or its hash, the same row
    this.at++;
    other.at++;
    return true;
  }

  /** The current row if no other has its order. */
  private single(): RowHash | null {
    const row = this.rows[this.at];
    return row && this.rows[this.at + 1]?.order !== row.order ? row : null;
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
      this.rows = this.empty ? [...piece.value] : this.rows.slice(this.at).concat(piece.value);
      this.at = 0;
      this.tail = this.rows.length - 1;
      const last = this.rows.at(-1)?.order;
      while (this.tail > 0 && this.rows[this.tail - 1]?.order === last) this.tail--;
    }
  }

  async close(): Promise<void> {
    await this.pieces.return?.();
  }
}
