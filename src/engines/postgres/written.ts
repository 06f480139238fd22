/**
 * Which tables were written since a position: by the counters, files, columns and types of every table, at a moment up
 * to which every session has published what it counted.
 */
import * as z from 'zod/mini';
import type { ProofPosition, WriteWatch, WrittenSince, WrittenThing } from '../../comparison/proofPort.ts';
import { isFailure } from '../../util/failure.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import { readToken } from '../positionToken.ts';
import type { Connections } from './connections.ts';
import { readServerSample, type ServerSample } from './positionSample.ts';
import { readMoment, untilPublished, type Moment } from './writtenHiders.ts';
import { changesIn, dependenciesIn, foreignIn } from './writtenJudge.ts';
import { readMarks, type DatabaseMarks } from './writtenSample.ts';

/** What a position keeps. */
interface Position {
  readonly v: 1;
  readonly life: {
    readonly identity: string;
    readonly timeline: string;
    readonly started: string;
    readonly crash: string;
  };
  /** next transaction id, and whether any transaction that had taken one was under way */
  readonly xid: string;
  readonly busy: boolean;
  readonly lsn: string;
  /** up to when everything is known */
  readonly moment: Moment;
  readonly databases: Readonly<Record<string, DatabaseMarks>>;
}

/** Accounts named in a sentence. */
const MOST_NAMED = 5;

export function writeWatch(connections: Connections): WriteWatch {
  return {
    grain: 'table',
    async takeProofPosition(databases, signal) {
      // these first: whatever is counted later than they say is only a false alarm
      const server = await readServer(connections, signal);
      const moment = await readMoment(connections, signal);
      const position = await positionAt(connections, server, moment, databases, signal);
      return proofPosition(position, whyBlind(server));
    },
    writtenSince: (token, databases, signal) => writtenSince(connections, token, databases, signal),
  };
}

async function writtenSince(
  connections: Connections,
  token: string,
  databases: readonly string[],
  signal: AbortSignal,
): Promise<WrittenSince> {
  const then: Position | null = readToken(positionSchema, token);
  const server = await readServer(connections, signal);
  // no transaction took an id since: nothing can have been written, whoever rests or runs
  const untouched = then !== null && !then.busy && !isBusy(server) && then.xid === String(server.xid);
  const { moment, left } =
    then === null || untouched
      ? { moment: await readMoment(connections, signal), left: [] }
      : await untilPublished(connections, then.moment, signal);
  const all = [...new Set([...Object.keys(then?.databases ?? {}), ...databases])];
  const now = await positionAt(connections, server, moment, all, signal);
  const blind = whyBlind(server);
  const lost = then === null ? sentence('The earlier position cannot be read.') : (blind ?? discontinuity(then, now));
  if (then === null || lost) {
    return { ...NOTHING, state: 'lost', why: lost ?? NOTHING.why, position: proofPosition(now, blind) };
  }
  const written: WrittenThing[] = [];
  for (const [name, before] of Object.entries(then.databases)) {
    const after = now.databases[name];
    written.push(...(after ? changesIn(name, before, after) : [{ kind: 'database', database: name } as const]));
  }
  const marks = [...Object.entries(then.databases), ...Object.entries(now.databases)];
  const dependencies = marks.flatMap(([name, of]) => dependenciesIn(name, of));
  if (left.length === 0) return { ...NOTHING, written, dependencies, position: proofPosition(now, blind) };
  // what is kept back was committed after the earlier moment: the next answer has to wait for it too
  const kept = { ...now, moment: then.moment, xid: then.xid, busy: then.busy };
  const names = [...left.slice(0, MOST_NAMED), ...(left.length > MOST_NAMED ? ['…'] : [])].join(', ');
  const why = sentence('What was written may still be kept back by these sessions, until they rest or end: {names}', {
    names,
  });
  return { ...NOTHING, state: 'late', why, written, dependencies, position: proofPosition(kept, blind) };
}

const NOTHING = {
  state: 'known',
  grain: 'table',
  written: [],
  dependencies: [],
  why: sentence('The server counts what is written by table.'),
} as const;

