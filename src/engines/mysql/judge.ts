/** From two readings to a verdict: did somebody other than DTS write? Pure; every branch has a test. */
import type { PositionFacts, WrittenObject } from '../../cutover/facts.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import type { DtsFootprint } from '../engine.ts';
import type { LogReading } from './binlog.ts';
import type { TableChanges } from './counters.ts';

/** What happened between two readings of one server that did not restart. */
export interface Evidence {
  /** `off`/`denied`: no binary log to read */
  readonly log: LogReading | { readonly state: 'off' };
  /** per table; null where no counters can be read, or not the same ones as before */
  readonly tables: TableEvidence | null;
  /** by how much each global counter of changed rows grew */
  readonly rowGrowth: readonly bigint[];
  /** these counters see every storage engine */
  readonly everyEngine: boolean;
  /** statements that changed definitions, by the server's counters */
  readonly definitionGrowth: bigint;
  /** tables created, by the server's counter; may have been filled without a trace in counters per table */
  readonly creationGrowth: bigint;
  /** what to grant so that the binary log can be read */
  readonly logGrant: string;
}

export interface TableEvidence extends TableChanges {
  /** the counters see every storage engine, or no user table is kept in one they do not see */
  readonly complete: boolean;
  /** they see tables of other engines than InnoDB, too */
  readonly otherEngines: boolean;
  /** the earlier reading is no longer at hand; only that something differs is known */
  readonly namesLost: boolean;
}

export type Verdict = Pick<PositionFacts, 'foreign' | 'written' | 'why'>;

export function judge(evidence: Evidence, dts: DtsFootprint): Verdict {
  const { log, tables } = evidence;
  const logged = log.state === 'complete' || log.state === 'too much' ? log.writes : null;
  const written = writtenObjects(logged?.written ?? new Map(), tables?.grown ?? new Map(), dts);
  const verdict = (foreign: Verdict['foreign'], why: Sentence): Verdict => ({ foreign, written, why });

  const inLog = written.filter((object) => !object.byDts && logged?.written.has(object.name));
  if (inLog.length > 0) {
    return verdict('written', sentence('The binary log shows writes to {tables}.', { tables: names(inLog) }));
  }
  const foreign = written.filter((object) => !object.byDts);
  if (foreign.length > 0) return verdict('written', whyUnlogged(log.state, names(foreign)));
  const unreadable = whyUnreadable(evidence);
  if (unreadable) return verdict('unknown', unreadable);
  if (evidence.definitionGrowth > BigInt(logged?.definitions ?? 0)) {
    return verdict('unknown', sentence('Definitions were changed, but not in the binary log.'));
  }
  const unexplained = whyUnexplained(evidence, written, dts);
  if (unexplained) return verdict('unknown', unexplained);
  return verdict('none', whyNone(log.state, written));
}

/**
 * null when the log, or in its place the counters of every table, could be read to the end. A log alone proves
 * nothing: sessions can keep their writes out of it, and a log filter does the same to whole schemas.
 */
function whyUnreadable({ log, tables, everyEngine, logGrant: grant }: Evidence): Sentence | null {
  switch (log.state) {
    case 'complete':
      if (log.writes.opaque !== null) {
        return sentence('The binary log holds events that cannot be looked into ({type}).', {
          type: log.writes.opaque,
        });
      }
      if (tables?.complete || everyEngine) return null;
      return sentence(
        'The binary log shows no other write, but one kept out of it would not be seen: switch performance_schema on, and grant SELECT on performance_schema.* and PROCESS to the account.',
      );
    case 'too much':
      return sentence('More was written to the binary log than can be looked through at once.');
    case 'gone':
      return sentence('The binary log since the last reading is gone: purged, reset or replaced.');
    case 'denied':
      if (tables?.complete) return null;
      return sentence('The binary log cannot be read to the end; run as an administrator: {grant}', { grant });
    case 'off':
      if (tables?.complete) return null;
      return sentence('The server keeps no binary log, and no other counter covers every table.');
  }
}

/**
 * null when what was seen accounts for all changed rows. Counters per table that see everything settle it: what they
 * did not count happened in temporary tables. Otherwise DTS may have changed as many rows as its own tables say.
 */
function whyUnexplained(
  { log, rowGrowth, everyEngine, creationGrowth, tables }: Evidence,
  written: readonly WrittenObject[],
  dts: DtsFootprint,
): Sentence | null {
  // at rest these speak for the tables they see; another engine's only for itself
  const allSeen = everyEngine || !tables?.otherEngines;
  if (allSeen && rowGrowth.every((growth) => growth === 0n)) return null;
  // InnoDB renews statistics seconds after a burst of writes, and those of DTS's busy table all the time
  const renewed = tables?.reset.filter((name) => !isOfDts(name, dts)) ?? [];
  if (renewed.length > 0) {
    return sentence('The counters of {tables} began anew, and a write may hide behind that.', {
      tables: listed(renewed),
    });
  }
  const events = written.reduce((sum, object) => sum + BigInt(object.byDts ? (object.count ?? 0) : 0), 0n);
  const rows = [...(tables?.grown ?? [])].reduce((sum, [name, count]) => (isOfDts(name, dts) ? sum + count : sum), 0n);
  const most = rows > events ? rows : events;
  const logged = log.state === 'complete' ? log.writes.definitions : 0;
  const countersSettle = tables?.complete && creationGrowth <= BigInt(logged);
  const explained = countersSettle ? !tables.namesLost : rowGrowth.every((growth) => growth <= most);
  return explained ? null : sentence('Rows were changed, but not in the binary log, and nothing tells where.');
}

function writtenObjects(
  logged: ReadonlyMap<string, number>,
  grown: ReadonlyMap<string, bigint>,
  dts: DtsFootprint,
): readonly WrittenObject[] {
  return [...new Set([...logged.keys(), ...grown.keys()])].map((name) => {
    const rows = grown.get(name);
    return { name, count: logged.get(name) ?? (rows === undefined ? null : Number(rows)), byDts: isOfDts(name, dts) };
  });
}

export function isOfDts(name: string, dts: DtsFootprint): boolean {
  const database = name.split('.', 1)[0] ?? '';
  return dts.databases.includes(database) || dts.objects.some((object) => `${object.database}.${object.name}` === name);
}

function whyUnlogged(log: Evidence['log']['state'], tables: string): Sentence {
  if (log === 'off' || log === 'denied') {
    return sentence('The counters of the server show writes to {tables}.', { tables });
  }
  return sentence(
    'Rows of {tables} were changed without a trace in the binary log: by an open transaction, or with logging switched off.',
    { tables },
  );
}

function whyNone(log: Evidence['log']['state'], written: readonly WrittenObject[]): Sentence {
  if (log === 'off' || log === 'denied') {
    return sentence('The counters of the server show no write but those of DTS.');
  }
  return written.length === 0
    ? sentence('Nothing was written to the binary log.')
    : sentence('The binary log shows writes of DTS only.');
}

function names(objects: readonly WrittenObject[]): string {
  return listed(objects.map((object) => object.name));
}

/** The first three, and how many there are. */
function listed(all: readonly string[]): string {
  const shown = all.slice(0, 3).join(', ');
  return all.length > 3 ? `${shown} … (${all.length})` : shown;
}
