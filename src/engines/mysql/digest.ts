/** Comparing data on MySQL 5.7 and later, MariaDB 10.2 and later, and what is built on them. */
import type {
  DigestEngine,
  DigestSession,
  PairDigest,
  RowHash,
  SchemaObject,
  TablePlan,
  TableShape,
} from '../../comparison/port.ts';
import { both } from '../../comparison/tableRows.ts';
import { ownSession, SnapshotSession } from '../snapshotSession.ts';
import type { Sentence } from '../../util/sentence.ts';
import { agree } from './digest-agreement.ts';
import { blindSpot, describeTables, unseenDatabases, type MysqlKey, type MysqlTable } from './digest-catalog.ts';
import { matchColumns, rowText, type Agreement } from './digest-hash.ts';
import { boundLiteral, boundText, commonIndexes, keyColumns } from './digest-key.ts';
import { raiseStatement, readObjects } from './digest-objects.ts';
import { byDocuments } from './digest-json.ts';
import { repairDialect } from './digest-repair.ts';
import { differingParts, SLICES } from './digest-slices.ts';
import { Snapshot } from './digest-snapshot.ts';
import { definitionsAgree } from './digest-spelling.ts';
import { unequalRows } from './digest-packed.ts';
import { TableDigest, type Grouping } from './digest-table.ts';
import { quoteName } from './text.ts';

export const mysqlDigest: DigestEngine = {
  kind: 'mysql',
  repair: repairDialect,
  match: matchColumns,
  definitionsAgree,
  foldColumn: (name) => name.toLowerCase(),
  async openSnapshot(request, { database, workers }, signal) {
    return new MysqlSession(await Snapshot.open(request, database, workers, signal));
  },
  async pair(plan, source, target, _options, signal) {
    const [left, right] = [ours(source), ours(target)];
    const agreement = await agreed(left, right, signal);
    const grouping = await chooseGrouping(plan, left.snapshot, right.snapshot, signal);
    const side = (which: 'source' | 'target', { snapshot }: MysqlSession) =>
      new TableDigest(snapshot, plan, which, grouping, rowText(plan.columns, which, agreement), agreement);
    const [mine, theirs] = [side('source', left), side('target', right)];
    const reallyDiffering = byDocuments(plan, agreement, mine, theirs);
    return {
      source: mine,
      target: theirs,
      ...(grouping.by === 'integer'
        ? { unequal: (groups: readonly string[], until: AbortSignal) => unequal(mine, theirs, groups, until) }
        : {}),
      ...(reallyDiffering ? { reallyDiffering } : {}),
      indexed: grouping.by !== 'hash',
      smallGroup: grouping.by === 'integer' ? SMALL_PACKED : SMALL_GROUP,
      method: `64 bits of ${agreement.hash} per row`,
    } satisfies PairDigest;
  },
};

async function unequal(
  source: TableDigest,
  target: TableDigest,
  groups: readonly string[],
  signal: AbortSignal,
): Promise<{ source: readonly RowHash[]; target: readonly RowHash[] }> {
  const ascending = [...groups].sort((a, b) => (startOf(a) < startOf(b) ? -1 : 1));
  const ranges = await differingParts(source, target, ascending, signal);
  const [mine, theirs] = await both(source.packed(ranges, signal), target.packed(ranges, signal));
  if (!mine || !theirs) {
    const [left, right] = await both(source.unpacked(ranges, signal), target.unpacked(ranges, signal));
    return { source: left, target: right };
  }
  const rows = ranges.map((_, i) => unequalRows(mine[i] ?? '', theirs[i] ?? ''));
  return { source: rows.flatMap((range) => range.source), target: rows.flatMap((range) => range.target) };
}

const startOf = (id: string) => BigInt(id.slice(0, id.indexOf(':')));

class MysqlSession extends SnapshotSession<Snapshot> {
  agreement: Promise<Agreement> | null = null;

  describe(signal: AbortSignal): Promise<readonly TableShape[]> {
    return describeTables(this.snapshot, signal);
  }
  blindSpot(signal: AbortSignal): Promise<Sentence | null> {
    return blindSpot(this.snapshot, signal);
  }
  unseenDatabases(signal: AbortSignal): Promise<Sentence | null> {
    return unseenDatabases(this.snapshot, signal);
  }
  /** a database that is not there cannot be opened */
  schemas(): Promise<readonly null[]> {
    return Promise.resolve([null]);
  }
  objects(signal: AbortSignal): Promise<readonly SchemaObject[]> {
    return readObjects(this.snapshot, signal);
  }
  raiseStatement(object: SchemaObject, next: bigint): string {
    return raiseStatement(object, this.snapshot.database, next);
  }
}

