import assert from 'node:assert/strict';
import type { JournalEvent } from '../../../src/cutover/journal.ts';
import type { ToHost, ToPanel } from '../../../src/protocol/messages.ts';
import { parseToHost, parseToPanel } from '../../../src/protocol/schemas.ts';
import { sentence } from '../../../src/util/sentence.ts';
import { NOW, OPEN, picture, session, timeline } from '../../webview/gallery/parts.ts';
import { SCENES } from '../../webview/gallery/scenes.ts';

/** What arrives at the other side of a webview's boundary. */
const sent = (message: unknown): unknown => JSON.parse(JSON.stringify(message));

const failure = { reason: 'refused', what: sentence('It is refused.'), tryThis: null } as const;
const server = {
  engine: 'postgres',
  product: 'PostgreSQL 18.4',
  version: '18.4',
  endpoint: 'h:1/d',
  account: 'a',
  identity: 'i',
  startedAt: null,
  clockOffset: null,
  readOnly: null,
} as const;

const toHost: readonly ToHost[] = [
  { type: 'ready' },
  { type: 'whole' },
  { type: 'raw', id: 1, side: 'target' },
  ...(
    [
      { kind: 'start' },
      { kind: 'testConnections' },
      { kind: 'attest', item: 'backup', note: '' },
      { kind: 'withdrawAttestation', item: 'backup' },
      { kind: 'recordPause', at: null },
      { kind: 'recordPause', at: 17 },
      { kind: 'recordResume' },
      { kind: 'terminateSession', side: 'source', id: '18446744073709551615' },
      { kind: 'override', step: 'quiet', reason: 'because' },
      { kind: 'complete' },
      { kind: 'compare', method: 'digest', tables: null },
      { kind: 'compare', method: 'counts', tables: ['a.b'] },
      { kind: 'cancelComparison' },
      { kind: 'handOver' },
      { kind: 'takeBack' },
      {
        kind: 'startDtsComparison',
        request: {
          method: 'sampleDataCheck',
          sampleRate: 10,
          threads: 2,
          tables: [{ database: 'd', schema: 's', name: 't' }],
        },
      },
      { kind: 'stopDtsComparison' },
      { kind: 'recordSwitch', at: null },
      { kind: 'recordRouting', from: 'a:1', to: 'b:2', files: ['.env'] },
      { kind: 'finish' },
      { kind: 'note', text: 'n' },
    ] as const
  ).map((intent): ToHost => ({ type: 'intent', id: 2, intent })),
  ...(
    [
      { kind: 'configureConnection', side: 'source' },
      { kind: 'exportReport' },
      { kind: 'openJournal' },
      { kind: 'openLog' },
      { kind: 'openRaw', side: 'source' },
      { kind: 'copy', text: 't' },
      { kind: 'addSessionRule', side: 'source', sessionId: '7' },
      { kind: 'openComparison', id: 'c' },
      { kind: 'chooseTables' },
      { kind: 'startDtsComparison' },
      { kind: 'openDtsReport', id: null },
      { kind: 'openDtsReport', id: 'x' },
      { kind: 'openDifferences', id: 'c', source: { database: 'd', schema: null, name: 't' } },
      { kind: 'openRepair', id: 'c', source: { database: 'd', schema: 's', name: 't' } },
      { kind: 'openRepair', id: 'c', source: null },
      { kind: 'runRoutingAction' },
      { kind: 'replaceAddress' },
      { kind: 'refresh' },
    ] as const
  ).map((action): ToHost => ({ type: 'action', id: 3, action })),
];

const comparison = SCENES['5-different']?.snapshot.verification.latest;
assert.ok(comparison);

const events: readonly JournalEvent[] = [
  { kind: 'started', ref: { region: 'r', jobId: 'j' }, taskName: 't', incremental: true },
  { kind: 'reopened' },
  { kind: 'statusChanged', from: null, to: 'running' },
  { kind: 'connected', side: 'source', server },
  { kind: 'connectionLost', side: 'source', failure },
  { kind: 'taskUnreadable', failure },
  { kind: 'taskReadable' },
  { kind: 'attested', item: 'offPeak', note: 'n' },
  { kind: 'attestationWithdrawn', item: 'offPeak' },
  { kind: 'caughtUp', gapMb: 0, lagSeconds: 0 },
  { kind: 'fellBehind', why: sentence('w') },
  { kind: 'paused', pausedAt: 1 },
  { kind: 'resumed' },
  { kind: 'sessionEnding', side: 'source', session: 's' },
  { kind: 'sessionTerminated', side: 'source', session: 's' },
  { kind: 'recordDamaged', line: 2, why: sentence('w'), after: ['completeSent'], evidence: 'f' },
  { kind: 'takenOver', from: 'me@here' },
  { kind: 'handedOver' },
  { kind: 'received', from: 'me@there', handedOverAt: 1 },
  { kind: 'takenBack' },
  { kind: 'unrecognized', name: 'nodded' },
  { kind: 'notQuiet', why: sentence('w') },
  { kind: 'quietReached', since: 1 },
  { kind: 'quietBroken', why: sentence('w', { a: 1 }) },
  { kind: 'dwellReached', since: 1 },
  { kind: 'dwellBroken', why: sentence('w') },
  { kind: 'overridden', step: 'quiet', reason: 'r', against: [sentence('w')] },
  { kind: 'completeDeclined' },
  { kind: 'completeRefused', why: sentence('w') },
  { kind: 'completeSent', evidence: [] },
  { kind: 'completeAccepted' },
  { kind: 'completeRejected', failure },
  { kind: 'completeOutcomeUnknown', failure },
  { kind: 'completeNotCarriedOut' },
  { kind: 'completed', endedAt: null },
  { kind: 'completionFailed', status: 'failed', message: 'm' },
  { kind: 'comparisonStarted', method: 'dts' },
  { kind: 'comparisonFinished', comparison },
  { kind: 'comparisonEnded', failure },
  { kind: 'comparisonStale', side: 'target', written: true, why: sentence('w') },
  { kind: 'dtsComparisonStarted', id: 'x', method: 'rowsCount', sampleRate: null, tables: 3 },
  { kind: 'dtsComparisonFinished', outcome: { verdict: 'same', summary: sentence('s') } },
  { kind: 'dtsComparisonEnded', failure },
  { kind: 'addressReplaced', from: 'a:1', to: 'b:2', files: ['.env'] },
  { kind: 'switched', switchedAt: 1 },
  { kind: 'businessSeen', side: 'target', accounts: ['a'] },
  { kind: 'finished' },
  { kind: 'noted', text: 't' },
];

