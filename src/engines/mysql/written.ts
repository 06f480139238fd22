/**
 * Which tables were written since a position: by the binary log, and beside it by what shows also writes that are kept out
 * of the log: InnoDB's time of the last commit and its number of each table, and the counters of the performance schema.
 */
import * as z from 'zod/mini';
import type { ProofPosition, WriteWatch, WrittenSince } from '../../comparison/proofPort.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import { pause } from '../../util/wait.ts';
import { readToken } from '../positionToken.ts';
import { readEvents, readLogState, type LogPosition, type LogState } from './binlog.ts';
import type { Link } from './link.ts';
import { isSameStart } from './server.ts';
import { LoggedWrites, type Prepared } from './writtenEvents.ts';
import { changesBetween, dependenciesBetween } from './writtenJudge.ts';
import { readMarks, readOpen, type Blindness, type ServerMarks, type ServerSample } from './writtenSample.ts';

/** What a position keeps. */
interface Position {
  readonly v: 1;
  readonly log: LogPosition | null;
  /** XA transactions that were prepared before it */
  readonly prepared: Prepared;
  readonly marks: ServerMarks;
}

const LIMITS = { most: 2_000_000, page: 2_000 };
/** As far back as the tables of prepared XA transactions are looked for. */
const LOOK_BACK = { most: 100_000, page: 2_000 };
/** A transaction that is being committed is shown within this time, or something holds it up. */
const COMMIT_MS = 5_000;

export function writeWatch(link: Link): WriteWatch {
  return {
    grain: 'table',
    async takeProofPosition(_databases, signal) {
      const log = await readLogState(link, signal);
      const prepared = await preparedBefore(link, log, signal);
      return position(link, log, prepared, signal);
    },
    writtenSince: (token, _databases, signal) => writtenSince(link, token, signal),
  };
}

async function writtenSince(link: Link, token: string, signal: AbortSignal): Promise<WrittenSince> {
  const then: Position | null = readToken(positionSchema, token);
  const log = await readLogState(link, signal);
  const writes = new LoggedWrites(then?.prepared ?? {});
  const read = then?.log && isReadable(log) ? await readEvents(link, then.log, log, writes, LIMITS, signal) : 'gone';
  const now = await position(link, log, writes.prepared, signal);
  const { marks } = now;
  const answer = { grain: 'table', written: [], dependencies: [], why: KNOWN, position: now } as const;
  const lost = then ? (whyLost(then.marks, marks) ?? now.blind ?? whyUnread(read)) : UNREADABLE;
  if (!then || lost) return { ...answer, state: 'lost', why: lost ?? UNREADABLE };
  return {
    ...answer,
    state: 'known',
    ...(writes.anywhere === null ? {} : { grain: 'server', why: whyAnywhere(writes.anywhere) }),
    written: changesBetween(then.marks, marks, writes),
    dependencies: dependenciesBetween(then.marks, marks, writes),
  };
}

const KNOWN = sentence('The binary log names the tables that are written, and their counters and times agree with it.');
const UNREADABLE = sentence('The earlier position cannot be read.');

const isReadable = (log: LogState): log is LogPosition => typeof log === 'object';

function whyLost(then: ServerMarks, now: ServerMarks): Sentence | null {
  if (then.identity !== now.identity) return sentence('This is another server than at the last reading.');
  if (!isSameStart(then.startedAt, now.startedAt)) return sentence('The server has restarted since the last reading.');
  if (then.resets !== now.resets) return sentence('The binary log may have been reset since the last reading.');
  return null;
}

function whyUnread(read: Awaited<ReturnType<typeof readEvents>>): Sentence | null {
  switch (read) {
    case 'complete':
      return null;
    case 'too much':
      return sentence('More was written to the binary log than can be looked through at once.');
    case 'denied':
      return sentence('The account may not read the events of the binary log (REPLICATION SLAVE is missing).');
    case 'gone':
      return sentence('The binary log since the last reading is gone: purged, reset or replaced.');
  }
}

const whyAnywhere = (what: string) =>
  sentence('The binary log holds something that does not name all the tables it changes: {what}', { what });

type Taken = ProofPosition & { readonly marks: ServerMarks; readonly blind: Sentence | null };

/** @param log read before: whatever was committed earlier stands before it there */
async function position(link: Link, log: LogState, prepared: Prepared, signal: AbortSignal): Promise<Taken> {
  const holding = await untilShown(link, signal);
  const sample = await afterTheSecond(link, signal);
  const { marks, blind } = sample;
  const kept: Position = { v: 1, log: isReadable(log) ? log : null, prepared, marks };
  const why = whyBlind(log, blind);
  return {
    token: JSON.stringify(kept),
    display: isReadable(log) ? (log.gtid === '' ? `${log.file}:${log.pos}` : `${log.file}:${log.pos} ${log.gtid}`) : '',
    unsure: why ?? holding.committing ?? (blind.forgetful ? holding.open : null),
    never: neverProven(marks, blind),
    marks,
    blind: why,
  };
}

