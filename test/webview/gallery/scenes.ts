/** The panel in every state worth looking at: recorded pictures, as the host would send them. */
import type { DtsComparison } from '../../../src/cutover/dtsComparison.ts';
import type { ComparisonFacts } from '../../../src/cutover/facts.ts';
import type { RunSnapshot } from '../../../src/cutover/snapshot.ts';
import { sentence } from '../../../src/util/sentence.ts';
import { ago, NOW, OPEN, picture, session, quietSessions, side, steps, tables, task, window } from './parts.ts';

const noBusiness = { since: null, until: null };
const after = {
  ...task({ status: 'success', rawStatus: 'success', gapMb: null, lagSeconds: null, endedAt: ago(200) }),
};

const refused = {
  reason: 'refused',
  what: sentence('The source at {place} refuses connections.', { place: '10.0.0.5:5432' }),
  tryThis: sentence('Check the address and the firewall.'),
} as const;

const comparison = (change: Partial<ComparisonFacts>): ComparisonFacts => ({
  id: 'c1',
  method: 'digest',
  startedAt: ago(120),
  finishedAt: ago(40),
  verdict: 'same',
  summary: sentence('{count} tables compared, all the same.', { count: 340 }),
  tables: tables(340),
  skipped: [],
  positions: { source: '1', target: '2' },
  ...change,
});

const dtsComparison = (change: Partial<DtsComparison>): DtsComparison => ({
  id: 'dts-k3f9x2ab-cmp-7f3a1c20',
  method: 'dataCheck',
  sampleRate: null,
  tables: null,
  startedAt: ago(95),
  outcome: {
    verdict: 'incomplete',
    summary: sentence(
      'DTS found no difference, but did not look at everything: {checked} of {total} tables compared, {skipped} skipped.',
      { checked: 338, total: 340, skipped: 2 },
    ),
  },
  failure: null,
  ...change,
});

const manySessions = [
  ...quietSessions,
  ...Array.from({ length: 5000 }, (_, index) =>
    session(10_000 + index, { state: index % 9 === 0 ? 'open transaction' : index % 4 === 0 ? 'executing' : 'idle' }),
  ),
];

const done = (
  current: 'verify' | 'switch',
  verdict: RunSnapshot['steps'][number]['verdict'],
  change: Partial<RunSnapshot>,
) =>
  picture(current, verdict, {
    task: after,
    completion: { state: 'succeeded', at: ago(200), failure: null },
    zeroDwell: window(60, 262),
    quietWindow: window(180, 420),
    ...change,
  });

const prepare = (states: readonly RunSnapshot['prepare'][number][], change: Partial<RunSnapshot> = {}) =>
  picture(
    'prepare',
    { state: 'blocked', why: [sentence('Something is open.')], evidence: [] },
    {
      prepare: states,
      downtime: noBusiness,
      ...change,
    },
  );

const point = (
  id: RunSnapshot['prepare'][number]['id'],
  state: RunSnapshot['prepare'][number]['state'],
  text: string,
  more: Partial<RunSnapshot['prepare'][number]> = {},
) => ({ id, state, detail: sentence(text), statement: null, attestedBy: null, attestedAt: null, ...more });

const points = [
  point('sourceConnection', 'checked', 'PostgreSQL 14.12 at 10.0.0.5:5432/shop as cutover_watch.'),
  point(
    'targetConnection',
    'failed',
    'The target at postgres-o7uph0cj:5432 does not accept the password of cutover_watch.',
  ),
  point('visibility', 'failed', 'cutover_watch sees its own sessions only.', {
    statement: 'GRANT pg_monitor TO cutover_watch;',
  }),
  point('account', 'open', 'Confirm: the migration uses a database account of its own, which nothing else uses.'),
  point('backup', 'attested', 'The source is protected by a backup database.', {
    attestedBy: 'Mei Lin',
    attestedAt: ago(700),
  }),
  point('offPeak', 'open', 'Confirm: this is an off-peak window.'),
];

