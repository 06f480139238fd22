/** One reading of the write position: samples, judged against the books the caller hands back, and put in words. */
import * as z from 'zod/mini';
import type { PositionFacts, WrittenObject } from '../../cutover/facts.ts';
import { isFailure } from '../../util/failure.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import { pause } from '../../util/wait.ts';
import type { DtsFootprint } from '../engine.ts';
import { asideWhy } from '../footprint.ts';
import type { Backend } from './backend.ts';
import type { Connections } from './connections.ts';
import { readHiders } from './positionHiders.ts';
import {
  debtOf,
  isAside,
  isLate,
  judge,
  writeOff,
  type Books,
  type Debt,
  type Judgement,
  type Sample,
} from './positionJudge.ts';
import {
  readDatabases,
  readServerSample,
  readTables,
  readWriters,
  type DatabaseRow,
  type DatabaseSample,
} from './positionSample.ts';

/** A busy heartbeat publishes its counters once a second: looked at again this often while the
 * oldest debt is this young, the books mostly balance. */
const LOOK_AGAIN_MS = 250;
const SETTLE_MS = 2_500;
/** Databases looked into by table; further ones are judged as a whole. */
const MOST_DATABASES = 16;
/** Objects named in the sentence; all of them are in the list beside it. */
const MOST_NAMED = 8;

export async function readWritePosition(
  connections: Connections,
  token: string | null,
  dts: DtsFootprint,
  signal: AbortSignal,
): Promise<PositionFacts> {
  const earlier = token === null ? null : parseBooks(token);
  let books = earlier;
  const written = new Map<string, WrittenObject>();
  const began = Date.now();
  for (;;) {
    const sample = await takeSample(connections, books, dts, signal);
    const judged = judge(books, sample, dts);
    for (const object of judged.written) add(written, object);
    const found = [...written.values()];
    const verdict = decide(earlier, sample, judged, found);
    const since = debtOf(judged.books)?.since ?? sample.at;
    // old debts may be paid while new ones are made, as by an apply worker: the wait as a whole is limited too
    if (verdict.foreign !== 'pending' || sample.at - Math.min(since, began) > SETTLE_MS)
      return facts(earlier, sample, judged.books, found, verdict);
    books = judged.books;
    await pause(LOOK_AGAIN_MS, signal);
  }
}

interface Verdict {
  readonly foreign: PositionFacts['foreign'];
  readonly why: Sentence;
}

function decide(earlier: Books | null, { at, server }: Sample, judged: Judgement, written: WrittenObject[]): Verdict {
  if (server.recovery) {
    return unknown(
      sentence('This server is a standby: it repeats what its primary writes. Watch the primary instead.'),
    );
  }
  if (!server.counting) return unknown(sentence('The server does not count what is written (track_counts is off).'));
  if (earlier === null) return unknown(sentence('This is the first reading; there is nothing to compare it with.'));
  if (judged.broken) return unknown(judged.broken);
  const foreign = written.filter((object) => !object.byDts);
  if (foreign.length > 0) {
    const objects = foreign.slice(0, MOST_NAMED).map((object) => object.name);
    if (foreign.length > MOST_NAMED) objects.push(`… (+${foreign.length - MOST_NAMED})`);
    return {
      foreign: 'written',
      why: sentence('Written since the last reading: {objects}', { objects: objects.join(', ') }),
    };
  }
  if (server.uncounted.length > 0) {
    return unknown(
      sentence('What {names} writes is counted nowhere: track_counts is switched off for this role or database.', {
        names: server.uncounted.join(', '),
      }),
    );
  }
  const debt = debtOf(judged.books);
  if (debt) return owed(debt, at);
  if (server.open.length > 0) {
    return {
      foreign: 'pending',
      why: sentence('{count} transactions that may have written are still open.', { count: server.open.length }),
    };
  }
  return {
    foreign: 'none',
    why:
      written.length > 0
        ? asideWhy(written, sentence('Only DTS’s own objects were written.'))
        : sentence(
            'Nothing was written: no transaction id was used that the server’s own maintenance does not explain.',
          ),
  };
}

function owed(debt: Debt, at: number): Verdict {
  const args = { count: debt.count, since: new Date(debt.since).toISOString() };
  if (!isLate(debt, at)) {
    return {
      foreign: 'pending',
      why: sentence('{count} transactions since {since}; the server has not published yet what they wrote.', args),
    };
  }
  if (debt.hiders.length > 0) {
    return unknown(
      sentence(
        '{count} transactions since {since}; what they wrote may still be kept back by these sessions, until they rest or end: {sessions}',
        { ...args, sessions: debt.hiders.slice(0, MOST_NAMED).join(', ') },
      ),
    );
  }
  return unknown(
    sentence(
      '{count} transactions that no counter explains, since {since}: rolled back, still open, or only locking rows; or a write whose counters were lost.',
      args,
    ),
  );
}

