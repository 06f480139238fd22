/** From two readings to a verdict: did somebody other than DTS write? Pure; every branch has a test. */
import type { ObjectName, PositionFacts, WrittenObject } from '../../cutover/facts.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import type { DtsFootprint } from '../engine.ts';
import { asideWhy, isHeartbeat, setAside } from '../footprint.ts';
import type { LogReading } from './binlog.ts';
import type { CatalogueChanges } from './catalogue.ts';
import { isChange, SETTLED_BY_LIST, OPTIMIZE, RESET, XA_COMMIT, type TableChanges } from './counters.ts';
import { isSystemSchema } from './text.ts';

/** What happened between two readings of one server that did not restart. */
export interface Evidence {
  /** `off`/`denied`: no binary log to read */
  readonly log: LogReading | { readonly state: 'off' };
  /** per table; null where no counters can be read, or not the same ones as before */
  readonly tables: TableEvidence | null;
  /** by how much the global counters of rows written, updated and deleted grew */
  readonly rowGrowth: readonly bigint[];
  /** these counters see every storage engine, and each try to write a row */
  readonly everyEngine: boolean;
  /** user tables in other engines than InnoDB; null where the account may not see all tables */
  readonly others: readonly string[] | null;
  /** of these, tables whose rows this server does not hold */
  readonly elsewhere: readonly string[];
  /** counter of the server → statements of that kind since, where there were any */
  readonly commands: ReadonlyMap<string, bigint>;
  /** null where InnoDB's tables cannot be listed, or were not at the earlier reading */
  readonly catalogue: CatalogueEvidence | null;
  /** a transaction that had changed rows at the earlier reading has ended; null where that cannot be seen */
  readonly ended: boolean | null;
  /** at both readings nobody was between changing a row and having it in the log */
  readonly steady: boolean;
  /** settings that keep writes out of the log, as `name = value` */
  readonly unlogged: readonly string[];
  /** what other nodes of a cluster write is not in the log at all */
  readonly blind: boolean;
  /** what to grant so that the binary log can be read */
  readonly logGrant: string;
  /** what to grant so that open transactions can be seen */
  readonly processGrant: string;
}

export interface TableEvidence extends TableChanges {
  /** `performance_schema` sees tables of every engine and never begins anew; InnoDB's counters do both not */
  readonly source: 'performance_schema' | 'innodb';
  /** the earlier reading is no longer at hand; only that something differs is known */
  readonly namesLost: boolean;
}

export interface CatalogueEvidence extends CatalogueChanges {
  /** it lists tables of every engine */
  readonly complete: boolean;
  /** the earlier list is no longer at hand, and it was another one */
  readonly namesLost: boolean;
}

export type Verdict = Pick<PositionFacts, 'foreign' | 'written' | 'why'>;

export function judge(evidence: Evidence, dts: DtsFootprint): Verdict {
  const { log, tables } = evidence;
  const logged = log.state === 'complete' || log.state === 'too much' ? log.writes : null;
  const found = writtenObjects(logged?.written ?? new Map(), tables?.grown ?? new Map(), dts);
  const remade = remadeTables(evidence).filter((name) => !isOfDts(name, dts));
  const unseen = remade.filter((name) => !found.some((object) => object.name === name));
  const written = [...found, ...unseen.map((name): WrittenObject => ({ name, count: null, byDts: false }))];
  const verdict = (foreign: Verdict['foreign'], why: Sentence): Verdict => ({ foreign, written, why });

  const inLog = found.filter((object) => !object.byDts && logged?.written.has(object.name));
  if (inLog.length > 0) {
    return verdict('written', sentence('The binary log shows writes to {tables}.', { tables: names(inLog) }));
  }
  const foreign = found.filter((object) => !object.byDts);
  if (foreign.length > 0) return verdict('written', whyUnlogged(evidence, names(foreign)));
  if (remade.length > 0) {
    return verdict(
      'written',
      sentence('These tables were made, dropped or emptied without a trace in the binary log: {tables}.', {
        tables: listed(remade),
      }),
    );
  }
  const unknown = whyUnreadable(evidence) ?? whyHidden(evidence) ?? whyUnseen(evidence);
  if (unknown) return verdict('unknown', unknown);
  const rows = unexplainedRows(evidence, dts);
  if (rows) return verdict(...rows);
  return verdict('none', whyNone(log.state, written));
}

