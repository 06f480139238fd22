/**
 * The comparison that nobody has to ask for: as soon as the data is at rest, while the quiet window and the dwell run,
 * and once more after the task's end (the final check).
 */
import { compare, type RunParts } from './actions.ts';
import { GATES, type GateFacts } from './gates.ts';
import type { RunState } from './machine.ts';
import { finalCheck, isAtRest, migrationEnded, verifiesFirst } from './verification.ts';
import type { Verdict } from './verdict.ts';

/** What another comparison may mend; anything else is for the user. */
const MENDED: ReadonlySet<string> = new Set(['notCompared', 'comparedTooEarly', 'notSame', 'comparisonStale']);

export class OwnComparison {
  /** the rest, or the end of the task, that was compared for: one failure or cancellation is enough for each */
  private tried: string | null = null;

  constructor(private readonly run: RunParts) {}

  /** Begins one if it is time; called with every new fact. */
  consider(): void {
    const { run } = this;
    const facts = run.facts();
    const occasion = run.ledger.owner ? null : occasionOf(facts);
    if (occasion === null || occasion === this.tried) return;
    this.tried = occasion;
    const whole = { kind: 'compare', method: 'digest', tables: null } as const;
    // what went wrong stands in the run already, for the panel
    void compare(run, whole, '', new AbortController().signal)
      .catch(() => undefined)
      .finally(() => run.changed());
  }
}

/** What there is to compare for; null while there is nothing. */
function occasionOf(facts: GateFacts): string | null {
  const { state, task } = facts;
  if (!task || !isOpenFor(state)) return null;
  if (migrationEnded(facts)) {
    return !state.comparedAfterEnd && isMendable(finalCheck(facts)) ? `end ${state.completion.at}` : null;
  }
  const quiet = GATES.quiet(facts);
  if (!isAtRest(facts, quiet) || !isMendable(GATES.verify(facts))) return null;
  return `rest ${state.pausedAt} ${facts.quiet.since}`;
}

const isOpenFor = (state: RunState): boolean =>
  state.startedAt !== null &&
  state.finishedAt === null &&
  state.cutoverAt === null &&
  !state.comparing &&
  state.incremental === true &&
  verifiesFirst(state);

const isMendable = ({ why }: Verdict): boolean => why[0] !== undefined && MENDED.has(why[0].code);