type Server = ServerSample & { readonly crash: string };

/** Counters that no table has are begun anew with those of all tables, when the server recovers from a crash. */
async function readServer(connections: Connections, signal: AbortSignal): Promise<Server> {
  const sample = await connections.use(signal, readServerSample);
  const [row] = await connections.use(signal, (backend, either) =>
    backend.rows(`SELECT pg_stat_get_bgwriter_stat_reset_time()::text AS crash`, [], either),
  );
  return { ...sample, crash: row?.['crash'] ?? '' };
}

const isBusy = ({ open, prepared }: ServerSample) => open.length > 0 || Object.keys(prepared).length > 0;

async function positionAt(
  connections: Connections,
  server: Server,
  moment: Moment,
  databases: readonly string[],
  signal: AbortSignal,
): Promise<Position> {
  const marks: Record<string, DatabaseMarks> = {};
  for (const name of databases) {
    try {
      marks[name] = await connections.use(signal, readMarks, name);
    } catch (error) {
      // dropped since: everything in it counts as written
      if (!isFailure(error) || error.reason !== 'database-missing' || name === connections.where.database) throw error;
    }
  }
  const { identity, timeline, started, crash } = server;
  return {
    v: 1,
    life: { identity, timeline, started, crash },
    xid: String(server.xid),
    busy: isBusy(server),
    lsn: server.lsn,
    moment,
    databases: marks,
  };
}

function proofPosition(position: Position, unsure: Sentence | null): ProofPosition {
  const why = sentence(
    'It is a foreign table, or has one among its partitions: nobody here can tell what is written to it.',
  );
  const foreign = Object.entries(position.databases).flatMap(([name, marks]) => foreignIn(name, marks));
  return {
    token: JSON.stringify(position),
    display: position.lsn,
    unsure,
    never: foreign.map((table) => ({ table, why })),
  };
}

function whyBlind({ recovery, counting, uncounted }: ServerSample): Sentence | null {
  if (recovery) {
    return sentence(
      'This server is a standby: it counts nothing of what it repeats, so that nothing can be proven on it.',
    );
  }
  if (!counting) return sentence('The server does not count what is written (track_counts is off).');
  if (uncounted.length === 0) return null;
  return sentence('What {names} writes is counted nowhere: track_counts is switched off for this role or database.', {
    names: uncounted.join(', '),
  });
}

function discontinuity(then: Position, now: Position): Sentence | null {
  if (then.life.identity !== now.life.identity) return sentence('This is another server than at the last reading.');
  if (then.life.timeline !== now.life.timeline || then.life.started !== now.life.started) {
    return sentence('The server has restarted since the last reading.');
  }
  if (then.life.crash !== now.life.crash) {
    return sentence('The server’s counters began anew since the last reading: it crashed, or they were reset.');
  }
  for (const [name, before] of Object.entries(then.databases)) {
    const after = now.databases[name];
    if (after?.oid === before.oid && after.reset !== before.reset) {
      return sentence('The counters of the database {name} were reset since the last reading.', { name });
    }
    if (after && after.oid !== before.oid)
      return sentence('{name} is another database than at the last reading.', { name });
  }
  return null;
}

const id = z.string();
const table = z.object({
  schema: z.string(),
  name: z.string(),
  kind: z.string(),
  changes: z.string(),
  file: z.string(),
  columns: z.string(),
  parents: z.array(id),
  partition: z.boolean(),
  types: z.array(id),
});
const type = z.object({ schema: z.string(), name: z.string(), digest: z.string(), types: z.array(id) });
const positionSchema = z.object({
  v: z.literal(1),
  life: z.object({ identity: z.string(), timeline: z.string(), started: z.string(), crash: z.string() }),
  xid: id,
  busy: z.boolean(),
  lsn: z.string(),
  moment: z.object({ at: z.number(), transactions: z.record(z.string(), z.string()) }),
  databases: z.record(
    z.string(),
    z.object({ oid: id, reset: z.string(), tables: z.record(id, table), types: z.record(id, type) }),
  ),
});