/** Tables that are others than before, without a statement of maintenance that would do the same. */
function remadeTables({ catalogue, commands }: Evidence): readonly string[] {
  if (!catalogue) return [];
  return commands.has(OPTIMIZE) ? catalogue.changed : [...catalogue.changed, ...catalogue.rebuilt];
}

/** null when the log, or in its place the counters of every table, could be read to the end. */
function whyUnreadable(evidence: Evidence): Sentence | null {
  const { log, tables, everyEngine, others, logGrant: grant } = evidence;
  if (evidence.commands.has(RESET)) return GONE;
  if (evidence.blind) {
    return sentence('The binary log does not hold what other nodes of the cluster write ({settings}).', {
      settings: evidence.unlogged.join(', '),
    });
  }
  const seesAll = tables?.source === 'performance_schema' || (tables !== null && others?.length === 0);
  switch (log.state) {
    case 'complete':
      return log.writes.opaque === null
        ? null
        : sentence('The binary log holds events that cannot be looked into ({type}).', { type: log.writes.opaque });
    case 'too much':
      return sentence('More was written to the binary log than can be looked through at once.');
    case 'gone':
      return GONE;
    case 'denied':
      if (seesAll) return null;
      return sentence('The binary log cannot be read to the end; run as an administrator: {grant}', { grant });
    case 'off':
      if (seesAll || everyEngine) return null;
      return sentence('The server keeps no binary log, and no other counter covers every table.');
  }
}

const GONE = sentence('The binary log since the last reading is gone: purged, reset or replaced.');

/**
 * A log alone proves nothing: sessions can keep their writes out of it, and a log filter does the same to whole
 * databases. null when some counter would have moved.
 */
function whyHidden({ tables, everyEngine, others, elsewhere }: Evidence): Sentence | null {
  if (elsewhere.length > 0) {
    return sentence('Rows of {tables} are kept on another server, where they can change without this one noticing.', {
      tables: listed(elsewhere),
    });
  }
  if (everyEngine || tables?.source === 'performance_schema' || others?.length === 0) return null;
  if (others) {
    return sentence(
      'Writes to {tables} that are kept out of the binary log would not be seen, because InnoDB does not hold these tables: switch performance_schema on, and grant SELECT on performance_schema.* and PROCESS to the account.',
      { tables: listed(others) },
    );
  }
  return sentence(
    'The binary log shows no other write, but one kept out of it would not be seen: switch performance_schema on, and grant SELECT on performance_schema.* and PROCESS to the account.',
  );
}

/** null when no definition was changed, no transaction ended and nothing came to light that the log does not hold. */
function whyUnseen({ log, commands, catalogue, ended, processGrant: grant }: Evidence): Sentence | null {
  const logged = log.state === 'complete' ? log.writes.commands : new Map<string, number>();
  if (commands.has(XA_COMMIT)) {
    return sentence(
      'A prepared transaction was committed without a trace in the binary log; nothing tells what it wrote.',
    );
  }
  const unlogged = [...commands].filter(([name, count]) => isChange(name) && count > BigInt(logged.get(name) ?? 0));
  const settled = catalogue?.complete && !catalogue.namesLost && catalogue.rebuilt.length === 0;
  const open = settled ? unlogged.filter(([name]) => !SETTLED_BY_LIST.includes(name)) : unlogged;
  if (open.length > 0) {
    return sentence('Definitions were changed, but not in the binary log ({commands}).', {
      commands: listed(open.map(([name]) => name.replace(/^Com_/, '').replaceAll('_', ' ').toUpperCase())),
    });
  }
  if (catalogue?.namesLost) {
    return sentence('Tables were made, dropped or emptied since, and nothing tells which.');
  }
  if (ended === null) {
    return sentence('Transactions that are still open cannot be seen; run as an administrator: {grant}', { grant });
  }
  if (ended) {
    return sentence('A transaction that had changed rows has ended, and the binary log does not tell which tables.');
  }
  return null;
}

/**
 * null when what was seen accounts for all changed rows. Counters per table that see everything settle it: what they
 * did not count happened in temporary tables. InnoDB's begin anew when it renews a table's statistics, so with them
 * each kind of change is explained by at most as many events of DTS's own tables in the log.
 */
