import { html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { StepId } from '../../protocol/index.ts';
import { sentence } from '../../util/sentence.ts';
import { visible } from '../../util/visible.ts';
import { formatTime, t } from '../language.ts';
import './ask.ts';
import { notice, verdictList } from './marks.ts';
import { RunView } from './view.ts';

/** What lets a step pass: what is proven, what is missing, and the way on against it, with a reason. */
@customElement('dts-gate')
export class Gate extends RunView {
  @property() of: StepId = 'prepare';
  /** what is met and missing stands elsewhere in the card */
  @property({ type: Boolean }) brief = false;

  protected override render() {
    const step = this.step(this.of);
    const { override, verdict } = step;
    return html`${this.brief ? nothing : verdictList(step)}
    ${
      override
        ? notice(
            'warn',
            t(
              sentence('Passed by override at {time} by {name}.', { time: formatTime(override.at), name: override.by }),
            ),
            `“${visible(override.reason)}”`,
          )
        : nothing
    }
    ${this.snapshot.started && step.state === 'current' && verdict.state !== 'open' && !override && !this.isTold() ? this.ask() : nothing}`;
  }

  /** Whether the switch is recorded is a fact: until then only a final check that is shut can be waved through. */
  private isTold(): boolean {
    const { cutoverAt, verification } = this.snapshot;
    return this.of === 'switch' && cutoverAt === null && (verification.final?.state ?? 'open') === 'open';
  }

  private ask() {
    return html`<div class="actions override">
      <dts-ask
        .name=${`override-${this.of}`}
        .memory=${this.host.memory}
        .label=${t(sentence('Go on anyway…'))}
        icon="warning"
        .prompt=${t(sentence('Why is it right to go on although the gate is shut? The reason stands in the report.'))}
        .confirm=${t(sentence('Go on anyway'))}
        .send=${this.override}
      ></dts-ask>
    </div>`;
  }

  private readonly override = (reason: string) => this.host.intent({ kind: 'override', step: this.of, reason });
}
