/** Switch, and runs that are not like others. */
import { sentence, type Sentence } from '../../../../src/util/sentence.ts';
import { ago, OPEN, picture, quietSessions, session, side, steps, task } from '../parts.ts';
import { comparison, done, noBusiness, type Scenes } from './scene.ts';

const TRIGGER_MISSING = sentence(
  'Not the same. Tables that differ: {differing} (rows: {rows}); other objects: {objects}. Tables that are the same: {same}.',
  { differing: 0, rows: 0, objects: 1, same: 340 },
);

const finalShut = (why: Sentence, state: 'waiting' | 'blocked') => ({
  state,
  why: [why, sentence('The switch to the target has not been recorded yet.')],
  evidence: [],
});

export const ENDS: Scenes = {
  '7-switch': {
    snapshot: done(
      'switch',
      { state: 'waiting', why: [sentence('No business session has been seen on the target.')], evidence: [] },
      {
        verification: { running: null, latest: comparison({}), stale: null, failure: null, final: OPEN },
      },
    ),
  },
  '7-final-check': {
    snapshot: done('switch', finalShut(sentence('The comparison is running.'), 'waiting'), {
      verification: {
        running: {
          tablesDone: 330,
          tablesTotal: 340,
          rowsDone: 11_400_000,
          rowsTotal: 11_900_000,
          current: 'shop.public.order_items',
          startedAt: ago(4),
        },
        latest: comparison({}),
        stale: null,
        failure: null,
        final: finalShut(sentence('The comparison is running.'), 'waiting'),
      },
    }),
  },
  '7-final-check-failed': {
    snapshot: done('switch', finalShut(TRIGGER_MISSING, 'blocked'), {
      verification: {
        running: null,
        latest: comparison({ verdict: 'different', summary: TRIGGER_MISSING }),
        stale: null,
        failure: null,
        final: finalShut(TRIGGER_MISSING, 'blocked'),
      },
    }),
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
};