function whyBlind(log: LogState, { missing, unloggedReplica, forgetful, counted }: Blindness): Sentence | null {
  if (missing)
    return sentence('The account may not read InnoDB’s tables and transactions ({right} is missing).', {
      right: missing,
    });
  if (log === 'off') return sentence('The server keeps no binary log: it cannot be told which tables were written.');
  if (log === 'denied')
    return sentence('The account may not read the position of the binary log (REPLICATION CLIENT is missing).');
  if (unloggedReplica) {
    return sentence('This server repeats what another one writes and does not log it (log_replica_updates is off).');
  }
  if (forgetful && !counted) {
    return sentence(
      'A write kept out of the binary log would not be seen: switch performance_schema on, or set table_definition_cache to more than the number of tables.',
    );
  }
  return null;
}

/** What is written to other tables while logging is off shows nowhere. */
function neverProven({ tables, schemas }: ServerMarks, { counted }: Blindness): ProofPosition['never'] {
  return Object.entries(tables).flatMap(([name, { engine }]) => {
    if (/^innodb$/i.test(engine) || /^myisam$/i.test(engine) || (counted && /^aria$/i.test(engine))) return [];
    const why = sentence('Its storage engine ({engine}) does not tell what is written to it.', { engine });
    return schemas
      .filter((schema) => name.startsWith(`${schema}.`))
      .map((database) => ({ table: { database, schema: null, name: name.slice(database.length + 1) }, why }));
  });
}

/** Times are whole seconds: a table written in this very second is looked at again in the next, so that it is not named twice. */
async function afterTheSecond(link: Link, signal: AbortSignal): Promise<ServerSample> {
  const sample = await readMarks(link, signal);
  const { at, tables } = sample.marks;
  if (!Object.values(tables).some(({ updated }) => updated !== '' && Number(updated) >= at)) return sample;
  await pause(1_000, signal);
  return readMarks(link, signal);
}

interface Holding {
  readonly committing: Sentence | null;
  readonly open: Sentence | null;
}

/** What stands in the log may not be shown to others yet: waits until it is, some seconds at most. */
async function untilShown(link: Link, signal: AbortSignal): Promise<Holding> {
  const first = (await readOpen(link, signal)) ?? [];
  const began = Date.now();
  let waiting = first.filter(({ committing }) => committing);
  while (waiting.length > 0 && Date.now() - began < COMMIT_MS) {
    const now = new Map(((await readOpen(link, signal)) ?? []).map((transaction) => [transaction.id, transaction]));
    waiting = waiting.filter(({ id }) => now.get(id)?.committing);
  }
  const [late] = waiting;
  const [oldest] = [...first].sort((a, b) => b.seconds - a.seconds);
  return {
    committing: late
      ? sentence('The session {session} is about to commit and does not come to its end.', { session: late.session })
      : null,
    open: oldest
      ? sentence(
          'The transaction of session {session} is open for {seconds} s and has changed rows: what it wrote without logging would not be seen.',
          {
            session: oldest.session,
            seconds: oldest.seconds,
          },
        )
      : null,
  };
}

/** XA transactions that wait for their end: the tables they wrote stand in the log, before the position. */
async function preparedBefore(link: Link, log: LogState, signal: AbortSignal): Promise<Prepared> {
  if (!isReadable(log)) return {};
  const waiting = await link.query('XA RECOVER', signal).catch(() => null);
  if (waiting?.rows.length === 0) return {};
  const writes = new LoggedWrites({});
  await readEvents(link, { file: log.file, pos: '4', gtid: '' }, log, writes, LOOK_BACK, signal);
  return writes.prepared;
}

const mark = z.object({
  engine: z.string(),
  updated: z.string(),
  ids: z.string(),
  columns: z.string(),
  changes: z.nullable(z.string().check(z.regex(/^\d+$/))),
});
const pair = z.tuple([z.string(), z.string()]);
const positionSchema = z.object({
  v: z.literal(1),
  log: z.nullable(z.object({ file: z.string(), pos: z.string().check(z.regex(/^\d+$/)), gtid: z.string() })),
  prepared: z.record(z.string(), z.array(z.string())),
  marks: z.object({
    identity: z.string(),
    startedAt: z.number(),
    at: z.number(),
    resets: z.string(),
    definitions: z.string().check(z.regex(/^\d+$/)),
    schemas: z.array(z.string()),
    tables: z.record(z.string(), mark),
    cascades: z.array(pair),
  }),
});
