/**
 * Two samples of the counters, and what must have happened between them. Pure.
 *
 * Books are kept on transaction ids: each one taken is a debt until a counter explains it. Changed rows of DTS's own
 * objects explain one each, as does each ANALYZE; rows of other objects make it `written`. What nobody explains is
 * `pending` while its counters may still be on their way, and `unknown` after that: a rolled-back transaction or a
 * row lock takes an id too, but so does a write whose counters were lost.
 */
import type { WrittenObject } from '../../cutover/facts.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import type { DtsFootprint } from '../engine.ts';
import type { DatabaseRow, DatabaseSample, ServerSample, TableCounters, TableName } from './positionSample.ts';
import { qualified } from './text.ts';

/** A connection that went idle publishes its counters within 10 s. */
export const COUNTERS_LATE_MS = 12_000;

/** What is carried from one reading to the next. */
export interface Books {
  readonly v: 1;
  readonly identity: string;
  readonly timeline: string;
  readonly started: string;
  readonly xid: string;
  readonly lsn: string;
  readonly prepared: Readonly<Record<string, string>>;
  /** by oid */
  readonly databases: Readonly<Record<string, DatabaseBooks>>;
  /** transaction ids not explained yet, oldest first: [how many, seen when (epoch ms)] */
  readonly debt: readonly (readonly [number, number])[];
  /** vacuums seen since the oldest debt: each may have taken one id */
  readonly vacuums: number;
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
  if (before === null) return { books: openBooks(null, sample, [], 0), written: [], broken: null };
  const broken = discontinuity(before, sample);
  if (broken) return { books: openBooks(null, sample, [], 0), written: [], broken };
  const account: Account = { written: [], explained: 0, vacuums: 0 };
  for (const [oid, row] of sample.databases) {
    const prefix = oid === sample.main ? null : row.name;
    compareDatabase(before.databases[oid], row, sample.visited.get(oid), prefix, dts, account);
  }
  for (const [oid, { name }] of Object.entries(before.databases)) {
    if (!sample.databases.has(oid)) account.written.push({ name, count: null, byDts: dts.databases.includes(name) });
  }
  for (const gid of Object.keys(sample.server.prepared)) {
    if (before.prepared[gid] === sample.server.prepared[gid]) continue;
    account.written.push({ name: `PREPARE TRANSACTION ${gid}`, count: null, byDts: false });
  }
  const consumed = Number(sample.server.xid - BigInt(before.xid));
  const debt = settle([...before.debt, [consumed, sample.at]], account.explained);
  const vacuums = debt.length === 0 ? 0 : before.vacuums + account.vacuums;
  return { books: openBooks(before, sample, debt, vacuums), written: account.written, broken: null };
}

/** Whether something is unexplained, and for longer than counters can take. */
export function debtOf(
  books: Books,
  now: number,
): { readonly count: number; readonly since: number; late: boolean } | null {
  const oldest = books.debt[0];
  if (!oldest) return null;
  const count = books.debt.reduce((sum, [n]) => sum + n, 0);
  return { count, since: oldest[1], late: now - oldest[1] > COUNTERS_LATE_MS };
}

/** Once told, a debt that will never be explained is written off, so that the next reading can be clean. */
export function writeOff(books: Books): Books {
  return { ...books, debt: [], vacuums: 0 };
}

interface Account {
  readonly written: WrittenObject[];
  explained: number;
  vacuums: number;
}

/** Pays the oldest first. There is no credit: counters never run ahead of the ids they belong to. */
function settle(debt: readonly (readonly [number, number])[], explained: number): (readonly [number, number])[] {
  let left = explained;
  const rest: (readonly [number, number])[] = [];
  for (const [count, at] of debt) {
    const paid = Math.min(left, count);
    left -= paid;
    if (count > paid) rest.push([count - paid, at]);
  }
  return rest;
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
  const dtsOwn = dts.databases.includes(row.name);
  if (!then) {
    account.written.push({ name: row.name, count: null, byDts: dtsOwn });
    account.explained += row.changes;
    return;
  }
  if (!then.tables || !visit) {
    // looked into before and not now: the database's own counter has not moved
    const count = row.changes - then.changes;
    if (count > 0 && !row.template) account.written.push({ name: row.name, count, byDts: dtsOwn });
    account.explained += Math.max(0, count);
    return;
  }
  account.explained += Math.max(0, visit.tables.analyzes - then.tables.analyzes);
  account.vacuums += Math.max(0, visit.tables.vacuums - then.tables.vacuums);
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
    account.explained += count + moves;
    const written = {
      name: qualified(table.schema, table.name, prefix),
      count: count > 0 ? count : null,
      byDts: isDts(table, database, dts) || isReplicationBook(table),
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

function isDts({ schema, name }: TableName, database: string, dts: DtsFootprint): boolean {
  return (
    dts.databases.includes(database) ||
    dts.objects.some((o) => o.database === database && (o.schema ?? 'public') === schema && o.name === name)
  );
}

function openBooks(
  before: Books | null,
  { server, databases, visited }: Sample,
  debt: Books['debt'],
  vacuums: number,
): Books {
  return {
    v: 1,
    identity: server.identity,
    timeline: server.timeline,
    started: server.started,
    xid: String(server.xid),
    lsn: server.lsn,
    prepared: server.prepared,
    databases: Object.fromEntries(
      [...databases].map(([oid, { name, changes, reset }]) => {
        const tables = visited.get(oid)?.tables ?? before?.databases[oid]?.tables ?? null;
        return [oid, { name, changes, reset, tables }];
      }),
    ),
    debt,
    vacuums,
  };
}
