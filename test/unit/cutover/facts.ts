/** Facts for tests of the core: one ready task, one quiet source; each test bends the one thing it is about. */
import type {
  ClassifiedSession,
  ConnectionState,
  PositionFacts,
  ServerFacts,
  TaskFacts,
} from '../../../src/cutover/facts.ts';
import { NO_SIGNS } from '../../../src/cutover/flowSigns.ts';
import type { GateFacts } from '../../../src/cutover/gates.ts';
import type { JournalEntry, JournalEvent } from '../../../src/cutover/journal.ts';
import { INITIAL_STATE, replay, type RunState } from '../../../src/cutover/machine.ts';
import { prepareItems } from '../../../src/cutover/prepare.ts';
import { DEFAULT_SETTINGS } from '../../../src/cutover/settings.ts';
import { EMPTY_WINDOW, type SustainedWindow } from '../../../src/cutover/windows.ts';
import { sentence } from '../../../src/util/sentence.ts';

export const NOW = Date.UTC(2026, 0, 2, 2, 0, 0);
export const REF = { region: 'ap-guangzhou', jobId: 'dts-test0001' };

const endpoint = (host: string) =>
  ({
    databaseType: 'postgresql',
    engine: 'postgres',
    accessType: 'extranet',
    region: 'ap-guangzhou',
    instanceId: '',
    nodes: [{ host, port: 5432, user: 'dts_migrator' }],
  }) as const;

export function task(changes: Partial<TaskFacts> = {}): TaskFacts {
  return {
    ref: REF,
    name: 'orders-prod',
    status: 'readyComplete',
    rawStatus: changes.status ?? 'readyComplete',
    trade: 'normal',
    migrateType: 'fullAndIncrement',
    steps: [{ id: 'sinker', name: 'Syncing Incremental Data', status: 'running', rawStatus: 'running', percent: 0 }],
    gapMb: 0,
    lagSeconds: 0,
    allowedActions: ['complete'],
    source: endpoint('source'),
    target: endpoint('target'),
    scope: { mode: 'all', databases: [] },
    error: null,
    createdAt: null,
    startedAt: null,
    endedAt: null,
    detailed: true,
    readAt: NOW,
    ...changes,
  };
}

export function server(identity: string): ServerFacts {
  return {
    engine: 'postgres',
    product: 'PostgreSQL 18.4',
    version: '18.4',
    endpoint: `${identity}:5432/shop`,
    account: 'observer',
    identity,
    startedAt: NOW - 1e6,
    clockOffset: 0,
    readOnly: false,
  };
}

export function connected(identity: string): ConnectionState {
  return {
    state: 'connected',
    server: server(identity),
    visibility: { level: 'full', how: sentence('pg_monitor') },
    rights: [{ use: 'sessions', state: 'ok', objects: [], why: sentence('It may.'), grant: null }],
  };
}

export function session(changes: Partial<ClassifiedSession> = {}): ClassifiedSession {
  return {
    id: '101',
    account: 'shop_app',
    host: '10.0.1.7',
    program: 'shop',
    database: 'shop',
    state: 'idle',
    stateAge: 5,
    statement: 'COMMIT',
    nature: 'client',
    natureWhy: sentence('client backend'),
    startedAt: NOW - 60_000,
    class: 'business',
    rule: sentence('a client session that no rule claims'),
    ...changes,
  };
}

export function position(
  foreign: PositionFacts['foreign'] = 'none',
  changes: Partial<PositionFacts> = {},
): PositionFacts {
  return {
    takenAt: NOW,
    token: '{}',
    display: '0/1',
    sinceDisplay: '0/0',
    foreign,
    written: foreign === 'written' ? [{ name: 'public.orders', count: 1, byDts: false }] : [],
    why: sentence('test'),
    ...changes,
  };
}

/** A window that has held for `seconds` up to its newest look, `age` seconds ago. */
export function held(seconds: number, age = 0): SustainedWindow {
  const until = NOW - age * 1000;
  const last = { at: until, mono: until };
  return { ...EMPTY_WINDOW, since: until - seconds * 1000, provenMs: seconds * 1000, last };
}

export function journal(events: readonly (JournalEvent & { at?: number })[]): JournalEntry[] {
  return events.map((event, index) => ({ ...event, seq: index + 1, at: event.at ?? NOW - 600_000 + index, by: 'eva' }));
}

export const STARTED: JournalEvent = { kind: 'started', ref: REF, taskName: 'orders-prod', incremental: true };

export const ATTESTED: JournalEvent[] = (['account', 'backup', 'offPeak'] as const).map((item) => ({
  kind: 'attested',
  item,
  note: '',
}));

/** A state in which everything up to Complete is done. */
export function ready(more: readonly JournalEvent[] = []): RunState {
  return replay(journal([STARTED, ...ATTESTED, { kind: 'paused', pausedAt: NOW - 400_000 }, ...more]));
}

/** Gate facts in which Complete is open; a test changes the one thing it is about. */
export function gateFacts(changes: Partial<GateFacts> = {}): GateFacts {
  const state = changes.state ?? ready();
  const source = changes.source ?? connected('source');
  const target = changes.target ?? connected('target');
  const { readAt } = changes.task ?? { readAt: NOW };
  return {
    now: { at: NOW, mono: NOW },
    taskReadAt: { at: readAt, mono: readAt },
    settings: DEFAULT_SETTINGS,
    state,
    task: task(),
    taskUnreadable: false,
    prepare: prepareItems(state, { source, target }, null),
    source,
    target,
    quiet: held(300),
    dwell: held(60),
    lostAnswer: EMPTY_WINDOW,
    flow: NO_SIGNS,
    disturbances: [],
    sinceOverride: [],
    businessOnSource: 0,
    businessOnTarget: 0,
    writes: { source: 'none', target: 'none' },
    ...changes,
  };
}

export { EMPTY_WINDOW, INITIAL_STATE };
