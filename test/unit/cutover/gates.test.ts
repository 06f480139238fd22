import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  RIGHT_USES,
  type RightFacts,
  type RightUse,
  type TaskFacts,
  type TaskStep,
} from '../../../src/cutover/facts.ts';
import { completeRefusals, GATES, type GateFacts } from '../../../src/cutover/gates.ts';
import { replay } from '../../../src/cutover/machine.ts';
import type { JournalEvent } from '../../../src/cutover/journal.ts';
import { say, sentence } from '../../../src/util/sentence.ts';
import { ATTESTED, connected, EMPTY_WINDOW, gateFacts, held, journal, NOW, ready, STARTED, task } from './facts.ts';

const failure = { reason: 'timed-out', what: sentence('No answer.'), tryThis: null } as const;
const why = (facts: GateFacts) =>
  GATES.complete(facts)
    .why.map((s) => say(s))
    .join(' ');

const step = (status: TaskStep['status']): TaskStep => ({ ...task().steps[0]!, status, rawStatus: status });

describe('the gate of Complete', () => {
  it('opens when everything is proven', () => {
    assert.equal(GATES.complete(gateFacts()).state, 'open');
  });

  const shut: [string, Partial<GateFacts>, RegExp][] = [
    ['gap −1 (no valid value)', { task: task({ gapMb: null }) }, /no valid value for the gap/],
    ['lag null', { task: task({ lagSeconds: null }) }, /no valid value for the lag/],
    ['gap 1 MB', { task: task({ gapMb: 1 }) }, /gap is 1 MB/],
    ['lag 1 s', { task: task({ lagSeconds: 1 }) }, /lag is 1 s/],
    ['no reading at all', { task: null }, /not been read/],
    ['a reading older than 15 s', { task: task({ readAt: NOW - 15_001 }) }, /too old/],
    ['a reading from the future', { task: task({ readAt: NOW + 1 }) }, /too old/],
    ['a newer attempt to read that failed', { taskUnreadable: true }, /too old/],
    ['a status never seen', { task: task({ status: 'unrecognized', rawStatus: 'brandNew' }) }, /brandNew/],
    ['status running', { task: task({ status: 'running' }) }, /running/],
    ['status unknown', { task: task({ status: 'unknown' }) }, /unknown/],
    ['an isolated task', { task: task({ trade: 'isolated' }) }, /billing/],
    ['a task that is being taken off line', { task: task({ trade: 'offlining' }) }, /billing/],
    ['complete not allowed', { task: task({ allowedActions: ['stop'] }) }, /does not offer Complete/],
    [
      'an incremental step that has not begun',
      { task: task({ steps: [step('notStarted')] }) },
      /Incremental Data is not running/,
    ],
    [
      'an incremental step that failed',
      { task: task({ steps: [step('failed'), { ...step('running'), id: 'check' }] }) },
      /not running/,
    ],
    ['a full migration', { task: task({ migrateType: 'full' }) }, /no incremental migration/],
    ['an unknown kind of migration', { task: task({ migrateType: 'unrecognized' }) }, /no incremental migration/],
    ['a dwell of 59.9 s', { dwell: held(59.9) }, /59 s of 60 s/],
    ['a dwell that ended long ago', { dwell: held(120, 16) }, /0 s of 60 s/],
    ['no dwell', { dwell: EMPTY_WINDOW }, /0 s of 60 s/],
    ['a quiet window of 179.9 s', { quiet: held(179.9) }, /179 s of 180 s/],
    ['a quiet window nobody extended lately', { quiet: held(300, 16) }, /no fresh look/],
    [
      'a source that cannot be reached',
      { source: { state: 'failed', failure, since: NOW, retryAt: null } },
      /not done/,
    ],
    ['a business that runs', { state: replay(journal([STARTED, ...ATTESTED])) }, /not been stopped/],
    [
      'an open point of step 1',
      { state: replay(journal([STARTED, { kind: 'paused', pausedAt: NOW - 1 }])) },
      /Prepare is not done/,
    ],
    ['no run', { state: replay([]) }, /No cutover is under way/],
    ['Complete sent already', { state: ready([{ kind: 'completeSent', evidence: [] }]) }, /already been sent/],
    [
      'an outcome nobody knows',
      {
        state: ready([
          { kind: 'completeSent', evidence: [] },
          { kind: 'completeOutcomeUnknown', failure },
        ]),
      },
      /already been sent/,
    ],
  ];
  for (const [name, changes, reason] of shut) {
    it(`stays shut: ${name}`, () => {
      const facts = gateFacts(changes);
      assert.notEqual(GATES.complete(facts).state, 'open');
      assert.match(why(facts), reason);
    });
  }

  it('waits, and blames nobody, while Complete is on its way', () => {
    const sent: JournalEvent = { kind: 'completeSent', evidence: [] };
    for (const more of [[], [{ kind: 'completeAccepted' }], [{ kind: 'completeOutcomeUnknown', failure }]] as const) {
      assert.equal(GATES.complete(gateFacts({ state: ready([sent, ...more]) })).state, 'waiting');
    }
  });

  it('opens at exactly 180 s of quiet and 60 s of zero', () => {
    assert.equal(GATES.complete(gateFacts({ quiet: held(180), dwell: held(60) })).state, 'open');
  });

  it('asks for nothing that only one published example has', () => {
    const trades = ['normal', 'resizing', 'reversing', 'notBilled', 'unrecognized'] as const;
    for (const trade of trades) assert.equal(GATES.complete(gateFacts({ task: task({ trade }) })).state, 'open', trade);
    const others = [
      { ...step('running'), id: 'IncSync' },
      { ...step('notStarted'), id: 'Check' },
    ];
    for (const steps of [[], others, [step('running'), ...others]]) {
      assert.equal(GATES.complete(gateFacts({ task: task({ steps }) })).state, 'open');
    }
  });

  it('opens again after a rejection, and after it is known that the call was not carried out', () => {
    const sent: JournalEvent = { kind: 'completeSent', evidence: [] };
    assert.equal(
      GATES.complete(gateFacts({ state: ready([sent, { kind: 'completeRejected', failure }]) })).state,
      'open',
    );
    const lost: JournalEvent[] = [sent, { kind: 'completeOutcomeUnknown', failure }, { kind: 'completeNotCarriedOut' }];
    assert.equal(GATES.complete(gateFacts({ state: ready(lost) })).state, 'open');
  });

  it('cannot be overridden while the task does not allow it', () => {
    assert.deepEqual(completeRefusals(gateFacts({ dwell: EMPTY_WINDOW })), []);
    assert.notDeepEqual(completeRefusals(gateFacts({ task: task({ allowedActions: [] }) })), []);
    assert.notDeepEqual(completeRefusals(gateFacts({ taskUnreadable: true })), []);
  });

  it('never opens on facts that are not all good, whatever their mixture', () => {
    const gap = fc.constantFrom(0, 0, 0, 1, null);
    const facts = fc.record({
      gapMb: gap,
      lagSeconds: gap,
      status: fc.constantFrom<TaskFacts['status']>(
        'readyComplete',
        'readyComplete',
        'running',
        'unrecognized',
        'completing',
      ),
      age: fc.integer({ min: -2000, max: 20_000 }),
      quiet: fc.integer({ min: 0, max: 400 }),
      dwell: fc.integer({ min: 0, max: 120 }),
      allowed: fc.boolean(),
      unreadable: fc.boolean(),
      trade: fc.constantFrom<TaskFacts['trade']>('normal', 'normal', 'isolated', 'unrecognized'),
    });
    fc.assert(
      fc.property(facts, (f) => {
        const opened = GATES.complete(
          gateFacts({
            task: task({
              gapMb: f.gapMb,
              lagSeconds: f.lagSeconds,
              status: f.status,
              trade: f.trade,
              readAt: NOW - f.age,
              allowedActions: f.allowed ? ['complete', 'stop'] : ['stop'],
            }),
            taskUnreadable: f.unreadable,
            quiet: held(f.quiet),
            dwell: held(f.dwell),
          }),
        );
        const good =
          f.gapMb === 0 &&
          f.lagSeconds === 0 &&
          f.status === 'readyComplete' &&
          f.trade !== 'isolated' &&
          f.allowed &&
          !f.unreadable &&
          f.age >= 0 &&
          f.age <= 15_000 &&
          f.quiet >= 180 &&
          f.dwell >= 60;
        assert.equal(opened.state === 'open', good);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the gate of step 1', () => {
  it('wants every point', () => {
    assert.equal(GATES.prepare(gateFacts()).state, 'open');
    for (const item of ['account', 'backup', 'offPeak'] as const) {
      const state = ready([{ kind: 'attestationWithdrawn', item }]);
      assert.equal(GATES.prepare(gateFacts({ state })).state, 'blocked', item);
    }
  });

  it('is shut while the account cannot see every session, or nobody knows', () => {
    const grant = 'GRANT pg_monitor TO "x";';
    const source = connected('source');
    assert.equal(source.state, 'connected');
    if (source.state !== 'connected') return;
    const limited = { ...source, visibility: { level: 'limited', missing: sentence('limited'), grant } } as const;
    assert.equal(GATES.prepare(gateFacts({ source: limited })).state, 'blocked');
    assert.equal(GATES.prepare(gateFacts({ source: { ...source, visibility: null } })).state, 'blocked');
  });

  it('is shut while an account lacks a right a later step needs, or nobody knows, and not for want of ending sessions', () => {
    for (const side of ['source', 'target'] as const) {
      const known = connected(side);
      const gate = (rights: readonly RightFacts[] | null) =>
        GATES.prepare(gateFacts({ [side]: { ...known, rights } })).state;
      const lacking = (use: RightUse, state: RightFacts['state']): readonly RightFacts[] => [
        { use, state, objects: [], why: sentence('It may not.'), grant: null },
      ];
      for (const use of RIGHT_USES) {
        assert.equal(gate(lacking(use, 'ok')), 'open', use);
        for (const state of ['missing', 'unknown'] as const) {
          assert.equal(gate(lacking(use, state)), use === 'end a session' ? 'open' : 'blocked', `${use} ${state}`);
        }
      }
      assert.equal(gate(null), 'blocked');
      assert.equal(gate([]), 'blocked');
    }
  });

  it('is shut when both connections lead to the same server', () => {
    assert.equal(GATES.prepare(gateFacts({ source: connected('a'), target: connected('a') })).state, 'blocked');
  });

  it('is not shut by two servers that were started at the same moment', () => {
    assert.equal(GATES.prepare(gateFacts({ source: connected('a'), target: connected('b') })).state, 'open');
  });
});

describe('the gate of step 6', () => {
  const done: JournalEvent[] = [{ kind: 'completeSent', evidence: [] }, { kind: 'completeAccepted' }];
  const ended = { kind: 'completed', endedAt: NOW - 50_000 } as const;
  const comparison = {
    id: 'c1',
    method: 'digest',
    startedAt: NOW - 40_000,
    finishedAt: NOW - 30_000,
    verdict: 'same',
    summary: sentence('Same.'),
    tables: [],
    skipped: [],
    positions: { source: null, target: null },
  } as const;
  const verify = (...events: JournalEvent[]) =>
    GATES.verify(gateFacts({ state: ready([...done, ended, ...events]), task: task({ status: 'success' }) }));
  const compared = (changes: object): JournalEvent[] => [
    { kind: 'comparisonStarted', method: 'digest' },
    { kind: 'comparisonFinished', comparison: { ...comparison, ...changes } },
  ];

  const stale = (side: 'source' | 'target', written = true): JournalEvent => ({
    kind: 'comparisonStale',
    side,
    written,
    why: sentence('written'),
  });

  it('opens on a fresh verdict "same" only', () => {
    assert.equal(verify(...compared({})).state, 'open');
    assert.equal(verify(...compared({ verdict: 'different' })).state, 'blocked');
    assert.equal(verify(...compared({ verdict: 'incomplete' })).state, 'blocked');
    assert.equal(verify().state, 'blocked');
  });

  it('does not take equal counts for equal data', () => {
    assert.equal(verify(...compared({ method: 'counts' })).state, 'waiting');
  });

  it('is shut while a comparison runs, when it began before the end of the task, and when it no longer holds', () => {
    assert.equal(verify({ kind: 'comparisonStarted', method: 'digest' }).state, 'waiting');
    // by the order of the record: clocks are set
    const [began, found] = compared({});
    const early = ready([...done, began!, ended, found!]);
    assert.equal(GATES.verify(gateFacts({ state: early, task: task({ status: 'success' }) })).state, 'blocked');
    assert.equal(verify(...compared({ startedAt: NOW - 3_600_000 })).state, 'open');
    for (const side of ['source', 'target'] as const) {
      assert.equal(verify(...compared({}), stale(side)).state, 'blocked', side);
    }
  });

  it('stays open while the business starts on the target, and shuts when the source is written', () => {
    const started = (...events: JournalEvent[]) => {
      const state = ready([...done, ended, ...compared({}), ...events]);
      return GATES.verify(gateFacts({ state, task: task({ status: 'success' }), businessOnTarget: 3 })).state;
    };
    assert.equal(started(stale('target')), 'open');
    assert.equal(started(stale('target'), stale('source')), 'blocked');
    assert.equal(started(stale('target', false)), 'blocked', 'a target nobody can tell about');
    assert.equal(started(stale('target'), stale('target', false)), 'blocked', 'told apart also after a write');
    assert.equal(started(stale('target', false), stale('target')), 'blocked', 'a later write makes it no better');
  });

  it('is shut before the task has ended', () => {
    const state = ready([...done, ...compared({})]);
    assert.equal(GATES.verify(gateFacts({ state })).state, 'blocked');
  });
});
