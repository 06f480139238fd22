/** Did anybody write while we were looking? Read before the snapshots and when all is done. */
import type { PositionFacts, Side } from '../cutover/facts.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { pause } from '../util/wait.ts';
import type { CompareSide } from './compare.ts';
import { both } from './tableRows.ts';

export interface PositionWatch {
  readonly before: Readonly<Record<Side, PositionFacts | null>>;
  /** true also when it cannot be told */
  writtenSince(signal: AbortSignal): Promise<boolean>;
  readAgain(signal: AbortSignal): Promise<{
    readonly displays: Readonly<Record<Side, string | null>>;
    /** why it is not known whether somebody wrote */
    readonly unknown: readonly Sentence[];
  }>;
}

/** Some servers publish who wrote what a second later. */
const PENDING_TRIES = 10;
const PENDING_MS = 500;

export async function positionWatch(
  sides: Readonly<Record<Side, CompareSide>>,
  signal: AbortSignal,
): Promise<PositionWatch> {
  const first = (side: CompareSide) => side.readPosition?.(null, signal) ?? Promise.resolve(null);
  const [source, target] = await both(first(sides.source), first(sides.target));
  const before = { source, target };
  const again = async (which: Side, until: AbortSignal): Promise<PositionFacts | null> => {
    const read = sides[which].readPosition;
    const since = before[which];
    if (!read || !since) return null;
    let now = await read(since.token, until);
    for (let i = 0; now.foreign === 'pending' && i < PENDING_TRIES; i++) {
      await pause(PENDING_MS, until);
      now = await read(since.token, until);
    }
    return now;
  };
  return {
    before,
    async writtenSince(until) {
      const [mine, theirs] = await both(again('source', until), again('target', until));
      return mine?.foreign !== 'none' || theirs?.foreign !== 'none';
    },
    async readAgain(until) {
      const [mine, theirs] = await both(again('source', until), again('target', until));
      const unknown: Sentence[] = [];
      for (const facts of [mine, theirs]) {
        if (!facts) unknown.push(sentence('It cannot be told whether somebody wrote during the comparison.'));
        else if (facts.foreign === 'unknown' || facts.foreign === 'pending') unknown.push(facts.why);
      }
      return { displays: { source: mine?.display ?? null, target: theirs?.display ?? null }, unknown };
    },
  };
}
