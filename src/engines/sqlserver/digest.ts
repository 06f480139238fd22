/** Comparing data on SQL Server 2012 and later, and Azure SQL Database. */
import type {
  DigestEngine,
  DigestSession,
  PairDigest,
  SchemaObject,
  TablePlan,
  TableShape,
} from '../../comparison/port.ts';
import { both } from '../../comparison/tableRows.ts';
import { ownSession, SnapshotSession } from '../snapshotSession.ts';
import type { Sentence } from '../../util/sentence.ts';
import { agree, agreementOn } from './digest-agreement.ts';
import { blindSpot, describeTables, listSchemas, unseenDatabases } from './digest-catalog.ts';
import type { Agreement } from './digest-encode.ts';
import { byHash, byRange, type Grouping } from './digest-groups.ts';
import { matchColumns } from './digest-match.ts';
import { raiseStatement, readObjects } from './digest-objects.ts';
import { repairDialect } from './digest-repair.ts';
import { Snapshot } from './digest-snapshot.ts';
import { isLead, TableDigest } from './digest-table.ts';
import { quoteName } from './text.ts';

export const sqlserverDigest: DigestEngine = {
  kind: 'sqlserver',
  repair: repairDialect,
  match: matchColumns,
  async openSnapshot(request, { database, workers }, signal) {
    return new SqlServerSession(await Snapshot.open(request, database, workers, signal));
  },
  async pair(plan, source, target, { careful }, signal) {
    const [left, right] = [ours(source), ours(target)];
    const snapshots = { source: left.snapshot, target: right.snapshot };
    const forms = plan.columns.map(({ form }) => form);
    const agreement = agreementOn(forms, await agreed(left, right, signal), careful, snapshots);
    const grouping = await chooseGrouping(plan, left.snapshot, right.snapshot, signal);
    return {
      source: new TableDigest(left.snapshot, plan, 'source', grouping, agreement),
      target: new TableDigest(right.snapshot, plan, 'target', grouping, agreement),
      indexed: grouping.by === 'range',
      smallGroup: SMALL_GROUP,
      method: `64 bits of SHA2_256 per row; ${readAt(left.snapshot, right.snapshot)}`,
    } satisfies PairDigest;
  },
};

/** Splitting a group of this size would read it once more, to move a few kilobytes less. */
const SMALL_GROUP = 1024;

class SqlServerSession extends SnapshotSession<Snapshot> {
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
  schemas(signal: AbortSignal): Promise<readonly string[]> {
    return listSchemas(this.snapshot, signal);
  }
  objects(signal: AbortSignal): Promise<readonly SchemaObject[]> {
    return readObjects(this.snapshot, signal);
  }
  raiseStatement(object: SchemaObject, next: bigint): string {
    return raiseStatement(object, this.snapshot.database, next);
  }
}

const ours = (session: DigestSession) => ownSession(SqlServerSession, session);

/** Found out once for a pair of sessions. */
function agreed(source: SqlServerSession, target: SqlServerSession, signal: AbortSignal): Promise<Agreement> {
  if (!source.agreement) {
    source.agreement = agree(source.snapshot, target.snapshot, signal);
    source.agreement.catch(() => (source.agreement = null));
  }
  return source.agreement;
}

async function chooseGrouping(
  plan: TablePlan,
  source: Snapshot,
  target: Snapshot,
  signal: AbortSignal,
): Promise<Grouping> {
  const rows = Math.max(plan.source.estimatedRows ?? 0, plan.target.estimatedRows ?? 0, 1);
  const lead = leadOf(plan);
  if (lead === null) return byHash(rows);
  const column = quoteName(lead);
  const ends = ({ name }: TableShape) =>
    `SELECT CONVERT(varchar(20), MIN(t.${column})) AS low, CONVERT(varchar(20), MAX(t.${column})) AS high ` +
    `FROM ${quoteName(name.schema ?? 'dbo')}.${quoteName(name.name)} AS t`;
  const found = (await both(source.query(ends(plan.source), signal), target.query(ends(plan.target), signal)))
    .flatMap(([row]) => [row?.['low'], row?.['high']])
    .flatMap((text) => (text == null ? [] : [BigInt(text)]));
  const [some = 0n] = found;
  return byRange(
    {
      first: found.reduce((least, end) => (end < least ? end : least), some),
      last: found.reduce((most, end) => (end > most ? end : most), some),
    },
    rows,
  );
}

/** The first column of the key, where it is a whole number and leads the key's index on both sides. */
function leadOf(plan: TablePlan): string | null {
  const [name] = plan.key;
  const column = plan.columns.find((each) => each.name === name);
  if (name === undefined || !column || !isLead(column.source.type) || !isLead(column.target.type)) return null;
  const wanted = JSON.stringify([...plan.key].sort());
  const leads = ({ keys }: TableShape) =>
    keys.some(({ columns }) => columns[0] === name && JSON.stringify([...columns].sort()) === wanted);
  return leads(plan.source) && leads(plan.target) ? name : null;
}

/** For the record: how consistent each side's view is by itself. */
function readAt(source: Snapshot, target: Snapshot): string {
  const name = ({ isolation }: Snapshot) =>
    ({
      snapshot: 'SNAPSHOT isolation',
      'row versions': 'READ COMMITTED with row versions',
      locks: 'READ COMMITTED with locks',
    })[isolation];
  const [mine, theirs] = [name(source), name(target)];
  const how = mine === theirs ? mine : `${mine} on the source, ${theirs} on the target`;
  return source.isolation === 'snapshot' && target.isolation === 'snapshot'
    ? how
    : `${how}: the write positions before and after decide`;
}
