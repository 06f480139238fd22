import assert from 'node:assert/strict';
import type { JournalEvent, JournalKind } from '../../../src/cutover/journal.ts';
import { accepts, evolve, recoveries, replay, type RunState } from '../../../src/cutover/machine.ts';
import { sentence } from '../../../src/util/sentence.ts';
import { journal, NOW, REF, server } from './facts.ts';

const why = sentence('why');
const failure = { reason: 'timed-out', what: why, tryThis: null } as const;
const comparison = {
  id: 'c',
  method: 'counts',
  startedAt: NOW,
  finishedAt: NOW,
  verdict: 'same',
  summary: why,
  tables: [],
  skipped: [],
  positions: { source: null, target: null },
} as const;

/** One event of every kind there is; the type makes sure none is forgotten. */
const EVENTS: { readonly [K in JournalKind]: Extract<JournalEvent, { kind: K }> } = {
  started: { kind: 'started', ref: REF, taskName: 't', incremental: true },
  reopened: { kind: 'reopened' },
  statusChanged: { kind: 'statusChanged', from: null, to: 'running' },
  connected: { kind: 'connected', side: 'source', server: server('s') },
  serverAccepted: { kind: 'serverAccepted', side: 'source', server: 's' },
  connectionLost: { kind: 'connectionLost', side: 'source', failure },
  taskUnreadable: { kind: 'taskUnreadable', failure },
  taskReadable: { kind: 'taskReadable' },
  attested: { kind: 'attested', item: 'backup', note: '' },
  attestationWithdrawn: { kind: 'attestationWithdrawn', item: 'backup' },
  caughtUp: { kind: 'caughtUp', gapMb: 0, lagSeconds: 0 },
  fellBehind: { kind: 'fellBehind', why },
  paused: { kind: 'paused', pausedAt: NOW - 5 },
  resumed: { kind: 'resumed' },
  sessionTerminated: { kind: 'sessionTerminated', side: 'source', session: '1' },
  notQuiet: { kind: 'notQuiet', why },
  quietReached: { kind: 'quietReached', since: NOW },
  quietBroken: { kind: 'quietBroken', why },
  dwellReached: { kind: 'dwellReached', since: NOW },
  dwellBroken: { kind: 'dwellBroken', why },
  overridden: { kind: 'overridden', step: 'quiet', reason: 'because', against: [] },
  completeDeclined: { kind: 'completeDeclined' },
  completeRefused: { kind: 'completeRefused', why },
  completeSent: { kind: 'completeSent', evidence: [] },
  completeAccepted: { kind: 'completeAccepted' },
  completeRejected: { kind: 'completeRejected', failure },
  completeOutcomeUnknown: { kind: 'completeOutcomeUnknown', failure },
  completeNotCarriedOut: { kind: 'completeNotCarriedOut' },
  completed: { kind: 'completed', endedAt: null },
  completionFailed: { kind: 'completionFailed', status: 'failed', message: '' },
  completionRevoked: { kind: 'completionRevoked', was: 'succeeded', status: 'running' },
  comparisonStarted: { kind: 'comparisonStarted', method: 'counts' },
  comparisonFinished: { kind: 'comparisonFinished', comparison },
  comparisonEnded: { kind: 'comparisonEnded', failure },
  comparisonStale: { kind: 'comparisonStale', side: 'source', written: true, why },
  dtsComparisonStarted: { kind: 'dtsComparisonStarted', id: 'c', method: 'dataCheck', sampleRate: null, tables: null },
  dtsComparisonFinished: { kind: 'dtsComparisonFinished', outcome: { verdict: 'same', summary: why } },
  dtsComparisonEnded: { kind: 'dtsComparisonEnded', failure },
  addressReplaced: { kind: 'addressReplaced', from: 'a:1', to: 'b:2', files: ['.env'] },
  switched: { kind: 'switched', switchedAt: NOW },
  businessSeen: { kind: 'businessSeen', side: 'target', accounts: ['a'] },
  finished: { kind: 'finished' },
  noted: { kind: 'noted', text: 'x' },
  sessionEnding: { kind: 'sessionEnding', side: 'source', session: '1' },
  recordDamaged: { kind: 'recordDamaged', line: 2, why: { text: 'x' }, after: [], evidence: 'f' },
  takenOver: { kind: 'takenOver', from: 'me@here' },
  handedOver: { kind: 'handedOver' },
  received: { kind: 'received', from: 'me@there', handedOverAt: NOW },
  takenBack: { kind: 'takenBack' },
  unrecognized: { kind: 'unrecognized', name: 'nodded' },
};
const ALL = Object.keys(EVENTS) as JournalKind[];
const after = (...kinds: JournalKind[]): RunState => replay(journal(kinds.map((kind) => EVENTS[kind])));