function unknown(why: Sentence): Verdict {
  return { foreign: 'unknown', why };
}

function facts(
  earlier: Books | null,
  { at, server }: Sample,
  books: Books,
  written: readonly WrittenObject[],
  { foreign, why }: Verdict,
): PositionFacts {
  // what stays in debt at `unknown` has been told; what a write leaves behind may be counters still on their way
  const next = foreign === 'unknown' ? writeOff(books, at) : books;
  return {
    takenAt: at,
    token: JSON.stringify(next),
    display: server.lsn,
    sinceDisplay: earlier?.lsn ?? null,
    foreign,
    written,
    why,
  };
}

/** Who may hide something first, then the counters, the transaction id last. Other databases are looked into when their own counter moved. */
async function takeSample(
  connections: Connections,
  books: Books | null,
  dts: DtsFootprint,
  signal: AbortSignal,
): Promise<Sample> {
  const since = books === null ? null : BigInt(books.xid);
  // DTS's rows may have been written by a transaction that has been owed for some looks
  const oldest = BigInt(books?.debts[0]?.firstId ?? books?.xid ?? 0);
  const hiders = await connections.use(signal, (backend, either) => readHiders(backend, dts, either));
  const databases = await connections.use(signal, (backend, either) => readDatabases(backend, either));
  const visited = new Map<string, DatabaseSample>();
  let main = '';
  for (const [oid, row] of databases) {
    const isMain = row.name === connections.where.database;
    if (isMain) main = oid;
    else if (visited.size >= MOST_DATABASES || !worthVisiting(oid, row, books, dts)) continue;
    const tables = await visit(connections, row.name, isMain, { since, oldest }, dts, signal);
    if (tables) visited.set(oid, tables);
  }
  const server = await connections.use(signal, (backend, either) => readServerSample(backend, either));
  return { at: Date.now(), hiders, server, databases, visited, main };
}

function worthVisiting(oid: string, row: DatabaseRow, books: Books | null, dts: DtsFootprint): boolean {
  if (!row.connectable || isAside(row.name, dts)) return false;
  const then = books?.databases[oid];
  return !then?.tables || then.changes !== row.changes || (books?.debts.length ?? 0) > 0;
}

/** null where another database cannot be looked into; it is then judged as a whole. */
async function visit(
  connections: Connections,
  database: string,
  isMain: boolean,
  { since, oldest }: { readonly since: bigint | null; readonly oldest: bigint },
  dts: DtsFootprint,
  signal: AbortSignal,
): Promise<DatabaseSample | null> {
  const beats = (dts.heartbeats ?? []).filter((table) => table.database === null || table.database === database);
  const own = [...dts.objects.filter((object) => object.database === database), ...beats];
  const read = async (backend: Backend, either: AbortSignal) => ({
    ...(await readTables(backend, since, isMain, either)),
    dtsIds: since === null ? [] : await readWriters(backend, oldest, own, either),
  });
  try {
    return await connections.use(signal, read, database);
  } catch (error) {
    const denied = ['authentication-failed', 'insufficient-privilege', 'too-many-connections', 'database-missing'];
    if (!isMain && isFailure(error) && denied.includes(error.reason)) return null;
    throw error;
  }
}

/** Counts add up; an object without a count stays without. */
function add(written: Map<string, WrittenObject>, object: WrittenObject): void {
  const before = written.get(object.name);
  const count = before?.count == null ? object.count : before.count + (object.count ?? 0);
  written.set(object.name, { ...object, count });
}

const counters = z.object({
  changes: z.record(z.string(), z.number()),
  sequences: z.record(z.string(), z.string()),
  analyzes: z.number(),
  vacuums: z.number(),
});
const id = z.string().check(z.regex(/^\d+$/));
const booksSchema = z.object({
  v: z.literal(2),
  identity: z.string(),
  timeline: z.string(),
  started: z.string(),
  xid: id,
  lsn: z.string(),
  prepared: z.record(z.string(), z.string()),
  databases: z.record(
    z.string(),
    z.object({ name: z.string(), changes: z.number(), reset: z.string(), tables: z.nullable(counters) }),
  ),
  open: z.array(id),
  now: z.number(),
  debts: z.array(
    z.object({
      count: z.number(),
      from: z.number(),
      seen: z.number(),
      since: z.number(),
      firstId: id,
      nextId: id,
      dtsIds: z.array(id),
      clearSince: z.nullable(z.number()),
      hiders: z.array(z.string()),
    }),
  ),
  cover: z.number(),
});

/** null for what is none of ours, damaged, or of another version: then this reading is the first. */
function parseBooks(token: string): Books | null {
  try {
    return booksSchema.parse(JSON.parse(token));
  } catch {
    return null;
  }
}
