import { Failure } from '../util/failure.ts';
import { sentence } from '../util/sentence.ts';
import type { GroupDigest } from './port.ts';

/** Groups of one side, added up over the pieces of the scan. */
export class GroupTable {
  private readonly groups = new Map<string, { rows: number; sum: bigint }>();
  rows = 0;

  /** @throws Failure where a row has no hash: two of those are not two rows that are alike */
  add(pieces: readonly GroupDigest[]): void {
    for (const piece of pieces) {
      if (piece.digests !== piece.rows) {
        throw new Failure(
          'unexpected-answer',
          sentence('The server computed a hash of {digests} of {rows} rows: of the others nothing is known.', {
            digests: piece.digests,
            rows: piece.rows,
          }),
        );
      }
      this.rows += piece.rows;
      const known = this.groups.get(piece.id);
      if (known) {
        known.rows += piece.rows;
        known.sum += piece.sum;
      } else {
        this.groups.set(piece.id, { rows: piece.rows, sum: piece.sum });
      }
    }
  }

  /** Groups that are not alike on both sides, with the number of rows that would have to be looked at. */
  differingFrom(other: GroupTable): DifferingGroup[] {
    const found: DifferingGroup[] = [];
    for (const [id, mine] of this.groups) {
      const theirs = other.groups.get(id);
      if (theirs && theirs.rows === mine.rows && theirs.sum === mine.sum) continue;
      found.push({ id, rows: mine.rows + (theirs?.rows ?? 0) });
    }
    for (const [id, theirs] of other.groups) {
      if (!this.groups.has(id)) found.push({ id, rows: theirs.rows });
    }
    return found;
  }
}

export interface DifferingGroup {
  readonly id: string;
  /** rows of both sides together */
  readonly rows: number;
}

/** Cuts groups into batches of about `limit` rows; a group larger than that is a batch of its own. */
export function inBatches(groups: readonly DifferingGroup[], limit: number, most: number): string[][] {
  const batches: string[][] = [];
  let batch: string[] = [];
  let rows = 0;
  for (const group of groups) {
    if (batch.length > 0 && (rows + group.rows > limit || batch.length >= most)) {
      batches.push(batch);
      batch = [];
      rows = 0;
    }
    batch.push(group.id);
    rows += group.rows;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