/** What a run accepts at any time; the rows below add what their state accepts besides. */
const ALWAYS: JournalKind[] = [
  'noted',
  'statusChanged',
  'connected',
  'connectionLost',
  'taskUnreadable',
  'taskReadable',
  'recordDamaged',
  'takenOver',
  'unrecognized',
];
const RUNNING: JournalKind[] = [
  ...ALWAYS,
  'reopened',
  'handedOver',
  'completeDeclined',
  'completeRefused',
  'attested',
  'attestationWithdrawn',
  'overridden',
  'serverAccepted',
  'sessionEnding',
  'sessionTerminated',
  'businessSeen',
  'comparisonStarted',
  'finished',
];
/** Before Complete is sent: afterwards gap, lag and quiet are no news any more, and DTS compares no more. */
const UP: JournalKind[] = ['caughtUp', 'fellBehind', 'dtsComparisonStarted'];
const DOWN: JournalKind[] = ['notQuiet', 'quietReached', 'quietBroken', 'dwellReached', 'dwellBroken'];
const ENDINGS: JournalKind[] = ['completed', 'completionFailed'];

const TABLE: [string, RunState, JournalKind[]][] = [
  ['before the start', after(), [...ALWAYS, 'started']],
  ['started', after('started'), [...RUNNING, ...ENDINGS, ...UP, 'paused', 'completeSent']],
  ['paused', after('started', 'paused'), [...RUNNING, ...ENDINGS, ...UP, ...DOWN, 'paused', 'resumed', 'completeSent']],
  [
    'sending Complete',
    after('started', 'paused', 'completeSent'),
    [...RUNNING, ...ENDINGS, 'completeAccepted', 'completeRejected', 'completeOutcomeUnknown'],
  ],
  [
    'outcome unknown',
    after('started', 'paused', 'completeSent', 'completeOutcomeUnknown'),
    [
      ...[...RUNNING, ...ENDINGS, ...DOWN, 'caughtUp', 'fellBehind', 'paused', 'resumed', 'completeSent'],
      ...['completeAccepted', 'completeNotCarriedOut'],
    ] as JournalKind[],
  ],
  [
    'accepted',
    after('started', 'paused', 'completeSent', 'completeAccepted'),
    [...RUNNING, ...ENDINGS, ...DOWN, 'caughtUp', 'fellBehind', 'paused', 'resumed', 'completeSent'],
  ],
  [
    'rejected',
    after('started', 'paused', 'completeSent', 'completeRejected'),
    [...RUNNING, ...ENDINGS, ...UP, ...DOWN, 'paused', 'resumed', 'completeSent'],
  ],
  [
    'not carried out',
    after('started', 'paused', 'completeSent', 'completeOutcomeUnknown', 'completeNotCarriedOut'),
    [...RUNNING, ...ENDINGS, ...UP, ...DOWN, 'paused', 'resumed', 'completeSent'],
  ],
  [
    'succeeded',
    after('started', 'paused', 'completeSent', 'completed'),
    [...RUNNING, 'addressReplaced', 'switched', 'completionRevoked', 'resumed'],
  ],
  [
    'ended badly',
    after('started', 'paused', 'completeSent', 'completionFailed'),
    [...RUNNING, ...ENDINGS, ...UP, ...DOWN, 'paused', 'resumed', 'completeSent', 'completionRevoked'],
  ],
  [
    'succeeded, and then not',
    after('started', 'paused', 'completeSent', 'completed', 'completionRevoked'),
    [
      ...[...RUNNING, ...ENDINGS, ...DOWN, 'caughtUp', 'fellBehind', 'paused', 'resumed', 'completeSent'],
      ...['completeAccepted', 'completeNotCarriedOut'],
    ] as JournalKind[],
  ],
  [
    'comparing',
    after('started', 'comparisonStarted'),
    [
      ...RUNNING.filter((kind) => kind !== 'comparisonStarted'),
      ...ENDINGS,
      ...UP,
      'paused',
      'completeSent',
      'comparisonFinished',
      'comparisonEnded',
    ],
  ],
  [
    'compared',
    after('started', 'comparisonStarted', 'comparisonFinished'),
    [...RUNNING, ...ENDINGS, ...UP, 'paused', 'completeSent', 'comparisonStale'],
  ],
  [
    'DTS comparing',
    after('started', 'dtsComparisonStarted'),
    [
      ...RUNNING,
      ...ENDINGS,
      ...UP.filter((kind) => kind !== 'dtsComparisonStarted'),
      'paused',
      'completeSent',
      'dtsComparisonFinished',
      'dtsComparisonEnded',
    ],
  ],
  [
    'DTS compared',
    after('started', 'dtsComparisonStarted', 'dtsComparisonFinished'),
    [...RUNNING, ...ENDINGS, ...UP, 'paused', 'completeSent'],
  ],
  [
    'compared, stale',
    after('started', 'comparisonStarted', 'comparisonFinished', 'comparisonStale'),
    [...RUNNING, ...ENDINGS, ...UP, 'paused', 'completeSent'],
  ],
  ['handed over', after('started', 'paused', 'handedOver'), [...ALWAYS, 'received', 'takenBack']],
  ['finished', after('started', 'finished'), [...ALWAYS, 'started']],
];

