/**
 * Two samples of the counters, and what must have happened between them. Pure.
 *
 * Books are kept on transaction ids: each one that ended is a debt. Rows counted in objects of the business make it
 * `written`. No count pays a debt by itself: ten rows may be one transaction or ten, and an ANALYZE may take no id at
 * all. A debt is paid when nobody is left who could still keep a count back (see positionHiders.ts): then what the
 * counters show is all there is, and DTS's rows and the server's maintenance may be what took the ids, where there is
 * enough of them. Until then it is `pending`, and `unknown` when that lasts: a row lock takes an id too, but so does
 * a write whose counters were lost.
 */
import type { WrittenObject } from '../../cutover/facts.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import type { DtsFootprint } from '../engine.ts';
import { setAside } from '../footprint.ts';
import { hidersOf, type Hiders } from './positionHiders.ts';
import type { DatabaseRow, DatabaseSample, ServerSample, TableCounters, TableName } from './positionSample.ts';
import { PROVIDER_DATABASES, PROVIDER_TABLES } from './providers.ts';
import { qualified } from './text.ts';

/** A connection that went idle publishes its counters within 10 s. */
export const COUNTERS_LATE_MS = 12_000;

/** What is carried from one reading to the next. */
export interface Books {
  readonly v: 2;
  readonly identity: string;
  readonly timeline: string;
  readonly started: string;
  readonly xid: string;
  readonly lsn: string;
  readonly prepared: Readonly<Record<string, string>>;
  /** ids of transactions that were under way */
  readonly open: readonly string[];
  /** the server's clock at the last sample, epoch milliseconds */
  readonly now: number;
  /** by oid */
  readonly databases: Readonly<Record<string, DatabaseBooks>>;
  /** oldest first; none where every transaction is accounted for */
  readonly debts: readonly Debt[];
  /** how many ids DTS's rows and the maintenance counted since the oldest debt may have taken at most */
  readonly cover: number;
}

export interface Debt {
  /** transactions that ended and that nothing accounts for yet */
  readonly count: number;
  /** they ended between these two moments of the server's clock, epoch milliseconds */
  readonly from: number;
  readonly seen: number;
  /** their ids, apart from those of transactions that were under way before: from, and up to but without */
  readonly firstId: string;
  readonly nextId: string;
  /** ids of DTS's transactions among them, which are paid already */
  readonly dtsIds: readonly string[];
  /** when the oldest was first seen, by our clock */
  readonly since: number;
  /** since when nobody could keep a count back any more, by the server's clock; null while somebody can */
  readonly clearSince: number | null;
  /** sessions that may keep counts back */
  readonly hiders: readonly string[];
}

export interface DatabaseBooks {
  readonly name: string;
  readonly changes: number;
  readonly reset: string;
  /** null where we do not look into the database itself */
  readonly tables: TableCounters | null;
}

export interface Sample {
  readonly at: number;
  /** listed before the counters were read */
  readonly hiders: Hiders;
  readonly server: ServerSample;
  readonly databases: ReadonlyMap<string, DatabaseRow>;
  /** by oid: the databases looked into this time */
  readonly visited: ReadonlyMap<string, DatabaseSample>;
  /** oid of the database we are connected to, whose tables are named without it */
  readonly main: string;
}

export interface Judgement {
  readonly books: Books;
  readonly written: readonly WrittenObject[];
  /** the books could not be continued; then nothing was judged */
  readonly broken: Sentence | null;
}

/** Continues the books, or opens them where there are none to continue. */
export function judge(before: Books | null, sample: Sample, dts: DtsFootprint): Judgement {
  if (before === null) return { books: openBooks(null, sample, NOTHING_OWED), written: [], broken: null };
  const broken = discontinuity(before, sample);
  if (broken) return { books: openBooks(null, sample, NOTHING_OWED), written: [], broken };
  const account: Account = { written: [], cover: 0 };
  for (const [oid, row] of sample.databases) {
    const prefix = oid === sample.main ? null : row.name;
    const inside: Account = { written: [], cover: account.cover };
    compareDatabase(before.databases[oid], row, sample.visited.get(oid), prefix, dts, inside);
    account.written.push(...inside.written.map((object) => ({ ...object, database: row.name })));
    account.cover = inside.cover;
  }
  for (const [oid, { name }] of Object.entries(before.databases)) {
    if (!sample.databases.has(oid)) account.written.push({ name, count: null, byDts: isAside(name, dts) });
  }
  comparePrepared(before, sample, account);
  return {
    books: openBooks(before, sample, settle(before, sample, account.cover)),
    written: account.written,
    broken: null,
  };
}

