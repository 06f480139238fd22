/** Step 4: sessions, what they wrote, and DTS’s own comparison. */
import type { RunSnapshot } from '../../../../src/cutover/snapshot.ts';
import { sentence } from '../../../../src/util/sentence.ts';
import { ago, OPEN, picture, quietSessions, session, side, window } from '../parts.ts';
import { dtsComparison, refused, type Scenes } from './scene.ts';

const manySessions = [
  ...quietSessions,
  ...Array.from({ length: 5000 }, (_, index) =>
    session(10_000 + index, { state: index % 9 === 0 ? 'open transaction' : index % 4 === 0 ? 'executing' : 'idle' }),
  ),
];

export const QUIET: Scenes = {
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
