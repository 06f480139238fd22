/**
 * Two samples of the counters, and what must have happened between them. Pure; every branch has a test.
 *
 * The counters of a table name who was written. The log backs them: what moved it without a table (TRUNCATE, DDL,
 * SELECT INTO, partition switching, memory-optimised tables, counting switched off) is never taken for quiet, unless
 * no transaction committed a write there, which leaves the server's own checkpoints.
 */
import type { PositionFacts, WrittenObject } from '../../cutover/facts.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import type { DtsFootprint } from '../engine.ts';
import { asideWhy, setAside } from '../footprint.ts';
import type { DatabaseSample, Sample } from './positionSample.ts';

/** The part of a sample that travels in the token. Numbers of the server as text. */
export interface Position {
  readonly server: string;
  readonly started: string;
  readonly databases: Readonly<Record<string, DatabasePosition>>;
  /** what no table counter has explained yet; null while all is explained */
  readonly unexplained: Unexplained | null;
}

export interface Unexplained {
  readonly database: string;
  /** epoch milliseconds of this machine */
  readonly since: number;
}

export interface DatabasePosition {
  readonly id: string;
  readonly log: string;
  readonly commits: string | null;
  /** sum over all tables */
  readonly updates: string;
}

/** What moved in one database since the earlier reading. */
export interface DatabaseChanges {
  readonly name: string;
  readonly id: string;
  readonly sample: DatabaseSample;
  readonly logMoved: boolean;
  /** null where they are not counted */
  readonly commits: bigint | null;
  /** a counter went back or vanished without a restart */
  readonly renewed: boolean;
  /** object id → statements; null when the earlier counters are no longer at hand */
  readonly tables: ReadonlyMap<string, bigint> | null;
  /** what the sum over all tables grew by */
  readonly updates: bigint;
}

export interface TableName {
  readonly schema: string;
  readonly name: string;
}
/** `database id.object id` → name; what is missing has none we may see */
export type Names = ReadonlyMap<string, TableName>;

export type Verdict = Pick<PositionFacts, 'foreign' | 'written' | 'why'> & { readonly unexplained: Unexplained | null };

/** So long something may stay unexplained before it counts as unknown. */
export const EXPLAINED_WITHIN_MS = 5_000;

export function positionOf(sample: Sample, unexplained: Unexplained | null): Position {
  const databases = [...sample.databases.values()].map((database): [string, DatabasePosition] => {
    const { id, logBytes, commits } = database;
    const updates = String(totalOf(database));
    return [database.name, { id, log: String(logBytes), commits: commits === null ? null : String(commits), updates }];
  });
  return {
    server: sample.server,
    started: sample.started,
    databases: Object.fromEntries(databases),
    unexplained,
  };
}

function totalOf({ tables }: DatabaseSample): bigint {
  return [...tables.values()].reduce((sum, { total }) => sum + total, 0n);
}

/** Why the two readings cannot be compared; null when they can. */
export function discontinuity(before: Position | null, sample: Sample, dts: DtsFootprint): Sentence | null {
  if (!sample.counting) {
    return sentence('The server publishes no performance counters, so writes cannot be told.');
  }
  const blind = sample.blind.find(({ name }) => !dts.databases.includes(name));
  if (blind) return whyBlind(blind);
  if (!before) return sentence('This is the first reading; there is nothing to compare it with.');
  if (before.server !== sample.server) return sentence('This is another server than at the last reading.');
  if (before.started !== sample.started) return sentence('The server has restarted since the last reading.');
  const own = (name: string) => dts.databases.includes(name);
  const came = [...sample.databases.values()].filter(({ name, id }) => before.databases[name]?.id !== id);
  const went = Object.keys(before.databases).filter((name) => !sample.databases.has(name));
  const changed = [...came.map(({ name }) => name), ...went].find((name) => !own(name));
  return changed === undefined
    ? null
    : sentence('The database {database} came, went or was replaced since the last reading.', { database: changed });
}

function whyBlind({ name, why }: Sample['blind'][number]): Sentence {
  const args = { database: name };
  switch (why) {
    case 'hidden':
      return sentence('The database {database} is hidden from our account: it lacks VIEW ANY DATABASE.', args);
    case 'auto close':
      return sentence('The database {database} drops its counters when nobody uses it: AUTO_CLOSE is on.', args);
    case 'not counted':
      return sentence('The server has no counters of the database {database}.', args);
  }
}

/**
 * @param earlier the same reading in full, where it is still at hand
 */
export function changesBetween(before: Position, earlier: Sample | null, now: Sample): readonly DatabaseChanges[] {
  return [...now.databases.values()].flatMap((sample) => {
    const then = before.databases[sample.name];
    if (!then || then.id !== sample.id) return []; // DTS's own, just made
    const commits = sample.commits === null || then.commits === null ? null : sample.commits - BigInt(then.commits);
    const tablesThen = earlier?.databases.get(sample.name)?.tables ?? null;
    const updates = totalOf(sample) - BigInt(then.updates);
    const wentBack = tablesThen
      ? [...tablesThen].some(([id, { total }]) => (sample.tables.get(id)?.total ?? 0n) < total)
      : updates < 0n;
    return [
      {
        name: sample.name,
        id: sample.id,
        sample,
        logMoved: sample.logBytes !== BigInt(then.log),
        commits,
        renewed: wentBack || sample.logBytes < BigInt(then.log) || (commits !== null && commits < 0n),
        tables: tablesThen && grown(tablesThen, sample),
        updates,
      },
    ];
  });
}

