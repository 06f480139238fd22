import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { STEP_TITLES, type RunSnapshot, type StepId, type StepView } from '../../protocol/index.ts';
import { sentence } from '../../util/sentence.ts';
import { formatDuration, t } from '../language.ts';
import { stepMark } from '../labels.ts';
import { icon } from './marks.ts';
import { PlainElement } from './view.ts';

/** The seven steps. One stop for Tab; arrows, Home and End move inside. Fires `step-chosen` with the step's id. */
@customElement('dts-step-bar')
export class StepBar extends PlainElement {
  @property({ attribute: false }) snapshot!: RunSnapshot;
  /** the step looked at */
  @property() shown: StepId = 'prepare';
  /** where Tab lands; the step looked at until an arrow key moved on */
  @state() private roving: StepId | null = null;

  protected override render() {
    return html`<nav aria-label=${t(sentence('Steps of the cutover'))}>
      <div
        class="step-bar"
        role="toolbar"
        aria-label=${t(sentence('Steps'))}
        @keydown=${this.onKey}
        @focusout=${this.onLeave}
      >
        ${this.snapshot.steps.map((step, index) => this.renderStep(step, index))}
      </div>
    </nav>`;
  }

  private renderStep(step: StepView, index: number) {
    const mark = stepMark(step);
    const isCurrent = step.id === this.snapshot.current;
    return html`<button
      id="step-${step.id}"
      class="step step-${step.state} ${step.id === this.shown ? 'shown' : ''}"
      tabindex=${step.id === (this.roving ?? this.shown) ? 0 : -1}
      aria-current=${isCurrent ? 'step' : nothing}
      aria-pressed=${step.id === this.shown ? 'true' : 'false'}
      @click=${() => this.choose(step.id)}
    >
      <span class="step-title">${icon(mark.icon, mark.tone)} ${index + 1} ${t(STEP_TITLES[step.id])}</span>
      <span class="step-state">${this.progress(step) ?? t(mark.text)}</span>
    </button>`;
  }

  /** A window under way says more than "waiting". */
  private progress(step: StepView): string | null {
    if (step.state !== 'current' || step.verdict.state !== 'waiting') return null;
    const view = { quiet: this.snapshot.quietWindow, complete: this.snapshot.zeroDwell, other: null }[
      step.id === 'quiet' || step.id === 'complete' ? step.id : 'other'
    ];
    if (!view || view.heldSeconds === 0) return null;
    return `${minutes(view.heldSeconds)} / ${minutes(view.requiredSeconds)}`;
  }

  private choose(step: StepId): void {
    this.roving = null;
    this.dispatchEvent(new CustomEvent<StepId>('step-chosen', { detail: step }));
  }

  private readonly onLeave = (): void => {
    this.roving = null;
  };

  private readonly onKey = async (event: KeyboardEvent): Promise<void> => {
    const steps = this.snapshot.steps.map(({ id }) => id);
    const here = steps.indexOf(this.roving ?? this.shown);
    const last = steps.length - 1;
    const moves: Partial<Record<string, number>> = {
      ArrowRight: Math.min(here + 1, last),
      ArrowLeft: Math.max(here - 1, 0),
      Home: 0,
      End: last,
    };
    const to = steps[moves[event.key] ?? -1];
    if (!to) return;
    event.preventDefault();
    this.querySelector<HTMLElement>(`#step-${to}`)?.focus();
    this.roving = to;
  };
}

const minutes = (seconds: number) => formatDuration(seconds * 1000).slice(3);
