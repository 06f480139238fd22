import { html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { STEP_TITLES, type StepId } from '../../protocol/index.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import { stepMark } from '../labels.ts';
import { t } from '../language.ts';
import './gate.ts';
import { icon, marked } from './marks.ts';
import './steps/catchUp.ts';
import './steps/complete.ts';
import './steps/pause.ts';
import './steps/prepare.ts';
import './steps/quiet.ts';
import './steps/switch.ts';
import './steps/verify.ts';
import { RunView } from './view.ts';
import './waysOut.ts';

const QUESTIONS: Readonly<Record<StepId, Sentence>> = {
  prepare: sentence('Is everything ready?'),
  catchUp: sentence('Has the target caught up?'),
  pause: sentence('Has the business stopped writing?'),
  quiet: sentence('Is the source quiet?'),
  complete: sentence('Complete the task'),
  verify: sentence('Does the target hold the same data?'),
  switch: sentence('Move the business to the target'),
};

/** The card of the step one looks at: which it is, what its gate says, and the step's own part. */
@customElement('dts-step-card')
export class StepCard extends RunView {
  @property() shown: StepId = 'prepare';

  protected override render() {
    const step = this.step(this.shown);
    const number = this.numberOf(step.id);
    return html`<section class="card" aria-labelledby="card-title">
      <div class="section-head">
        <h2 id="card-title">
          ${t(sentence('Step {number}: {step}', { number, step: t(STEP_TITLES[step.id]) }))} · ${t(QUESTIONS[step.id])}
        </h2>
        ${marked(stepMark(step))}
      </div>
      ${this.shown === this.snapshot.current ? nothing : this.elsewhere()}
      ${
        step.state === 'notNeeded'
          ? html`<p>
              ${t(sentence('Not needed: this task carries no changes over while it runs, so the cutover goes on with Verify.'))}
            </p>`
          : this.body(step.id)
      }
      <dts-ways-out .snapshot=${this.snapshot} .host=${this.host} .now=${this.now}></dts-ways-out>
    </section>`;
  }

  private elsewhere() {
    const { current } = this.snapshot;
    return html`<p class="elsewhere">
      ${t(sentence('The cutover is at step {number}.', { number: this.numberOf(current) }))}
      <button class="link" @click=${() => this.dispatchEvent(new CustomEvent('follow'))}>
        ${icon('arrow-right')} ${t(sentence('Go to {step}', { step: t(STEP_TITLES[current]) }))}
      </button>
    </p>`;
  }

  /** 1 for the first; a record of before Verify came before Complete counts otherwise. */
  private numberOf(step: StepId): number {
    return this.snapshot.steps.findIndex(({ id }) => id === step) + 1;
  }

  private body(step: StepId): TemplateResult {
    const { snapshot, host, now } = this;
    switch (step) {
      case 'prepare':
        return html`<dts-step-prepare .snapshot=${snapshot} .host=${host} .now=${now}></dts-step-prepare>`;
      case 'catchUp':
        return html`<dts-step-catch-up .snapshot=${snapshot} .host=${host} .now=${now}></dts-step-catch-up>`;
      case 'pause':
        return html`<dts-step-pause .snapshot=${snapshot} .host=${host} .now=${now}></dts-step-pause>`;
      case 'quiet':
        return html`<dts-step-quiet .snapshot=${snapshot} .host=${host} .now=${now}></dts-step-quiet>`;
      case 'complete':
        return html`<dts-step-complete .snapshot=${snapshot} .host=${host} .now=${now}></dts-step-complete>`;
      case 'verify':
        return html`<dts-step-verify .snapshot=${snapshot} .host=${host} .now=${now}></dts-step-verify>`;
      case 'switch':
        return html`<dts-step-switch .snapshot=${snapshot} .host=${host} .now=${now}></dts-step-switch>`;
    }
  }
}