function unexplainedRows(
  { log, rowGrowth, everyEngine, tables, steady }: Evidence,
  dts: DtsFootprint,
): readonly ['unknown' | 'pending', Sentence] | null {
  if (tables?.source === 'performance_schema') {
    if (tables.reset.length > 0) {
      const why = sentence('The counters of {tables} began anew, and a write may hide behind that.', {
        tables: listed(tables.reset),
      });
      return ['unknown', why];
    }
    return tables.namesLost ? ['unknown', UNTOLD] : null;
  }
  if (rowGrowth.every((growth) => growth === 0n)) return null;
  if (log.state === 'complete') {
    const explained = eventsOf(log, everyEngine, dts);
    if (rowGrowth.some((growth, i) => growth > (explained[i] ?? 0n))) return ['unknown', UNTOLD];
  } else if (sumOf(rowGrowth) > countedOf(tables, dts)) return ['unknown', UNTOLD];
  // a row of DTS that is in the log and not yet counted, or the other way round, could make up for another's
  return steady ? null : ['pending', sentence('Rows are being changed at this very moment.')];
}

const UNTOLD = sentence(
  'Rows were changed, but not in the binary log, and nothing tells where; temporary tables and accounts do that too. With performance_schema on it can be told.',
);

/** Rows written, updated and deleted that the events of DTS's tables stand for at least. */
function eventsOf(log: Extract<LogReading, { state: 'complete' }>, tries: boolean, dts: DtsFootprint): bigint[] {
  const sum = [0, 0, 0];
  for (const [name, events] of log.writes.rows) {
    // the server's own tables are written by its provider's agents, too
    if (!isOfDts(name, dts) && !isSystemSchema(objectOf(name).database)) continue;
    sum[0] = (sum[0] ?? 0) + events.write + (tries ? events.triedFirst : 0);
    sum[1] = (sum[1] ?? 0) + events.update;
    sum[2] = (sum[2] ?? 0) + events.delete;
  }
  return sum.map(BigInt);
}

/** Without a log only how many rows of DTS's tables changed is known, of any kind. */
function countedOf(tables: TableEvidence | null, dts: DtsFootprint): bigint {
  return sumOf([...(tables?.grown ?? [])].filter(([name]) => isOfDts(name, dts)).map(([, count]) => count));
}

const sumOf = (counts: readonly bigint[]): bigint => counts.reduce((sum, count) => sum + count, 0n);

function writtenObjects(
  logged: ReadonlyMap<string, number>,
  grown: ReadonlyMap<string, bigint>,
  dts: DtsFootprint,
): readonly WrittenObject[] {
  return [...new Set([...logged.keys(), ...grown.keys()])].map((name) => {
    const rows = grown.get(name);
    const count = logged.get(name) ?? (rows === undefined ? null : Number(rows));
    return { name, count, ...setAside(isDtsOwn(name, dts), objectOf(name), dts) };
  });
}

/** DTS's, or set aside by the user's rule: nobody's business either way. */
export function isOfDts(name: string, dts: DtsFootprint): boolean {
  return isDtsOwn(name, dts) || isHeartbeat(objectOf(name), dts);
}

function isDtsOwn(name: string, dts: DtsFootprint): boolean {
  const { database } = objectOf(name);
  return dts.databases.includes(database) || dts.objects.some((object) => `${object.database}.${object.name}` === name);
}

function objectOf(name: string): ObjectName {
  const [database = ''] = name.split('.', 1);
  return { database, schema: null, name: name.slice(database.length + 1) };
}

function whyUnlogged({ log, unlogged }: Evidence, tables: string): Sentence {
  if (unlogged.length > 0) {
    return sentence('Rows of {tables} were changed without a trace in the binary log ({settings}).', {
      tables,
      settings: unlogged.join(', '),
    });
  }
  if (log.state === 'off' || log.state === 'denied') {
    return sentence('The counters of the server show writes to {tables}.', { tables });
  }
  return sentence(
    'Rows of {tables} were changed without a trace in the binary log: by an open transaction, or with logging switched off.',
    { tables },
  );
}

function whyNone(log: Evidence['log']['state'], written: readonly WrittenObject[]): Sentence {
  if (log === 'off' || log === 'denied') {
    return asideWhy(written, sentence('The counters of the server show no write but those of DTS.'));
  }
  return written.length === 0
    ? sentence('Nothing was written to the binary log.')
    : asideWhy(written, sentence('The binary log shows writes of DTS only.'));
}

function names(objects: readonly WrittenObject[]): string {
  return listed(objects.map((object) => object.name));
}

/** The first three, and how many there are. */
function listed(all: readonly string[]): string {
  const shown = all.slice(0, 3).join(', ');
  return all.length > 3 ? `${shown} … (${all.length})` : shown;
}
