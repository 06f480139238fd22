/** Comparing data on PostgreSQL 10 and later. */
import { randomBytes } from 'node:crypto';
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
import { Failure } from '../../util/failure.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import { describeTables, listSchemas, unseenDatabases } from './digest-catalog.ts';
import { matchColumns, probe, type HashLevel, type Hashing } from './digest-hash.ts';
import { raiseStatement, readObjects } from './digest-objects.ts';
import { repairDialect } from './digest-repair.ts';
import { unequalIn } from './digest-single.ts';
import { definitionsAgree } from './digest-agreement.ts';
import { Snapshot } from './digest-snapshot.ts';
import { measure, TableDigest, type Grouping, type Measure } from './digest-table.ts';

export const postgresDigest: DigestEngine = {
  kind: 'postgres',
  closedDatabases: true,
  small: { rows: 10_000, atOnce: 32 },
  repair: repairDialect,
  match: matchColumns,
  definitionsAgree,
  async openSnapshot(request, { database, workers }, signal) {
    return new PostgresSession(await Snapshot.open(request, database, workers, signal), database);
  },
  async pair(plan, sourceSession, targetSession, { careful }, signal) {
    const [left, right] = [ours(sourceSession), ours(targetSession)];
    const integerKey = singleIntegerKey(plan);
    const [hashing, [mine, theirs]] = await both(
      agreed(left, right, careful, signal),
      both(
        measure(left.snapshot, plan.source, integerKey, signal),
        measure(right.snapshot, plan.target, integerKey, signal),
      ),
    );
    const grouping = chooseGrouping(integerKey !== null, mine, theirs, plan.source, plan.target);
    const source = new TableDigest(left.snapshot, plan, 'source', grouping, hashing, mine);
    const target = new TableDigest(right.snapshot, plan, 'target', grouping, hashing, theirs);
    return {
      source,
      target,
      ...(grouping.by === 'key' ? { unequal: unequalIn(source, target) } : {}),
      ...(grouping.by === 'hash' && grouping.whole
        ? {
            async regroup(until: AbortSignal) {
              const [one, other] = await both(source.regrouped(until), target.regrouped(until));
              return { source: one, target: other };
            },
          }
        : {}),
      indexed: grouping.by === 'key',
      smallGroup: SMALL_GROUP,
      small: mine.small && theirs.small,
      method: METHODS[hashing.level],
    } satisfies PairDigest;
  },
};

const METHODS: Readonly<Record<HashLevel, string>> = {
  quick: '64-bit chained typed hashes',
  careful: '64-bit chained text hashes',
  oldest: '64 bits of MD5',
};

class PostgresSession extends SnapshotSession<Snapshot> {
  /** the hash agreed on with another session, per `careful` */
  readonly agreements = new Map<string, Promise<Hashing>>();

  constructor(
    snapshot: Snapshot,
    private readonly database: string,
  ) {
    super(snapshot);
  }

  describe(signal: AbortSignal): Promise<readonly TableShape[]> {
    return describeTables(this.snapshot, this.database, signal);
  }
  /** the catalogs show every table to everybody */
  blindSpot(): Promise<null> {
    return Promise.resolve(null);
  }
  unseenDatabases(signal: AbortSignal): Promise<Sentence | null> {
    return unseenDatabases(this.snapshot, signal);
  }
  schemas(signal: AbortSignal): Promise<readonly string[]> {
    return listSchemas(this.snapshot, signal);
  }
  objects(signal: AbortSignal): Promise<readonly SchemaObject[]> {
    return readObjects(this.snapshot, this.database, signal);
  }
  raiseStatement(object: SchemaObject, next: bigint): string {
    return raiseStatement(object, next);
  }
}

const ours = (session: DigestSession) => ownSession(PostgresSession, session);

