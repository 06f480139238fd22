/** Key and hash of a row, eight bytes each: how rows of tables with an integer key are moved and told apart. */
import type { RowHash } from '../../comparison/port.ts';

/** A row of a table with an integer key; the text of the key is made for the few rows that differ. */
export class IntegerRow implements RowHash {
  readonly copies = 1;
  constructor(
    readonly order: bigint,
    readonly hash: bigint,
  ) {}
  get key(): readonly string[] {
    return [String(this.order)];
  }
}

const RECORD = 16;

const rowAt = (records: Buffer, at: number) =>
  new IntegerRow(records.readBigInt64BE(at), records.readBigInt64BE(at + 8));

export function rowsOf(records: Buffer): RowHash[] {
  return Array.from({ length: records.length / RECORD }, (_, i) => rowAt(records, i * RECORD));
}

/** They mostly come in the order of the index. */
export function inOrder(records: Buffer): Buffer {
  for (let at = RECORD; at < records.length; at += RECORD) {
    if (
      records.readInt32BE(at - RECORD) > records.readInt32BE(at) ||
      records.readBigInt64BE(at - RECORD) > records.readBigInt64BE(at)
    ) {
      const rows = rowsOf(records).sort((a, b) => (a.order < b.order ? -1 : 1));
      const sorted = Buffer.alloc(records.length);
      rows.forEach((row, i) => {
        sorted.writeBigInt64BE(row.order, i * RECORD);
        sorted.writeBigInt64BE(row.hash, i * RECORD + 8);
      });
      return sorted;
    }
  }
  return records;
}

/** The records that only one of the two has. Equal ones, nearly all of them, cost four comparisons of numbers. */
export function unequalRecords(source: Buffer, target: Buffer): { source: RowHash[]; target: RowHash[] } {
  const found = { source: [] as RowHash[], target: [] as RowHash[] };
  let i = 0;
  let j = 0;
  while (i < source.length && j < target.length) {
    if (sameRecord(source, i, target, j)) {
      i += RECORD;
      j += RECORD;
      continue;
    }
    const [mine, theirs] = [rowAt(source, i), rowAt(target, j)];
    if (mine.order <= theirs.order) {
      found.source.push(mine);
      i += RECORD;
    }
    if (theirs.order <= mine.order) {
      found.target.push(theirs);
      j += RECORD;
    }
  }
  for (; i < source.length; i += RECORD) found.source.push(rowAt(source, i));
  for (; j < target.length; j += RECORD) found.target.push(rowAt(target, j));
  return found;
}

function sameRecord(source: Buffer, i: number, target: Buffer, j: number): boolean {
  // the hash first: it differs when anything does
  return (
    source.readInt32LE(i + 8) === target.readInt32LE(j + 8) &&
    source.readInt32LE(i + 12) === target.readInt32LE(j + 12) &&
    source.readInt32LE(i) === target.readInt32LE(j) &&
    source.readInt32LE(i + 4) === target.readInt32LE(j + 4)
  );
}