/** Everything that is owed, as one; null where nothing is. */
export function debtOf({ debts }: Books): Debt | null {
  const [oldest] = debts;
  return oldest ? debts.slice(1).reduce(together, oldest) : null;
}

/** Whether something is unexplained for longer than counters can take. */
export function isLate({ since }: Debt, now: number): boolean {
  return now - since > COUNTERS_LATE_MS;
}

/** Once told, what nobody can explain any more is written off, so that the next reading can be clean. */
export function writeOff(books: Books, now: number): Books {
  const debts = books.debts.filter((debt) => debt.hiders.length > 0 || !isLate(debt, now));
  return { ...books, debts, cover: debts.length === 0 ? 0 : books.cover };
}

const NOTHING_OWED = { debts: [], cover: 0 };
/** Debts kept apart; the oldest of more are taken together. */
const MOST_DEBTS = 24;

interface Account {
  readonly written: WrittenObject[];
  cover: number;
}

/** Up to version 14 counters travel through a process of their own and a file: seen this much later. */
const COUNTERS_TRAVEL_MS = 1_500;

/** What is owed now: what was and is not paid, and the transactions that ended since the last sample. */
function settle(before: Books, sample: Sample, cover: number): Pick<Books, 'debts' | 'cover'> {
  const { at, server } = sample;
  const ended = endedSince(before, server);
  const fresh: Debt = {
    count: ended,
    from: before.now,
    seen: server.now,
    firstId: before.xid,
    nextId: String(server.xid),
    dtsIds: [],
    since: at,
    clearSince: null,
    hiders: [],
  };
  const dtsIds = writersOf(sample);
  let left = before.cover + cover;
  const debts: Debt[] = [];
  for (const each of [...before.debts.map((old) => continued(old, sample)), fresh]) {
    const debt = paidByDts(each, dtsIds);
    left -= each.count - debt.count;
    const paid = isComplete(debt, sample.hiders) ? Math.min(debt.count, Math.max(0, left)) : 0;
    left -= paid;
    if (debt.count > paid) debts.push({ ...debt, count: debt.count - paid });
  }
  if (debts.length === 0) return NOTHING_OWED;
  const [first, second, ...others] = debts;
  const kept = debts.length > MOST_DEBTS && first && second ? [together(first, second), ...others] : debts;
  return { debts: kept, cover: left };
}

/** Rows of DTS's own tables name the transaction that wrote them: so much is certain, however late the counters are. */
function paidByDts(debt: Debt, ids: readonly string[]): Debt {
  const found = ids.filter(
    (id) => BigInt(id) >= BigInt(debt.firstId) && BigInt(id) < BigInt(debt.nextId) && !debt.dtsIds.includes(id),
  );
  return { ...debt, count: Math.max(0, debt.count - found.length), dtsIds: [...debt.dtsIds, ...found] };
}

/** The transactions that wrote DTS's rows, each once, with all their 64 bits. */
function writersOf({ server: { xid }, visited }: Sample): string[] {
  const ids = [...visited.values()].flatMap(({ dtsIds }) => dtsIds);
  return [...new Set(ids)].map((id) => String(xid - ((xid - BigInt(id)) & 0xffffffffn)));
}

function continued(old: Debt, { hiders, server }: Sample): Debt {
  const hiding = hidersOf(hiders, old.from, old.seen);
  return {
    ...old,
    // who is inside a transaction may commit later what took an id long ago
    seen: hiding.some(({ idle }) => !idle) ? server.now : old.seen,
    clearSince: hiding.length > 0 ? null : (old.clearSince ?? hiders.at),
    hiders: hiding.map(({ pid, account }) => `${pid} (${account})`),
  };
}

