import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EMPTY_WINDOW, heldSeconds, look, windowState, type Look } from '../../../src/cutover/windows.ts';
import { sentence, say } from '../../../src/util/sentence.ts';

const HOLE = 15_000;
const why = sentence('no');
const fold = (looks: readonly Look[]) => looks.reduce((window, next) => look(window, next, HOLE), EMPTY_WINDOW);
const yes = (at: number): Look => ({ at, holds: 'yes' });

describe('sustained windows', () => {
  it('are as long as their samples prove, not longer', () => {
    const window = fold([yes(0), yes(10_000), yes(20_000)]);
    assert.equal(heldSeconds(window, 29_000, HOLE), 20);
    assert.equal(windowState(window, 20, 29_000, HOLE), 'reached');
    assert.equal(windowState(window, 20.001, 29_000, HOLE), 'waiting');
  });

  it('are not reached a tenth of a second early', () => {
    const row = [0, 14_000, 28_000, 42_000, 56_000].map(yes);
    assert.equal(windowState(fold([...row, yes(59_900)]), 60, 59_900, HOLE), 'waiting');
    assert.equal(windowState(fold([...row, yes(60_000)]), 60, 60_000, HOLE), 'reached');
  });

  it('break on a look that says no, and say why', () => {
    const window = fold([yes(0), yes(5000), { at: 6000, holds: 'no', why: sentence('a session is new') }]);
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

  it('cannot be reached on a look that could not tell, but go on', () => {
    const pending = fold([yes(0), yes(14_000), { at: 20_000, holds: 'pending', why }]);
    assert.equal(windowState(pending, 14, 20_000, HOLE), 'pending');
    assert.equal(windowState(look(pending, yes(25_000), HOLE), 14, 25_000, HOLE), 'reached');
  });

  it('lapse when nobody has looked lately', () => {
    const window = fold([yes(0), yes(10_000)]);
    assert.equal(windowState(window, 10, 25_000, HOLE), 'reached');
    assert.equal(windowState(window, 10, 25_001, HOLE), 'broken');
    assert.equal(windowState(window, 10, 9999, HOLE), 'broken', 'a look from the future proves nothing');
  });

  it('are only ever reached over an unbroken row of good looks at least that long', () => {
    const anyLook = fc.record({
      step: fc.integer({ min: -3000, max: 20_000 }),
      holds: fc.constantFrom('yes' as const, 'yes' as const, 'yes' as const, 'pending' as const, 'no' as const),
    });
    fc.assert(
      fc.property(fc.array(anyLook, { maxLength: 40 }), fc.integer({ min: 1, max: 90 }), (steps, required) => {
        let at = 1_000_000;
        const looks = steps.map(({ step, holds }): Look => {
          at += step;
          return holds === 'yes' ? { at, holds } : { at, holds, why };
        });
        const reached = windowState(fold(looks), required, at, HOLE) === 'reached';
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