/** The quickest hash that both servers compute alike; found out once for a pair of sessions. */
function agreed(
  source: PostgresSession,
  target: PostgresSession,
  careful: boolean,
  signal: AbortSignal,
): Promise<Hashing> {
  const name = careful ? 'careful' : 'quick';
  let agreement = source.agreements.get(name);
  if (!agreement) {
    agreement = agree(source, target, careful, signal);
    source.agreements.set(name, agreement);
    agreement.catch(() => source.agreements.delete(name));
  }
  return agreement;
}

async function agree(
  source: PostgresSession,
  target: PostgresSession,
  careful: boolean,
  signal: AbortSignal,
): Promise<Hashing> {
  const salt = randomBytes(16).toString('hex');
  const oldest = Math.min(source.snapshot.version, target.snapshot.version);
  const levels: HashLevel[] = ['oldest'];
  if (oldest >= 110000) levels.unshift('careful');
  if (oldest >= 140000 && !careful) levels.unshift('quick');
  const encodings = new Set([source.snapshot.encoding, target.snapshot.encoding]);
  const recoded = encodings.size > 1;
  const floatBits = oldest < 120000;
  const plain = recoded || !encodings.has('UTF8');
  const bytes = !recoded && encodings.has('SQL_ASCII');
  for (const level of levels) {
    const hashing = { level, salt, recoded, bytes, floatBits };
    const sql = probe(hashing, plain);
    const [mine, theirs] = await both(source.snapshot.ask(sql, signal), target.snapshot.ask(sql, signal));
    if (mine[0]?.[0] != null && mine[0][0] === theirs[0]?.[0]) return hashing;
  }
  throw new Failure(
    'unsupported',
    sentence('{source} and {target} do not compute the same hash of the same values.', {
      source: source.endpoint,
      target: target.endpoint,
    }),
  );
}

function singleIntegerKey(plan: TablePlan): string | null {
  const [name, more] = plan.key;
  const column = plan.columns.find((each) => each.name === name);
  const integer = column?.form === 'int4' || column?.form === 'int8';
  return name !== undefined && more === undefined && integer ? name : null;
}

/** Splitting a group of this size would read it once more, to move a few kilobytes less. */
const SMALL_GROUP = 8192;
const ROWS_IN_A_GROUP = 128;
/** Buckets are met at random: few of them stay in the processor's cache. */
const ROWS_IN_A_BUCKET = 256;
/** 64 MB are hashed in about a tenth of a second. */
const PAGES_READ_AGAIN = 8192;
const MOST_GROUPS = 65_536;
/** Each piece of the scan meets all of them: one answer is read here in about 10 ms. */
const MOST_BUCKETS = 16_384;

/** Few enough groups to hold in memory at any table size, small enough to leave little to look at. */
function chooseGrouping(
  byKey: boolean,
  mine: Measure,
  theirs: Measure,
  source: TableShape,
  target: TableShape,
): Grouping {
  const pages = Math.max(mine.pages, theirs.pages);
  const rows = Math.max(source.estimatedRows ?? 0, target.estimatedRows ?? 0, pages);
  const groups = Math.min(MOST_GROUPS, Math.max(2, Math.ceil(rows / ROWS_IN_A_GROUP)));
  if (!byKey)
    return {
      by: 'hash',
      mask: 2 ** Math.ceil(Math.log2(Math.max(16, Math.min(MOST_BUCKETS, rows / ROWS_IN_A_BUCKET)))) - 1,
      whole: pages <= PAGES_READ_AGAIN,
    };
  const ends = [mine.span, theirs.span].flatMap((span) => span ?? []);
  const low = ends.reduce((least, end) => (end < least ? end : least), ends[0] ?? 0n);
  const high = ends.reduce((most, end) => (end > most ? end : most), ends[0] ?? 0n);
  // two groups at least: a shift keeps negative numbers negative, so that these never get into one with the others
  let shift = 4;
  while ((high >> BigInt(shift)) - (low >> BigInt(shift)) >= BigInt(groups)) shift++;
  return { by: 'key', shift };
}