/** Whether the counters that were read after `hiders` show all that the transactions of a debt wrote. */
function isComplete({ clearSince }: Debt, { publishesAtRest, at }: Hiders): boolean {
  return clearSince !== null && (publishesAtRest || at - clearSince > COUNTERS_TRAVEL_MS);
}

function together(a: Debt, b: Debt): Debt {
  return {
    count: a.count + b.count,
    from: Math.min(a.from, b.from),
    seen: Math.max(a.seen, b.seen),
    firstId: BigInt(a.firstId) < BigInt(b.firstId) ? a.firstId : b.firstId,
    nextId: BigInt(a.nextId) > BigInt(b.nextId) ? a.nextId : b.nextId,
    dtsIds: [...new Set([...a.dtsIds, ...b.dtsIds])],
    since: Math.min(a.since, b.since),
    clearSince: a.clearSince === null || b.clearSince === null ? null : Math.max(a.clearSince, b.clearSince),
    hiders: [...new Set([...a.hiders, ...b.hiders])],
  };
}

/** How many transactions with an id ended between the two samples; parts of one that is under way count as ended. */
function endedSince(before: Books, { xid, open, prepared }: ServerSample): number {
  const still = new Set([...open, ...before.open.filter((id) => isPrepared(id, prepared))]);
  const begun = open.filter((id) => BigInt(id) >= BigInt(before.xid)).length;
  return Number(xid - BigInt(before.xid)) - begun + before.open.filter((id) => !still.has(id)).length;
}

/** `transaction` of a prepared one has 32 bits only. */
function isPrepared(id: string, prepared: ServerSample['prepared']): boolean {
  return Object.values(prepared).includes(String(BigInt(id) & 0xffffffffn));
}

/** One that was prepared took its id long ago: when it is committed nothing else tells until its counters come. */
function comparePrepared(before: Books, { server }: Sample, account: Account): void {
  const { written } = account;
  const appeared = Object.keys(server.prepared).filter((gid) => before.prepared[gid] !== server.prepared[gid]);
  const ended = Object.keys(before.prepared).filter((gid) => before.prepared[gid] !== server.prepared[gid]);
  account.cover += appeared.length;
  const named = written.some(({ byDts }) => !byDts);
  if (!named) {
    for (const gid of ended) written.push({ name: `COMMIT or ROLLBACK PREPARED ${gid}`, count: null, byDts: false });
  }
  for (const gid of appeared) written.push({ name: `PREPARE TRANSACTION ${gid}`, count: null, byDts: false });
}

function discontinuity(before: Books, { server, databases, visited }: Sample): Sentence | null {
  if (before.identity !== server.identity) return sentence('This is another server than at the last reading.');
  if (before.timeline !== server.timeline) return sentence('The server failed over since the last reading.');
  if (before.started !== server.started) return sentence('The server restarted since the last reading.');
  if (server.xid < BigInt(before.xid))
    return sentence('The server’s transaction ids went backwards since the last reading.');
  for (const [oid, row] of databases) {
    const then = before.databases[oid];
    if (!then) continue;
    const reset = sentence('The write counters of {database} were reset since the last reading.', {
      database: row.name,
    });
    if (then.reset !== row.reset || row.changes < then.changes) return reset;
    const now = visited.get(oid);
    if (then.tables && now && ranBack(then.tables, now)) return reset;
  }
  return null;
}

function ranBack(then: TableCounters, now: DatabaseSample): boolean {
  return Object.entries(then.changes).some(
    ([oid, changes]) => now.names.has(oid) && (now.tables.changes[oid] ?? 0) < changes,
  );
}

function compareDatabase(
  then: DatabaseBooks | undefined,
  row: DatabaseRow,
  visit: DatabaseSample | undefined,
  prefix: string | null,
  dts: DtsFootprint,
  account: Account,
): void {
  const dtsOwn = isAside(row.name, dts);
  if (!then) {
    account.written.push({ name: row.name, count: null, byDts: dtsOwn });
    account.cover += row.changes;
    return;
  }
  if (!then.tables || !visit) {
    // looked into before and not now: the database's own counter has not moved
    const count = row.changes - then.changes;
    if (count > 0 && !row.template) account.written.push({ name: row.name, count, byDts: dtsOwn });
    account.cover += Math.max(0, count);
    return;
  }
  account.cover += Math.max(0, visit.tables.analyzes - then.tables.analyzes);
  account.cover += Math.max(0, visit.tables.vacuums - then.tables.vacuums);
  compareTables(then.tables, visit, row.name, prefix, dts, account);
}