const dwellMissing = {
  state: 'waiting',
  why: [sentence('Gap and lag have been 0 for {held} s of {required} s.', { held: 34, required: 60 })],
  evidence: [sentence('The task allows Complete.'), sentence('The source has been quiet for 214 s.')],
} as const;

export interface Scene {
  readonly snapshot: RunSnapshot;
  readonly language?: 'en' | 'zh-cn';
}

export const SCENES: Readonly<Record<string, Scene>> = {
  '1-not-started': { snapshot: prepare(points, { started: false, timeline: [], lag: [] }) },
  '1-prepare': {
    snapshot: prepare(points, {
      target: {
        ...side('target', []),
        sessionsAt: null,
        connection: { state: 'failed', failure: refused, since: ago(30), retryAt: ago(-4) },
      },
    }),
  },
  '2-catch-up': {
    snapshot: picture(
      'catchUp',
      { state: 'waiting', why: [sentence('The gap is {gap} MB.', { gap: 12.5 })], evidence: [] },
      { task: task({ gapMb: 12.5, lagSeconds: 7 }), catchUpEtaSeconds: 95, downtime: noBusiness },
    ),
  },
  '2-no-valid-value': {
    snapshot: picture(
      'catchUp',
      { state: 'blocked', why: [sentence('DTS reports no valid gap (it says −1).')], evidence: [] },
      { task: task({ gapMb: null, lagSeconds: null }), downtime: noBusiness },
    ),
  },
  '2-stale': {
    snapshot: picture(
      'catchUp',
      { state: 'blocked', why: [sentence('The task has not been read for {age} s.', { age: 95 })], evidence: [] },
      {
        task: task({ readAt: ago(95) }),
        taskStale: true,
        taskFailure: {
          reason: 'timed-out',
          what: sentence('DTS in {region} did not answer within 10 s.', { region: 'ap-guangzhou' }),
          tryThis: sentence('It is tried again by itself.'),
        },
        downtime: noBusiness,
      },
    ),
  },
  '3-pause': {
    snapshot: picture(
      'pause',
      {
        state: 'waiting',
        why: [sentence('Stop the business’s writes to the source, then record it here.')],
        evidence: [],
      },
      { downtime: noBusiness, source: side('source', [...quietSessions, ...[11, 12, 13].map((id) => session(id))]) },
    ),
  },
  '4-quiet': {
    snapshot: picture(
      'quiet',
      {
        state: 'waiting',
        why: [sentence('Quiet for {held} s of {required} s.', { held: 130, required: 180 })],
        evidence: [],
      },
      {
        quietWindow: window(180, 130, {
          lastReset: {
            at: ago(131),
            why: sentence('session {id} of {account} began', { id: 4711, account: 'shop_app' }),
          },
        }),
      },
    ),
  },
  '4-limited': {
    snapshot: picture(
      'quiet',
      { state: 'blocked', why: [sentence('This account does not see every session.')], evidence: [] },
      {
        source: {
          ...side('source'),
          connection: {
            ...(side('source').connection as Extract<RunSnapshot['source']['connection'], { state: 'connected' }>),
            visibility: {
              level: 'limited',
              missing: sentence('{account} sees its own sessions only.', { account: 'cutover_watch' }),
              grant: 'GRANT pg_monitor TO cutover_watch;',
            },
          },
          pendingWriters: [
            { kind: 'prepared transaction', name: 'billing-7731', detail: 'by billing, 214 s old', blocks: true },
            { kind: 'job', name: 'nightly-rollup', detail: 'pg_cron, 0 3 * * *', blocks: false },
          ],
          writtenSince: {
            since: ago(462),
            objects: [
              { name: 'public.orders', count: 3 },
              { name: 'audit', count: null },
            ],
          },
        },
      },
    ),
  },
  '4-many-sessions': {
    snapshot: picture(
      'quiet',
      { state: 'blocked', why: [sentence('5,000 business sessions are connected.')], evidence: [] },
      { source: side('source', manySessions) },
    ),
  },
  '4-source-lost': {
    snapshot: picture(
      'quiet',
      { state: 'blocked', why: [sentence('The source cannot be watched: there is no connection.')], evidence: [] },
      {
        source: {
          ...side('source'),
          sessionsAt: ago(48),
          connection: { state: 'failed', failure: refused, since: ago(46), retryAt: ago(-5) },
        },
        quietWindow: window(180, 0, { lastReset: { at: ago(46), why: sentence('the source could not be read') } }),
      },
    ),
  },
  '4-dts-comparing': {
    snapshot: picture('quiet', OPEN, {
      dtsComparison: {
        refusal: sentence('DTS is comparing already.'),
        latest: dtsComparison({ outcome: null }),
        reading: { status: 'running', rawStatus: 'running', conclusion: 'none', percent: 42, message: '' },
        failure: null,
      },
    }),
  },
  '4-dts-compared': {
    snapshot: picture('quiet', OPEN, {
      dtsComparison: { refusal: null, latest: dtsComparison({}), reading: null, failure: null },
    }),
  },
  '5-complete-shut': {
    snapshot: picture('complete', dwellMissing, { zeroDwell: window(60, 34), quietWindow: window(180, 214) }),
  },
  '5-complete-open': {
    snapshot: picture(
      'complete',
      {
        state: 'open',
        why: [],
        evidence: [...dwellMissing.evidence, sentence('Gap and lag have been 0 for 72 s since the source is quiet.')],
      },
      { zeroDwell: window(60, 72), quietWindow: window(180, 252) },
    ),
  },
  '5-outcome-unknown': {
    snapshot: picture('complete', dwellMissing, {
      completion: {
        state: 'outcomeUnknown',
        at: ago(6),
        failure: {
          reason: 'outcome-unknown',
          what: sentence('The connection to DTS broke while Complete was being sent.'),
          tryThis: null,
        },
      },
    }),
  },
  '5-rejected': {
    snapshot: picture('complete', dwellMissing, {
      completion: {
        state: 'rejected',
        at: ago(6),
        failure: {
          reason: 'not-allowed-now',
          what: sentence('DTS does not allow Complete now.'),
          tryThis: sentence('Wait until the status is readyComplete.'),
        },
      },
    }),
  },
  '6-running': {
    snapshot: done(
      'verify',
      { state: 'waiting', why: [sentence('The comparison is running.')], evidence: [] },
      {
        verification: {
          running: {
            tablesDone: 118,
            tablesTotal: 340,
            rowsDone: 4_120_000,
            rowsTotal: 11_900_000,
            current: 'shop.public.order_items',
            startedAt: ago(52),
          },
          latest: null,
          stale: null,
          failure: null,
        },
      },
    ),
  },
  '6-same': {
    snapshot: done('verify', OPEN, {
      verification: { running: null, latest: comparison({}), stale: null, failure: null },
    }),
  },
  '6-different': {
    snapshot: done(
      'verify',
      { state: 'blocked', why: [sentence('The data differs.')], evidence: [] },
      {
        verification: {
          running: null,
          latest: comparison({
            verdict: 'different',
            summary: sentence('{count} rows differ in {tables} tables.', { count: 14, tables: 2 }),
            tables: tables(340).map((table, index) =>
              index === 17
                ? { ...table, verdict: 'different', rows: { source: 6287, target: 6281 }, differenceCount: 14 }
                : index === 40
                  ? {
                      ...table,
                      verdict: 'missingOnTarget',
                      target: null,
                      rows: { source: 12, target: null },
                      differenceCount: null,
                    }
                  : table,
            ),
          }),
          stale: null,
          failure: null,
        },
      },
    ),
  },
  '6-incomplete-stale': {
    snapshot: done(
      'verify',
      { state: 'blocked', why: [sentence('The comparison is incomplete.')], evidence: [] },
      {
        verification: {
          running: null,
          latest: comparison({
            method: 'counts',
            verdict: 'incomplete',
            summary: sentence('{count} tables could not be compared.', { count: 1 }),
            skipped: [
              sentence('{table}: no primary key, and more than {rows} rows', {
                table: 'shop.public.clicks',
                rows: '10,000,000',
              }),
            ],
            tables: tables(12).map((table, index) =>
              index === 3
                ? {
                    ...table,
                    verdict: 'skipped',
                    reason: sentence('no primary key'),
                    rows: { source: null, target: null },
                    differenceCount: null,
                  }
                : { ...table, differenceCount: null },
            ),
          }),
          stale: sentence('The target was written at {time}.', { time: '02:13:40' }),
          failure: null,
        },
      },
    ),
  },
  '7-switch': {
    snapshot: done(
      'switch',
      { state: 'waiting', why: [sentence('No business session has been seen on the target.')], evidence: [] },
      {
        verification: { running: null, latest: comparison({}), stale: null, failure: null },
      },
    ),
  },
  '7-finished': {
    snapshot: done('switch', OPEN, {
      started: false,
      steps: steps('switch', OPEN).map((step) => ({ ...step, state: 'done' as const })),
      finishedAt: ago(5),
      cutoverAt: ago(30),
      downtime: { since: ago(462), until: ago(30) },
      target: side('target', [...quietSessions, ...[31, 32, 33, 34].map((id) => session(id))]),
      verification: { running: null, latest: comparison({}), stale: null, failure: null },
    }),
  },
  'not-incremental': {
    snapshot: picture(
      'verify',
      { state: 'blocked', why: [sentence('Nothing has been compared yet.')], evidence: [] },
      {
        incremental: false,
        task: task({ migrateType: 'full', status: 'success', rawStatus: 'success', gapMb: null, lagSeconds: null }),
        downtime: noBusiness,
        lag: [],
      },
    ),
  },
  overridden: {
    snapshot: (() => {
      const base = picture('complete', dwellMissing, { zeroDwell: window(60, 34) });
      const override = { reason: 'The two idle sessions are the read-only report tool.', by: 'Mei Lin', at: ago(60) };
      return {
        ...base,
        steps: base.steps.map((step) =>
          step.id === 'quiet'
            ? { ...step, state: 'overridden' as const, override }
            : step.id === 'complete'
              ? { ...step, override }
              : step,
        ),
      };
    })(),
  },
  'nothing-read': {
    snapshot: picture(
      'prepare',
      { state: 'blocked', why: [sentence('The task has not been read yet.')], evidence: [] },
      {
        task: null,
        incremental: null,
        started: false,
        lag: [],
        timeline: [],
        downtime: noBusiness,
        source: {
          ...side('source', []),
          connection: { state: 'unconfigured' },
          sessionsAt: null,
          position: null,
          writtenSince: null,
        },
        target: {
          ...side('target', []),
          connection: { state: 'unconfigured' },
          sessionsAt: null,
          position: null,
          writtenSince: null,
        },
        taskFailure: {
          reason: 'permission-denied',
          what: sentence('This account may not call {action} in {region}.', {
            action: 'dts:DescribeMigrationDetail',
            region: 'ap-guangzhou',
          }),
          tryThis: sentence('Ask for the policy QcloudDTSReadOnlyAccess.'),
        },
      },
    ),
  },
  'zh-cn': {
    language: 'zh-cn',
    snapshot: picture(
      'quiet',
      {
        state: 'waiting',
        why: [sentence('Quiet for {held} s of {required} s.', { held: 130, required: 180 })],
        evidence: [],
      },
      {
        quietWindow: window(180, 130),
      },
    ),
  },
};

export { NOW };
