/** Parts that recorded pictures are made of. Every time is fixed, so that a picture looks the same on every day. */
import { classifySession } from '../../../src/cutover/classify.ts';
import type {
  ClassifiedSession,
  ConnectionState,
  LagSample,
  SessionFacts,
  TableComparison,
  TaskFacts,
} from '../../../src/cutover/facts.ts';
import type { JournalEntry, JournalEvent } from '../../../src/cutover/journal.ts';
import { countClasses } from '../../../src/cutover/picture.ts';
import { DEFAULT_SETTINGS } from '../../../src/cutover/settings.ts';
import type { RunSnapshot, SideView, StepView, WindowView } from '../../../src/cutover/snapshot.ts';
import { PREPARE_ITEMS, STEP_IDS, type StepId } from '../../../src/cutover/steps.ts';
import type { ShownVerdict } from '../../../src/cutover/snapshot.ts';
import { sentence } from '../../../src/util/sentence.ts';

/** When every picture was taken. */
export const NOW = Date.UTC(2026, 10, 22, 2, 14, 7);
export const ago = (seconds: number) => NOW - seconds * 1000;

export const OPEN: ShownVerdict = { state: 'open', why: [], evidence: [] };

export function task(change: Partial<TaskFacts> = {}): TaskFacts {
  const endpoint = {
    databaseType: 'postgresql',
    engine: 'postgres',
    accessType: 'extranet',
    region: 'ap-guangzhou',
    instanceId: '',
    nodes: [{ host: '10.0.0.5', port: 5432, user: 'dts_migration' }],
  } as const;
  return {
    ref: { region: 'ap-guangzhou', jobId: 'dts-k3f9x2ab' },
    name: 'orders-prod',
    status: 'readyComplete',
    rawStatus: 'readyComplete',
    trade: 'normal',
    migrateType: 'fullAndIncrement',
    steps: (['Structure', 'Full data', 'Syncing Incremental Data'] as const).map((name, index) => ({
      id: name,
      name,
      status: index < 2 ? 'finished' : 'running',
      rawStatus: index < 2 ? 'finished' : 'running',
      percent: index < 2 ? 100 : null,
    })),
    gapMb: 0,
    lagSeconds: 0,
    allowedActions: ['complete', 'stop', 'createCmpTask'],
    source: endpoint,
    target: { ...endpoint, databaseType: 'tencentdb', instanceId: 'postgres-o7uph0cj' },
    scope: { mode: 'all', databases: [] },
    error: null,
    createdAt: ago(90_000),
    startedAt: ago(86_400),
    endedAt: null,
    detailed: true,
    readAt: ago(1),
    ...change,
  };
}

export function connected(side: 'source' | 'target'): ConnectionState {
  const own = side === 'source' ? '10.0.0.5:5432/shop' : 'postgres-o7uph0cj:5432/shop';
  return {
    state: 'connected',
    server: {
      engine: 'postgres',
      product: side === 'source' ? 'PostgreSQL 14.12' : 'PostgreSQL 16.3',
      version: '14.12',
      endpoint: own,
      account: 'cutover_watch',
      identity: side,
      startedAt: ago(900_000),
      clockOffset: side === 'source' ? 42 : -130,
      readOnly: false,
    },
    visibility: { level: 'full', how: sentence('cutover_watch is a member of pg_monitor') },
  };
}

const CLIENT = { nature: 'client', natureWhy: sentence('backend_type is client backend') } as const;

export function session(id: number, change: Partial<SessionFacts> = {}): ClassifiedSession {
  const facts: SessionFacts = {
    id: String(id),
    account: 'shop_app',
    host: `10.0.3.${id % 250}`,
    program: 'orders-api',
    database: 'shop',
    state: 'idle',
    stateAge: (id * 37) % 600,
    statement: `UPDATE orders SET state = 'paid', paid_at = now() WHERE id = ${id * 7919} RETURNING id`,
    startedAt: ago(4000 + id),
    ...CLIENT,
    ...change,
  };
  return classifySession(facts, [], { accounts: ['dts_migration'] });
}

export const quietSessions: readonly ClassifiedSession[] = [
  session(812, {
    account: 'dts_migration',
    program: 'dts',
    state: 'executing',
    statement: 'START_REPLICATION SLOT "dts"',
  }),
  ...['checkpointer', 'autovacuum launcher', 'walwriter', 'background writer', 'logical replication launcher'].map(
    (program, index) =>
      session(20 + index, {
        account: '',
        host: '',
        program,
        database: '',
        state: 'background',
        stateAge: null,
        statement: '',
        nature: 'system',
        natureWhy: sentence('backend_type is {type}', { type: program }),
      }),
  ),
  session(901, {
    account: 'cutover_watch',
    program: 'DTS Cutover',
    nature: 'self',
    natureWhy: sentence('our own connection'),
  }),
];

export function side(which: 'source' | 'target', sessions: readonly ClassifiedSession[] = quietSessions): SideView {
  return {
    connection: connected(which),
    sessions,
    sessionsAt: ago(2),
    counts: countClasses(sessions),
    position: {
      takenAt: ago(2),
      token: '1',
      display: 'txid 884213, 1/8F0022A8',
      sinceDisplay: 'txid 884190, 1/8F001193',
      foreign: 'none',
      written: [{ name: 'public.__dts_heartbeat', count: 23, byDts: true }],
      why: sentence('only DTS wrote: {objects}', { objects: 'public.__dts_heartbeat' }),
    },
    writtenSince: { since: ago(462), objects: [] },
    pendingWriters: [],
  };
}