describe('the machine', () => {
  for (const [name, state, expected] of TABLE) {
    it(`${name}: accepts exactly what makes sense, and the rest changes nothing`, () => {
      assert.deepEqual(ALL.filter((kind) => accepts(state, kind)).sort(), [...expected].sort());
      for (const kind of ALL.filter((k) => !expected.includes(k))) {
        assert.equal(evolve(state, journal([EVENTS[kind]])[0]!), state, kind);
      }
    });
  }

  it('a task without incremental migration is switched without Complete, and never completed', () => {
    const state = replay(journal([{ ...EVENTS.started, incremental: false }]));
    assert.equal(accepts(state, 'completeSent'), false);
    assert.equal(accepts(state, 'switched'), true);
  });

  it('forgets on resume whatever was waved through for a stopped business', () => {
    const overridden: JournalEvent[] = [
      EVENTS.started,
      { ...EVENTS.overridden, step: 'prepare' },
      EVENTS.paused,
      EVENTS.overridden,
      EVENTS.resumed,
    ];
    const state = replay(journal(overridden));
    assert.deepEqual(Object.keys(state.overrides), ['prepare']);
    assert.equal(state.pausedAt, null);
  });

  it('forgets the override of Complete once it was used in vain', () => {
    const events: JournalEvent[] = [EVENTS.started, { ...EVENTS.overridden, step: 'complete' }, EVENTS.completeSent];
    for (const end of [[EVENTS.completeRejected], [EVENTS.completeOutcomeUnknown, EVENTS.completeNotCarriedOut]]) {
      assert.equal(replay(journal([...events, ...end])).overrides.complete, undefined);
    }
  });

  it('begins anew after a finished run', () => {
    assert.deepEqual(after('started', 'paused', 'finished', 'started').pausedAt, null);
  });

  it('resolves what an interruption left open, and only that', () => {
    assert.deepEqual(
      recoveries(after('started', 'completeSent', 'comparisonStarted')).map((event) => event.kind),
      ['completeOutcomeUnknown', 'comparisonEnded'],
    );
    assert.deepEqual(recoveries(after('started', 'completeSent', 'completeAccepted')), []);
  });
});
