/** Did anybody write while we were looking? Read before the snapshots and when all is done. */
import type { PositionFacts, Side } from '../cutover/facts.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { pause } from '../util/wait.ts';
import { both } from './tableRows.ts';

/** Reads one side's write position since an earlier token, on a connection of its own. */
export type ReadPosition = (since: string | null, signal: AbortSignal) => Promise<PositionFacts>;

export type Writes =
  | { readonly kind: 'none' }
  /** names as the engine gives them; null: written, and it cannot be told where */
  | { readonly kind: 'written'; readonly names: Readonly<Record<Side, readonly string[] | null>> }
  | { readonly kind: 'unknown'; readonly why: Sentence };

/** Some servers publish who wrote what a second later. */
const PENDING_TRIES = 10;
const PENDING_MS = 500;

export class PositionWatch {
  private constructor(
    private readonly sides: Readonly<Record<Side, ReadPosition | null>>,
    /** where the snapshot that counts began */
    private before: Readonly<Record<Side, PositionFacts | null>>,
    private readonly first: Readonly<Record<Side, PositionFacts | null>>,
  ) {}

  static async start(sides: Readonly<Record<Side, ReadPosition | null>>, signal: AbortSignal): Promise<PositionWatch> {
    const before = await readBoth(sides, signal);
    return new PositionWatch(sides, before, before);
  }

  /** A later write than this makes the verdict stale. */
  get tokens(): Readonly<Record<Side, string | null>> {
    return { source: this.before.source?.token ?? null, target: this.before.target?.token ?? null };
  }

  /** As a DBA would write it: when the comparison began. */
  get began(): Readonly<Record<Side, string | null>> {
    return { source: this.first.source?.display ?? null, target: this.first.target?.display ?? null };
  }

  /** The last position seen. */
  ended: Readonly<Record<Side, string | null>> = { source: null, target: null };

  /** From now on only later writes count: called before the snapshots are renewed. */
  async rebase(signal: AbortSignal): Promise<void> {
    this.before = await readBoth(this.sides, signal);
  }

  async writes(signal: AbortSignal): Promise<Writes> {
    const [source, target] = await both(this.since('source', signal), this.since('target', signal));
    this.ended = { source: source?.display ?? null, target: target?.display ?? null };
    const unknown = [source, target].find((facts) => facts?.foreign !== 'none' && facts?.foreign !== 'written');
    if (!source || !target || unknown) {
      return {
        kind: 'unknown',
        why: unknown?.why ?? sentence('It cannot be told whether somebody wrote during the comparison.'),
      };
    }
    if (source.foreign === 'none' && target.foreign === 'none') return { kind: 'none' };
    return { kind: 'written', names: { source: namesOf(source), target: namesOf(target) } };
  }

  private async since(side: Side, signal: AbortSignal): Promise<PositionFacts | null> {
    const read = this.sides[side];
    const token = this.before[side]?.token;
    if (!read || token === undefined) return null;
    for (let tries = 0; ; tries++) {
      const now = await read(token, signal);
      if (now.foreign !== 'pending' || tries === PENDING_TRIES) return now;
      await pause(PENDING_MS, signal);
    }
  }
}

async function readBoth(
  sides: Readonly<Record<Side, ReadPosition | null>>,
  signal: AbortSignal,
): Promise<Record<Side, PositionFacts | null>> {
  const first = async (read: ReadPosition | null) => (read ? read(null, signal) : null);
  const [source, target] = await both(first(sides.source), first(sides.target));
  return { source, target };
}

function namesOf(facts: PositionFacts): readonly string[] | null {
  if (facts.foreign === 'none') return [];
  const names = facts.written.filter((object) => !object.byDts).map((object) => object.name);
  // a name without a dot is a whole database
  return names.length > 0 && names.every((name) => name.includes('.')) ? names : null;
}