function grown(then: DatabaseSample['tables'], { tables }: DatabaseSample): ReadonlyMap<string, bigint> {
  const found = new Map<string, bigint>();
  for (const [id, { total, statements }] of tables) {
    const before = then.get(id) ?? { total: 0n, statements: 0n };
    // the index touched most may be another than before: then at least one statement
    const growth = statements - before.statements;
    if (total > before.total) found.set(id, growth > 0n ? growth : 1n);
  }
  return found;
}

export function judge(
  changes: readonly DatabaseChanges[],
  names: Names,
  dts: DtsFootprint,
  before: Pick<Position, 'unexplained'>,
  now: number,
): Verdict {
  const accounts = changes.map((database) => accountOf(database, names, dts));
  const written = accounts.flatMap((account) => account.written);
  const foreign = written.filter((object) => !object.byDts);
  if (foreign.length > 0) {
    const why = sentence('The counters of the server show writes to {tables}.', { tables: listOf(foreign) });
    return { foreign: 'written', written, why, unexplained: null };
  }
  const verdict = (kind: Verdict['foreign'], why: Sentence, unexplained: Unexplained | null = null): Verdict => {
    return { foreign: kind, written, why, unexplained };
  };
  const renewed = accounts.find((account) => account.renewed);
  if (renewed) {
    return verdict(
      'unknown',
      sentence(
        'Write counters of {database} began anew: a table was dropped or emptied, an index rebuilt, or the database was closed.',
        { database: renewed.name },
      ),
    );
  }
  const database = accounts.find((account) => account.unexplained)?.name;
  const unexplained = before.unexplained ?? (database === undefined ? null : { database, since: now });
  if (!unexplained) {
    return verdict(
      'none',
      written.length > 0
        ? asideWhy(written, sentence('The counters of the server show no write but those of DTS.'))
        : sentence('No table of any database was written, and no transaction that wrote was committed.'),
    );
  }
  if (now - unexplained.since >= EXPLAINED_WITHIN_MS) {
    return verdict(
      'unknown',
      sentence(
        'Something was written that no table counter explains ({database}): a changed definition, an emptied or switched table, memory-optimised tables, or the server’s own maintenance.',
        { database: unexplained.database },
      ),
    );
  }
  return verdict(
    'pending',
    sentence('The log moved ({database}), and no table counter has told yet what for.', {
      database: unexplained.database,
    }),
    unexplained,
  );
}

interface Account {
  readonly name: string;
  readonly written: readonly WrittenObject[];
  readonly renewed: boolean;
  readonly unexplained: boolean;
}

function accountOf(database: DatabaseChanges, names: Names, dts: DtsFootprint): Account {
  const { name, commits, logMoved, sample } = database;
  const moved = logMoved || (commits ?? 0n) !== 0n || database.updates !== 0n;
  if (dts.databases.includes(name)) {
    const written = moved ? [{ name, count: commits === null ? null : Number(commits), byDts: true }] : [];
    return { name, written, renewed: false, unexplained: false };
  }
  const { written, explained } = tablesOf(database, names, dts);
  const foreign = written.some((object) => !object.byDts);
  const checkpointOnly = commits === 0n && !sample.memoryOptimised;
  // What committed was DTS's: every statement may have been a transaction of its own, none can have been two. Where
  // DTS puts several into one, a TRUNCATE of somebody else between the same two readings would hide among them.
  const dtsOnly = commits !== null && commits <= explained && explained > 0n && !sample.memoryOptimised;
  const unexplained = moved && !foreign && !checkpointOnly && !dtsOnly;
  return { name, written, renewed: database.renewed, unexplained };
}

function tablesOf(
  { name, id, tables, updates, sample }: DatabaseChanges,
  names: Names,
  dts: DtsFootprint,
): { readonly written: readonly WrittenObject[]; readonly explained: bigint } {
  if (tables === null) {
    // the earlier counters of the tables are gone: only the whole database can be named, unless DTS has tables there
    const shared = dts.objects.some((object) => object.database === name);
    const written = updates > 0n && !shared ? [{ name, count: Number(updates), byDts: false }] : [];
    return { written, explained: 0n };
  }
  const written: WrittenObject[] = [];
  let explained = 0n;
  for (const [objectId, statements] of tables) {
    const table = names.get(`${id}.${objectId}`);
    // internal tables (queues, Query Store) and what change data capture repeats
    const housekeeping = table?.schema === 'sys' || (sample.cdc && table?.schema === 'cdc');
    const ofDts =
      table !== undefined &&
      dts.objects.some(
        (object) =>
          object.database === name && object.name === table.name && (object.schema ?? table.schema) === table.schema,
      );
    const aside = table ? setAside(ofDts, { ...table, database: name }, dts) : { byDts: false };
    if (housekeeping || aside.byDts) explained += statements;
    if (housekeeping) continue;
    const spelled = table ? `${name}.${table.schema}.${table.name}` : `${name}, object ${objectId}`;
    written.push({ name: spelled, count: Number(statements), ...aside });
  }
  return { written, explained };
}

/** The first three, and how many more. */
function listOf(objects: readonly WrittenObject[]): string {
  const shown = objects.slice(0, 3).map((object) => object.name);
  return objects.length > 3 ? `${shown.join(', ')} … (${objects.length})` : shown.join(', ');
}