const ours = (session: DigestSession) => ownSession(MysqlSession, session);

/** What both servers compute alike; found out once for a pair of sessions. */
function agreed(source: MysqlSession, target: MysqlSession, signal: AbortSignal): Promise<Agreement> {
  if (!source.agreement) {
    source.agreement = agree(source.snapshot, target.snapshot, signal);
    source.agreement.catch(() => (source.agreement = null));
  }
  return source.agreement;
}

/** More ranges cost the server a little for each; a range of an integer key is digested in slices. */
const ROWS_IN_A_RANGE = { integer: 1024, bounds: 4096 } as const;
/** Splitting a group of this size would read it once more, to move a few kilobytes less. */
const SMALL_PACKED = 8192;
const SMALL_GROUP = 128;
const BYTES_IN_A_RANGE = 1_000_000;
const ROWS_IN_A_BUCKET = 256;
const MOST_RANGES = 65_536;
/** They come in one answer, which is read here in about 10 ms. */
const MOST_BUCKETS = 16_384;
/** The digests of their slices are kept until the table is done. */
const MOST_SLICED_RANGES = 16_384;

async function chooseGrouping(
  plan: TablePlan,
  source: Snapshot,
  target: Snapshot,
  signal: AbortSignal,
): Promise<Grouping> {
  const bytes = (plan.source as MysqlTable).rowBytes;
  const rows = Math.max(plan.source.estimatedRows ?? 0, plan.target.estimatedRows ?? 0, 1);
  const indexes = commonIndexes(plan);
  if (!indexes) {
    const buckets = Math.max(16, Math.min(MOST_BUCKETS, rows / ROWS_IN_A_BUCKET));
    return { by: 'hash', mask: 2 ** Math.ceil(Math.log2(buckets)) - 1 };
  }
  const found = { indexes, ascending: indexes.source.ascending && indexes.target.ascending };
  const inARange = (most: number) => Math.max(64, Math.min(most, Math.floor(BYTES_IN_A_RANGE / bytes)));
  const [key, more] = keyColumns(plan, 'source');
  const shape = plan.columns.find((column) => column.name === key?.name);
  if (key && !more && shape && /int/.test(shape.source.type) && /int/.test(shape.target.type)) {
    const sql = (table: TableShape) =>
      `SELECT MIN(${key.sql}), MAX(${key.sql}) FROM ${quoteName(table.name.database)}.${quoteName(table.name.name)}`;
    const ends = (await both(source.query(sql(plan.source), signal), target.query(sql(plan.target), signal)))
      .flatMap(([row]) => row ?? [])
      .flatMap((text) => (text == null ? [] : [BigInt(text)]));
    const first = ends.reduce((least, end) => (end < least ? end : least), ends[0] ?? 0n);
    const last = ends.reduce((most, end) => (end > most ? end : most), ends[0] ?? 0n);
    const ranges = Math.max(1, Math.min(MOST_SLICED_RANGES, Math.ceil(rows / inARange(ROWS_IN_A_RANGE.integer))));
    const slice = Math.max(8, Math.ceil(rows / ranges / SLICES));
    return { ...found, by: 'integer', first, last, step: (last - first) / BigInt(ranges) + 1n, slice };
  }
  const apart = Math.max(inARange(ROWS_IN_A_RANGE.bounds), Math.ceil(rows / MOST_RANGES));
  return { ...found, by: 'bounds', bounds: await someKeys(plan, source, indexes.source, apart, signal) };
}

/** About every nth key of the source, ascending, from one walk along its index. */
async function someKeys(
  plan: TablePlan,
  source: Snapshot,
  index: MysqlKey,
  rows: number,
  signal: AbortSignal,
): Promise<readonly string[][]> {
  const keys = keyColumns(plan, 'source');
  const { name } = plan.source;
  // any bounds will do, as long as both sides use the same
  const found = await source.query(
    `SELECT ${keys.map(boundText).join(', ')} FROM ${quoteName(name.database)}.${quoteName(name.name)} FORCE INDEX (${quoteName(index.name)})
      WHERE RAND(1) < ${1 / rows} ORDER BY ${keys.map((key) => key.sql).join(', ')}`,
    signal,
  );
  return found.map((row) => keys.map((key, i) => boundLiteral(key, row[i] ?? '')));
}