const toPanel: readonly ToPanel[] = [
  { type: 'init', language: 'zh-cn', bundle: { a: 'b' }, now: NOW },
  { type: 'snapshot', snapshot: picture('switch', OPEN, { timeline: timeline(...events) }) },
  ...Object.values(SCENES).map(({ snapshot }): ToPanel => ({ type: 'snapshot', snapshot })),
  {
    type: 'changes',
    base: 3,
    snapshot: picture('quiet', OPEN),
    changes: {
      sessions: { source: { gone: ['7'], set: [session(8)], size: 2, ages: [null, 2.5] }, target: null },
      tables: { gone: ['a'], set: comparison.tables.slice(0, 2), size: 2 },
      objects: {
        gone: [],
        set: [{ kind: 'view', name: 'v', verdict: 'different', detail: failure.what, statement: null }],
        size: 1,
      },
      timeline: { gone: [], set: timeline(...events), size: events.length },
      lag: { gone: [], set: [{ at: NOW, gapMb: null, lagSeconds: 0 }], size: 1 },
    },
  },
  { type: 'answer', id: 1, result: { ok: true } },
  { type: 'answer', id: 1, result: { ok: false, declined: true } },
  { type: 'answer', id: 1, result: { ok: false, declined: false, failure } },
  { type: 'rawAnswer', id: 1, raw: { query: 'q', columns: ['c'], rows: [['v'], [null]] }, failure: null },
  { type: 'rawAnswer', id: 1, raw: null, failure },
];

describe('messages', () => {
  it('to the host arrive as they were sent', () => {
    for (const message of toHost) assert.deepEqual(parseToHost(sent(message)), { ok: true, value: message });
  });

  it('to the panel arrive as they were sent', () => {
    for (const message of toPanel) assert.deepEqual(parseToPanel(sent(message)), { ok: true, value: sent(message) });
  });

  it('do not pass at the wrong end', () => {
    for (const message of toHost) assert.equal(parseToPanel(message).ok, false);
    for (const message of toPanel) assert.equal(parseToHost(message).ok, false);
  });

  it('lose what the schema does not know', () => {
    assert.deepEqual(parseToHost({ type: 'intent', id: 1, extra: 1, intent: { kind: 'complete', force: true } }), {
      ok: true,
      value: { type: 'intent', id: 1, intent: { kind: 'complete' } },
    });
  });

  for (const message of [
    undefined,
    null,
    'ready',
    [],
    {},
    { type: 'READY' },
    { type: 'intent', id: 1 },
    { type: 'intent', id: '1', intent: { kind: 'complete' } },
    { type: 'intent', id: 1.5, intent: { kind: 'complete' } },
    { type: 'intent', id: 1, intent: { kind: 'destroy' } },
    { type: 'intent', id: 1, intent: { kind: 'override', step: 'launch', reason: 'r' } },
    { type: 'intent', id: 1, intent: { kind: 'recordPause' } },
    { type: 'intent', id: 1, intent: { kind: 'recordPause', at: Number.NaN } },
    { type: 'intent', id: 1, intent: { kind: 'terminateSession', side: 'both', id: '7' } },
    { type: 'action', id: 1, action: { kind: 'runCommand', command: 'x' } },
  ]) {
    it(`to the host is refused: ${JSON.stringify(message)}`, () => {
      assert.equal(parseToHost(message).ok, false);
    });
  }

  for (const [what, change] of Object.entries({
    'a gap that is text': { task: { ...picture('quiet', OPEN).task, gapMb: '0' } },
    'no gap at all': { task: { ...picture('quiet', OPEN).task, gapMb: undefined } },
    'a status never seen': { task: { ...picture('quiet', OPEN).task, status: 'ready' } },
    'a verdict never seen': {
      steps: [{ id: 'quiet', state: 'current', verdict: { ...OPEN, state: 'ok' }, override: null, moreReasons: 0 }],
    },
    'an entry never seen': { timeline: [{ kind: 'guessed', seq: 1, at: 1, by: '' }] },
    'a class never seen': { source: { ...picture('quiet', OPEN).source, counts: {} } },
  })) {
    it(`to the panel is refused with ${what}`, () => {
      assert.equal(parseToPanel({ type: 'snapshot', snapshot: { ...picture('quiet', OPEN), ...change } }).ok, false);
    });
  }

  it('that are refused tell where, and repeat no value', () => {
    const parsed = parseToHost({ type: 'intent', id: 1, intent: { kind: 'note', text: 4711 } });
    assert.deepEqual(parsed, { ok: false, problem: 'intent.text: invalid_type' });
  });
});
