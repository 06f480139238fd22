/**
 * What is really so, moment by moment, in a world made for one history: a task of DTS, two databases and their users.
 * Everything is kept with the true time it became so, which no clock of the machine shows. It knows nothing of gates.
 */
import type { SessionFacts, TaskStatus } from '../../../../src/cutover/facts.ts';

export interface Truth {
  readonly status: TaskStatus;
  /** DTS offers Complete */
  readonly offered: boolean;
  readonly gap: number | null;
  readonly lag: number | null;
  readonly serviceUp: boolean;
  readonly sourceUp: boolean;
  readonly targetUp: boolean;
  /** who answers behind each address, and in which role */
  readonly source: string;
  readonly target: string;
  readonly sessions: readonly SessionFacts[];
  /** our account sees everybody's sessions */
  readonly seesAll: boolean;
  readonly preparedTransaction: boolean;
  /** the server can tell its write position */
  readonly tells: boolean;
  /** what the user has said so far */
  readonly said: {
    readonly started: boolean;
    readonly paused: boolean;
    readonly confirmed: readonly string[];
    /** who source and target are */
    readonly servers: { readonly source: string; readonly target: string };
  };
}

export interface Write {
  readonly at: number;
  readonly side: 'source' | 'target';
  /** when the server's counters show it */
  readonly published: number;
}

export interface Call {
  readonly at: number;
  /** it is certain for everybody that nothing was done */
  readonly refused: boolean;
}

export class TruthLog {
  readonly writes: Write[] = [];
  readonly calls: Call[] = [];
  private readonly log: { at: number; truth: Truth }[];

  constructor(
    first: Truth,
    private readonly time: () => number,
  ) {
    this.log = [{ at: -Infinity, truth: first }];
  }

  get now(): Truth {
    return this.log.at(-1)!.truth;
  }

  set(changes: Partial<Truth>): void {
    this.log.push({ at: this.time(), truth: { ...this.now, ...changes } });
  }

  /** What was so at some time from `from` to `to`, and for how much of it, milliseconds. */
  over(from: number, to: number): { truth: Truth; ms: number }[] {
    return this.log.flatMap(({ at, truth }, index) => {
      const end = this.log[index + 1]?.at ?? Infinity;
      const [begin, until] = [Math.max(at, from), Math.min(end, to)];
      return begin <= until && end > from ? [{ truth, ms: until - begin }] : [];
    });
  }

  /** The longest unbroken time within these in which something was so. */
  longest(from: number, to: number, holds: (truth: Truth) => boolean): number {
    let [row, longest] = [0, -1];
    for (const { truth, ms } of this.over(from, to)) {
      row = holds(truth) ? row + ms : 0;
      if (holds(truth)) longest = Math.max(longest, row);
    }
    return longest;
  }

  ever(from: number, to: number, holds: (truth: Truth) => boolean): boolean {
    return this.over(from, to).some(({ truth }) => holds(truth));
  }
}
