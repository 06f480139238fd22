import { STEP_IDS, type RunSnapshot, type StepId } from '../protocol/index.ts';

/** A step the user looks at by hand, and the furthest step the run has been at since. */
export interface Choice {
  readonly step: StepId;
  readonly reached: StepId;
}

/** What the page remembers while it is hidden: where the user was looking and what is not sent yet, never a fact. */
export interface PanelState {
  /** null follows the run */
  readonly choice: Choice | null;
  /** text typed into a form and not sent, by the form's name */
  readonly drafts: Readonly<Record<string, string>>;
}

/** Keeps `PanelState` and hands every change of it to `save`. */
export class Memory {
  #state: PanelState;
  readonly #save: (state: PanelState) => void;

  /** Anything may come back from a former version of the panel: what is not ours is ignored. */
  constructor(restored: unknown, save: (state: PanelState) => void) {
    this.#state = { choice: choiceIn(restored), drafts: draftsIn(restored) };
    this.#save = save;
    save(this.#state);
  }

  get choice(): Choice | null {
    return this.#state.choice;
  }

  /** The run is at `current`, and the user wants to look at `step`. */
  look(step: StepId, current: StepId): void {
    this.#change({ choice: step === current ? null : { step, reached: current } });
  }

  /**
   * Where the run is now, among its steps. What was chosen holds until the run gets further than it was then: going to and fro
   * between two steps, as gap and lag do before the pause, takes nobody away from what they look at.
   */
  moved({ current, steps }: Pick<RunSnapshot, 'current' | 'steps'>): void {
    const { choice } = this.#state;
    const placeOf = (step: StepId) => steps.findIndex(({ id }) => id === step);
    if (!choice || placeOf(current) <= placeOf(choice.reached)) return;
    this.#change({ choice: choice.step === current ? { ...choice, reached: current } : null });
  }

  draft(name: string): string {
    return this.#state.drafts[name] ?? '';
  }

  /** An empty text forgets it. */
  keepDraft(name: string, text: string): void {
    const others = Object.entries(this.#state.drafts).filter(([other]) => other !== name);
    this.#change({ drafts: Object.fromEntries(text === '' ? others : [...others, [name, text]]) });
  }

  #change(change: Partial<PanelState>): void {
    this.#state = { ...this.#state, ...change };
    this.#save(this.#state);
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function choiceIn(restored: unknown): Choice | null {
  const choice = isObject(restored) ? restored['choice'] : null;
  if (!isObject(choice)) return null;
  const step = STEP_IDS.find((id) => id === choice['step']);
  const reached = STEP_IDS.find((id) => id === choice['reached']);
  return step && reached ? { step, reached } : null;
}

function draftsIn(restored: unknown): Readonly<Record<string, string>> {
  const drafts = isObject(restored) ? restored['drafts'] : null;
  if (!isObject(drafts)) return {};
  return Object.fromEntries(
    Object.entries(drafts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
