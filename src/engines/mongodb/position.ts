/**
 * The write position: the end of the oplog, which also names what was written since the last reading. Where there is
 * no oplog or it may not be read, the server's counters of writes. A token can be compared after a new connection.
 */
import * as z from 'zod/mini';
import type { PositionFacts, WrittenObject } from '../../cutover/facts.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import type { DtsFootprint } from '../engine.ts';
import { asideWhy } from '../footprint.ts';
import { readToken } from '../positionToken.ts';
import { displayOf as displayCounters, asideOf, judgeCounters, readCounters, type Counters } from './counters.ts';
import { hello, unlistedMongos, type Deployment } from './deployment.ts';
import { listAllDatabases } from './objects.ts';
import { displayOf as displayOplog, readNewest, readOplog, type OplogPosition, type OplogReading } from './oplog.ts';
import { processOf, readIdentity, readServerStatus } from './server.ts';
import { accountsOf, grantRole, readConnectionStatus } from './visibility.ts';

const record = z.record(z.string(), z.string().check(z.regex(/^-?\d+$/)));
const tokenSchema = z.object({
  v: z.literal(1),
  /** which server, and which run of its processes */
  identity: z.string(),
  process: z.string(),
  oplog: z.nullable(z.object({ ts: z.string().check(z.regex(/^\d+$/)), term: z.string() })),
  counters: z.nullable(z.object({ global: record, collections: z.nullable(record) })),
});
type Token = z.infer<typeof tokenSchema>;
type Verdict = Pick<PositionFacts, 'foreign' | 'written' | 'why'>;

/** What is read before looking for writes. */
interface Life {
  readonly identity: string;
  readonly process: string;
  readonly secondary: boolean;
}

export async function readWritePosition(
  deployment: Deployment,
  since: string | null,
  dts: DtsFootprint,
  signal: AbortSignal,
): Promise<PositionFacts> {
  const earlier = readToken(tokenSchema, since);
  const life = await readLife(deployment, signal);
  const broken = discontinuity(earlier, life);
  const reading = deployment.kind === 'replica set' ? await readLog(deployment, broken ? null : earlier, signal) : null;
  const log = reading && reading.state !== 'denied' ? reading : null;
  const counted = log ? 'none' : await readCounters(deployment.members, signal);
  const counters = typeof counted === 'string' ? null : counted;
  const token: Token = { v: 1, identity: life.identity, process: life.process, oplog: log?.until ?? null, counters };
  const verdict =
    broken !== null || earlier === null
      ? unknown(broken ?? sentence('This is the first reading; there is nothing to compare it with.'))
      : log
        ? judgeLog(log, earlier.oplog, dts)
        : await judgeByCounters(deployment, earlier.counters, counted, dts, signal);
  return {
    takenAt: Date.now(),
    token: JSON.stringify(token),
    display: displayOf(token),
    sinceDisplay: earlier && displayOf(earlier),
    ...verdict,
  };
}

async function readLife(deployment: Deployment, signal: AbortSignal): Promise<Life> {
  const processes: string[] = [];
  let identity = '';
  let secondary = false;
  for (const member of deployment.members) {
    const answer = await hello(member, signal);
    const known = answer['topologyVersion'] !== undefined && deployment.kind !== 'standalone';
    const status = known ? null : await readServerStatus(member, signal);
    processes.push(processOf(answer, status));
    if (member !== deployment.main) continue;
    identity = await readIdentity(deployment, answer, status, signal);
    secondary = answer['secondary'] === true;
  }
  return { identity, process: processes.join(' '), secondary };
}

function discontinuity(earlier: Token | null, life: Life): Sentence | null {
  if (life.secondary) {
    return sentence('This member is a secondary: it repeats what its primary writes. Watch the primary instead.');
  }
  if (!earlier) return null;
  if (earlier.identity !== life.identity) return sentence('This is another server than at the last reading.');
  if (earlier.process !== life.process) {
    return sentence('The server has restarted, or another member is primary, since the last reading.');
  }
  return null;
}

async function readLog(
  { main }: Deployment,
  earlier: Token | null,
  signal: AbortSignal,
): Promise<OplogReading | { readonly state: 'begun'; readonly until: OplogPosition }> {
  if (earlier?.oplog) return readOplog(main, earlier.oplog, signal);
  const until = await readNewest(main, signal);
  return until === 'denied' ? { state: 'denied' } : { state: 'begun', until };
}

type Log = Exclude<Awaited<ReturnType<typeof readLog>>, { readonly state: 'denied' }>;

function judgeLog(log: Log, since: OplogPosition | null, dts: DtsFootprint): Verdict {
  if (log.state === 'begun' || since === null) {
    return unknown(sentence('The oplog could not be read at the last reading.'));
  }
  if (log.until.term !== since.term) return unknown(sentence('A primary was elected since the last reading.'));
  if (log.state === 'gone') {
    return unknown(sentence('The oplog since the last reading is gone: rolled over, rolled back or replaced.'));
  }
  const written = [...log.writes.written].map(([name, count]) => ({ name, count, ...asideOf(name, dts) }));
  const foreign = written.filter((object) => !object.byDts);
  if (foreign.length > 0) {
    const collections = names(foreign);
    return { foreign: 'written', written, why: sentence('The oplog shows writes to {collections}.', { collections }) };
  }
  if (log.state === 'too much') {
    return { ...unknown(sentence('More was written to the oplog than can be looked through at once.')), written };
  }
  const why =
    written.length === 0
      ? sentence('Nothing was written to the oplog.')
      : asideWhy(written, sentence('The oplog shows writes of DTS only.'));
  return { foreign: 'none', written, why };
}

async function judgeByCounters(
  deployment: Deployment,
  before: Counters | null,
  now: Awaited<ReturnType<typeof readCounters>>,
  dts: DtsFootprint,
  signal: AbortSignal,
): Promise<Verdict> {
  if (now === 'none') return unknown(sentence('The server keeps neither an oplog nor counters of writes.'));
  if (now === 'denied')
    return unknown(
      sentence('Writes cannot be watched; run as an administrator: {grant}', {
        grant: await grant(deployment, signal),
      }),
    );
  if (!before) return unknown(sentence('The counters of writes could not be read at the last reading.'));
  const others = deployment.kind === 'sharded' ? await unlistedMongos(deployment, signal) : [];
  if (others === null || others.length > 0) {
    return unknown(
      sentence('Writes over other mongos are not counted here: {mongos}', { mongos: others?.join(', ') ?? '?' }),
    );
  }
  const databases = await listAllDatabases(deployment.main, signal);
  const dtsThere = [...dts.databases, ...dts.objects.map((each) => each.database)].some((name) =>
    databases.includes(name),
  );
  return judgeCounters(before, now, dtsThere, dts);
}

async function grant({ main }: Deployment, signal: AbortSignal): Promise<string> {
  const { user, authSource } = main.where;
  const [account = { user, db: authSource }] = accountsOf(await readConnectionStatus(main, signal));
  return grantRole(account, 'clusterMonitor', 'admin');
}

function unknown(why: Sentence): Verdict {
  return { foreign: 'unknown', written: [], why };
}

function displayOf({ oplog, counters }: Token): string {
  if (oplog) return displayOplog(oplog);
  return counters ? displayCounters(counters) : '?';
}

/** The first three, and how many more. */
function names(objects: readonly WrittenObject[]): string {
  const shown = objects.slice(0, 3).map((object) => object.name);
  return objects.length > 3 ? `${shown.join(', ')} … (${objects.length})` : shown.join(', ');
}