export function window(requiredSeconds: number, heldSeconds: number, change: Partial<WindowView> = {}): WindowView {
  return {
    requiredSeconds,
    heldSeconds,
    since: heldSeconds > 0 ? ago(heldSeconds) : null,
    reached: heldSeconds >= requiredSeconds,
    lastReset: null,
    ...change,
  };
}

/** A course that comes down to 0, with a time in which nobody watched and a reading without a value. */
export function lag(seconds = 600): LagSample[] {
  return Array.from({ length: Math.floor(seconds / 3) }, (_, index): LagSample => {
    const left = seconds - index * 3;
    const at = ago(left);
    if (left > 300 && left < 312) return { at, gapMb: null, lagSeconds: null };
    const gapMb = left > 200 ? Math.round((left - 200) * 0.4 + Math.sin(left / 25) * 12) : 0;
    return { at, gapMb: Math.max(0, gapMb), lagSeconds: left > 180 ? Math.round((left - 180) / 9) : 0 };
  }).filter(({ at }) => at <= ago(430) || at >= ago(395));
}

export function tables(count: number): TableComparison[] {
  return Array.from({ length: count }, (_, index): TableComparison => {
    const name = { database: 'shop', schema: 'public', name: `orders_${String(index).padStart(4, '0')}` };
    const rows = 1000 + index * 311;
    return {
      source: name,
      target: name,
      verdict: 'same',
      reason: null,
      rows: { source: rows, target: rows },
      differenceCount: 0,
    };
  });
}

export function steps(current: StepId, verdict: ShownVerdict, incremental = true): StepView[] {
  const at = STEP_IDS.indexOf(current);
  const none = { override: null, moreReasons: 0 } as const;
  return STEP_IDS.map((id, index): StepView => {
    if (!incremental && index > 0 && index < 5) return { id, state: 'notNeeded', verdict: OPEN, ...none };
    if (index < at) return { id, state: 'done', verdict: OPEN, ...none };
    if (index === at) return { id, state: 'current', verdict, ...none };
    const todo: ShownVerdict = {
      state: 'blocked',
      why: [sentence('The business has not been stopped yet.')],
      evidence: [],
    };
    return { id, state: 'todo', verdict: todo, ...none };
  });
}

export function timeline(...events: readonly (JournalEvent & { by?: string; ago?: number })[]): JournalEntry[] {
  return events
    .map(({ by = '', ago: seconds, ...event }, index): JournalEntry => {
      return { ...event, seq: index + 1, at: ago(seconds ?? 900 - index * 100), by };
    })
    .reverse();
}

export const story = timeline(
  {
    kind: 'started',
    ref: { region: 'ap-guangzhou', jobId: 'dts-k3f9x2ab' },
    taskName: 'orders-prod',
    incremental: true,
    by: 'Mei Lin',
  },
  { kind: 'attested', item: 'backup', note: 'Snapshot 02:00, restore tested on Tuesday', by: 'Mei Lin' },
  { kind: 'caughtUp', gapMb: 0, lagSeconds: 0 },
  { kind: 'paused', pausedAt: ago(462), by: 'Mei Lin' },
  { kind: 'quietBroken', why: sentence('Session {id} began.', { id: '4711' }) },
  { kind: 'sessionTerminated', side: 'source', session: '4711 shop_app@10.0.3.17', by: 'Mei Lin' },
);

const ATTESTED_BY_HAND: ReadonlySet<string> = new Set(['account', 'backup', 'offPeak']);

/** As the run itself would say it: the switch comes after the end of the task. */
function refusedIn({ completion, downtime, incremental }: Partial<RunSnapshot>): RunSnapshot['refused'] {
  const back = downtime?.since === null && { recordResume: sentence('The business has not been stopped yet.') };
  if (completion?.state === 'succeeded' || incremental === false) return { ...back };
  const why = sentence('The task has not ended with success yet.');
  return { ...back, recordSwitch: why, recordRouting: why };
}

export function picture(current: StepId, verdict: ShownVerdict, change: Partial<RunSnapshot> = {}): RunSnapshot {
  const entries = change.timeline ?? story;
  return {
    revision: 1,
    takenAt: NOW,
    ref: { region: 'ap-guangzhou', jobId: 'dts-k3f9x2ab' },
    task: task(),
    taskFailure: null,
    taskStale: false,
    incremental: true,
    started: true,
    finishedAt: null,
    current,
    steps: steps(current, verdict, change.incremental !== false),
    prepare: PREPARE_ITEMS.map((id) => ({
      id,
      state: 'checked',
      detail: sentence('PostgreSQL 14.12 at 10.0.0.5:5432/shop as cutover_watch.'),
      statement: null,
      attestedBy: null,
      attestedAt: null,
      ...(ATTESTED_BY_HAND.has(id) && { asks: 'attestation' as const }),
    })),
    lag: lag(),
    catchUpEtaSeconds: null,
    zeroDwell: window(60, 0),
    quietWindow: window(180, 0),
    source: side('source'),
    target: side('target'),
    downtime: { since: ago(462), until: null },
    completion: { state: 'none', at: null, failure: null },
    refused: refusedIn(change),
    endsWithReason: true,
    verification: { running: null, latest: null, stale: null, failure: null },
    dtsComparison: { refusal: null, latest: null, reading: null, failure: null },
    cutoverAt: null,
    journalFailure: null,
    timeline: entries,
    timelineTotal: entries.length,
    settings: DEFAULT_SETTINGS,
    ...change,
  };
}
