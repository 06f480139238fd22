import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EMPTY_WINDOW, heldSeconds, look, windowState, type Look } from '../../../src/cutover/windows.ts';
import { sentence, say } from '../../../src/util/sentence.ts';

const HOLE = 15_000;
const why = sentence('no');
const fold = (looks: readonly Look[]) => looks.reduce((window, next) => look(window, next, HOLE), EMPTY_WINDOW);
const yes = (at: number, mono = at): Look => ({ at, mono, holds: 'yes' });
const at = (now: number, mono = now) => ({ at: now, mono });

describe('sustained windows', () => {
  it('are as long as their samples prove, not longer', () => {
    const window = fold([yes(0), yes(10_000), yes(20_000)]);
    assert.equal(heldSeconds(window, at(29_000), HOLE), 20);
    assert.equal(windowState(window, 20, at(29_000), HOLE), 'reached');
    assert.equal(windowState(window, 20.001, at(29_000), HOLE), 'waiting');
  });

  it('are not reached a tenth of a second early', () => {
    const row = [0, 14_000, 28_000, 42_000, 56_000].map((each) => yes(each));
    assert.equal(windowState(fold([...row, yes(59_900)]), 60, at(59_900), HOLE), 'waiting');
    assert.equal(windowState(fold([...row, yes(60_000)]), 60, at(60_000), HOLE), 'reached');
  });

  it('break on a look that says no, and say why', () => {
    const window = fold([yes(0), yes(5000), { ...at(6000), holds: 'no', why: sentence('a session is new') }]);
    assert.equal(window.since, null);
    assert.equal(window.lastReset && say(window.lastReset.why), 'a session is new');
  });

  it('break on a hole between two good looks', () => {
    const window = fold([yes(0), yes(10_000), yes(25_001)]);
    assert.equal(window.since, 25_001);
    assert.match(say(window.lastReset!.why), /no sample for 15 s/);
    assert.equal(fold([yes(0), yes(10_000), yes(25_000)]).since, 0);
  });

  it('break when the clock runs backwards', () => {
    assert.equal(fold([yes(10_000), yes(9000)]).since, 9000);
  });

  it('are measured by the clock that nobody sets, and begin again where the two disagree', () => {
    // the wall clock is put forward by 100 s between two looks
    const stepped = fold([yes(0), yes(10_000), yes(120_000, 20_000)]);
    assert.equal(stepped.since, 120_000);
    assert.equal(heldSeconds(stepped, at(121_000, 21_000), HOLE), 0);
    assert.match(say(stepped.lastReset!.why), /clock of this machine was set, or it slept/);
    // a laptop sleeps for an hour: the monotonic clock stands still
    assert.equal(fold([yes(0), yes(10_000), yes(3_610_000, 11_000)]).since, 3_610_000);
    // two seconds of drift are no doubt, and what counts is the monotonic time
    assert.equal(heldSeconds(fold([yes(0), yes(11_900, 10_000)]), at(11_900, 10_000), HOLE), 10);
    assert.equal(windowState(fold([yes(0), yes(10_000)]), 10, at(15_000, 11_000), HOLE), 'broken');
  });

  it('cannot be reached on a look that could not tell, but go on', () => {
    const pending = fold([yes(0), yes(14_000), { ...at(20_000), holds: 'pending', why }]);
    assert.equal(windowState(pending, 14, at(20_000), HOLE), 'pending');
    assert.equal(windowState(look(pending, yes(25_000), HOLE), 14, at(25_000), HOLE), 'reached');
  });

  it('lapse when nobody has looked lately', () => {
    const window = fold([yes(0), yes(10_000)]);
    assert.equal(windowState(window, 10, at(25_000), HOLE), 'reached');
    assert.equal(windowState(window, 10, at(25_001), HOLE), 'broken');
    assert.equal(windowState(window, 10, at(9999), HOLE), 'broken', 'a look from the future proves nothing');
  });

  it('are only ever reached over an unbroken row of good looks at least that long', () => {
    const anyLook = fc.record({
      step: fc.integer({ min: -3000, max: 20_000 }),
      holds: fc.constantFrom('yes' as const, 'yes' as const, 'yes' as const, 'pending' as const, 'no' as const),
    });
    fc.assert(
      fc.property(fc.array(anyLook, { maxLength: 40 }), fc.integer({ min: 1, max: 90 }), (steps, required) => {
        let now = 1_000_000;
        const looks = steps.map(({ step, holds }): Look => {
          now += step;
          return holds === 'yes' ? yes(now) : { ...at(now), holds, why };
        });
        const reached = windowState(fold(looks), required, at(now), HOLE) === 'reached';
        assert.equal(reached, unbrokenSeconds(looks) >= required);
      }),
      { numRuns: 500 },
    );
  });
});

/** The same by walking back from the newest look. */
function unbrokenSeconds(looks: readonly Look[]): number {
  const newest = looks[looks.length - 1];
  if (newest?.holds !== 'yes') return -1;
  let first = newest.at;
  for (let i = looks.length - 2; i >= 0; i--) {
    const step = looks[i + 1]!.at - looks[i]!.at;
    if (looks[i]!.holds === 'no' || step < 0 || step > HOLE) break;
    if (looks[i]!.holds === 'yes') first = looks[i]!.at;
  }
  return (newest.at - first) / 1000;
}
