/** Did anybody write while we were looking? Read before the snapshots and when all is done. */
import type { PositionFacts, Side } from '../cutover/facts.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { pause } from '../util/wait.ts';
import type { DatabasePair } from './scope.ts';
import { both } from './tableRows.ts';

/** Reads one side's write position since an earlier token, on a connection of its own. */
export type ReadPosition = (since: string | null, signal: AbortSignal) => Promise<PositionFacts>;

export type Writes =
  { readonly kind: 'none' } | { readonly kind: 'written' } | { readonly kind: 'unknown'; readonly why: Sentence };

/** Some servers publish who wrote what a second later. */
const PENDING_TRIES = 10;
const PENDING_MS = 500;

export class PositionWatch {
  /** since when writes are looked for: before the snapshot read in now */
  private before: Readonly<Record<Side, PositionFacts | null>>;
  /** since when every result holds unless somebody has written */
  private held: Readonly<Record<Side, PositionFacts | null>>;

  private constructor(
    private readonly sides: Readonly<Record<Side, ReadPosition | null>>,
    private readonly databases: readonly DatabasePair[],
    private readonly first: Readonly<Record<Side, PositionFacts | null>>,
  ) {
    this.before = this.held = first;
  }

  /** @param databases those compared: what is written in others does not matter, where the engine tells them apart */
  static async start(
    sides: Readonly<Record<Side, ReadPosition | null>>,
    databases: readonly DatabasePair[],
    signal: AbortSignal,
  ): Promise<PositionWatch> {
    return new PositionWatch(sides, databases, await readBoth(sides, signal));
  }

  /** A later write than this makes the verdict stale. */
  get tokens(): Readonly<Record<Side, string | null>> {
    return { source: this.held.source?.token ?? null, target: this.held.target?.token ?? null };
  }

  /** As a DBA would write it: when the comparison began. */
  get began(): Readonly<Record<Side, string | null>> {
    return { source: this.first.source?.display ?? null, target: this.first.target?.display ?? null };
  }

  /** The last position seen. */
  ended: Readonly<Record<Side, string | null>> = { source: null, target: null };

  /**
   * What was written up to now; from now on only later writes count. Called before the snapshots are renewed. While it
   * cannot be told what was written, nothing moves.
   */
  async advance(signal: AbortSignal): Promise<Writes> {
    const { writes, now } = await this.look(signal);
    if (writes.kind !== 'unknown') this.before = now;
    return writes;
  }

  /** Every table is known to be as the newest snapshot has it: earlier writes no longer make the verdict stale. */
  hold(): void {
    this.held = this.before;
  }

  async writes(signal: AbortSignal): Promise<Writes> {
    return (await this.look(signal)).writes;
  }

  private async look(
    signal: AbortSignal,
  ): Promise<{ writes: Writes; now: Readonly<Record<Side, PositionFacts | null>> }> {
    const [source, target] = await both(this.since('source', signal), this.since('target', signal));
    this.ended = { source: source?.display ?? null, target: target?.display ?? null };
    const inside = { source: this.within('source', source), target: this.within('target', target) };
    return { writes: writesOf(inside.source, inside.target), now: { source, target } };
  }

  /** As if nothing had been written, where all that was is in databases that are not compared. */
  private within(side: Side, facts: PositionFacts | null): PositionFacts | null {
    if (facts?.foreign !== 'written') return facts;
    const names = new Set(this.databases.map((pair) => pair[side]));
    const foreign = facts.written.filter(({ byDts }) => !byDts);
    const elsewhere = foreign.every(({ database }) => database !== undefined && !names.has(database));
    return foreign.length > 0 && elsewhere ? { ...facts, foreign: 'none' } : facts;
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

function writesOf(source: PositionFacts | null, target: PositionFacts | null): Writes {
  const unknown = [source, target].find((facts) => facts?.foreign !== 'none' && facts?.foreign !== 'written');
  if (!source || !target || unknown) {
    return {
      kind: 'unknown',
      why: unknown?.why ?? sentence('It cannot be told whether somebody wrote during the comparison.'),
    };
  }
  if (source.foreign === 'none' && target.foreign === 'none') return { kind: 'none' };
  return { kind: 'written' };
}
