/** Step 7, and runs that are not like others. */
import { sentence } from '../../../../src/util/sentence.ts';
import { ago, OPEN, picture, quietSessions, session, side, steps, task } from '../parts.ts';
import { comparison, done, noBusiness, type Scenes } from './scene.ts';

export const ENDS: Scenes = {
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
