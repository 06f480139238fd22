/** Steps 1 to 3: what has to be there, gap and lag, the pause. */
import type { RunSnapshot } from '../../../../src/cutover/snapshot.ts';
import { sentence } from '../../../../src/util/sentence.ts';
import { ago, picture, quietSessions, session, side, task } from '../parts.ts';
import { noBusiness, refused, type Scenes } from './scene.ts';

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

const ATTESTABLE = { asks: 'attestation' } as const;
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
  point('sourceRights', 'failed', 'These cannot be read in full, so they cannot be compared: shop.', {
    statement: 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO cutover_watch;',
  }),
  point('targetRights', 'open', 'What this account may do is not known yet.'),
  point(
    'account',
    'open',
    'Confirm: the migration uses a database account of its own, which nothing else uses.',
    ATTESTABLE,
  ),
  point('backup', 'attested', 'The source is protected by a backup database.', {
    attestedBy: 'Mei Lin',
    attestedAt: ago(700),
    ...ATTESTABLE,
  }),
  point('offPeak', 'open', 'Confirm: this is an off-peak window.', ATTESTABLE),
];

export const BEFORE_PAUSE: Scenes = {
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
  '1-other-server': {
    snapshot: prepare(
      [
        point(
          'sourceConnection',
          'failed',
          'At 10.0.0.5:5432/shop another server answers than before, or it was restarted.',
          { asks: 'server' },
        ),
        point(
          'targetConnection',
          'open',
          'Confirm: PostgreSQL 18.4 at 10.9.0.7:5432/shop (as cutover_watch) is the instance postgres-o7uph0cj of the task.',
          ATTESTABLE,
        ),
        ...points.slice(2),
      ],
      { task: { ...task(), scope: { mode: 'all', databases: [], advancedObjects: ['function', 'procedure'] } } },
    ),
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
};