function compareTables(
  then: TableCounters,
  { tables, names }: DatabaseSample,
  database: string,
  prefix: string | null,
  dts: DtsFootprint,
  account: Account,
): void {
  const catalogs: WrittenObject[] = [];
  let redefined = false;
  for (const [oid, table] of names) {
    if (isStatistics(table)) continue;
    const count = (tables.changes[oid] ?? 0) - (then.changes[oid] ?? 0);
    const moves = sequenceMoves(then.sequences[oid], tables.sequences[oid]);
    if (count === 0 && !table.redefined && moves === 0) continue;
    account.cover += count + moves + (table.redefined ? 1 : 0);
    const written = {
      name: qualified(table.schema, table.name, prefix),
      count: count > 0 ? count : null,
      ...setAside(isDts(table, database, dts) || isReplicationBook(table), { ...table, database }, dts),
    };
    if (table.schema === 'pg_catalog') catalogs.push(written);
    else {
      redefined ||= table.redefined && !written.byDts;
      account.written.push(written);
    }
  }
  // a new or changed table shows in half a dozen catalogs; they are named when nothing better can be
  if (!redefined) account.written.push(...catalogs);
}

/** How many transaction ids a sequence's way from one value to another takes at least: it logs every 32nd value. */
function sequenceMoves(then: string | undefined, now: string | undefined): number {
  if (now === undefined || now === then) return 0;
  const distance = Number(now) - Number(then);
  return Number.isNaN(distance) ? 1 : 1 + Math.floor(Math.abs(distance) / 32);
}

/** Only ANALYZE and autovacuum write there, and CREATE STATISTICS, which also shows in pg_statistic_ext. */
function isStatistics({ schema, name }: TableName): boolean {
  return schema === 'pg_catalog' && (name === 'pg_statistic' || name === 'pg_statistic_ext_data');
}

/**
 * Where publications, subscriptions and their dependencies are kept: DTS makes them and takes them away, and no row of
 * the business is there. Whoever creates or drops a table or function shows in other catalogs besides.
 */
const REPLICATION_BOOKS: ReadonlySet<string> = new Set([
  'pg_publication',
  'pg_publication_rel',
  'pg_publication_namespace',
  'pg_subscription',
  'pg_subscription_rel',
  'pg_replication_origin',
  'pg_depend',
  'pg_shdepend',
]);

function isReplicationBook({ schema, name }: TableName): boolean {
  return schema === 'pg_catalog' && REPLICATION_BOOKS.has(name);
}

/** A database of DTS's or of the cloud's. */
export function isAside(database: string, dts: DtsFootprint): boolean {
  return dts.databases.includes(database) || PROVIDER_DATABASES.includes(database);
}

function isDts({ schema, name }: TableName, database: string, dts: DtsFootprint): boolean {
  return (
    isAside(database, dts) ||
    PROVIDER_TABLES.some(([ofSchema, named]) => ofSchema === schema && named === name) ||
    dts.objects.some((o) => o.database === database && (o.schema ?? 'public') === schema && o.name === name)
  );
}

function openBooks(
  before: Books | null,
  { server, databases, visited }: Sample,
  owed: Pick<Books, 'debts' | 'cover'>,
): Books {
  return {
    v: 2,
    identity: server.identity,
    timeline: server.timeline,
    started: server.started,
    xid: String(server.xid),
    lsn: server.lsn,
    prepared: server.prepared,
    open: server.open,
    now: server.now,
    databases: Object.fromEntries(
      [...databases].map(([oid, { name, changes, reset }]) => {
        const tables = visited.get(oid)?.tables ?? before?.databases[oid]?.tables ?? null;
        return [oid, { name, changes, reset, tables }];
      }),
    ),
    ...owed,
  };
}
