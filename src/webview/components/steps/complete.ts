import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { sentence } from '../../../util/sentence.ts';
import { COMPLETION_STATES } from '../../labels.ts';
import { formatTime, t } from '../../language.ts';
import '../action.ts';
import '../dtsComparison.ts';
import '../gate.ts';
import { failureNote, marked } from '../marks.ts';
import { windowProgress } from '../progress.ts';
import '../resume.ts';
import { RunView } from '../view.ts';

/** Step 5: end the task. It cannot be taken back, so the host asks again, with the task's id to be typed. */
@customElement('dts-step-complete')
export class CompleteStep extends RunView {
  protected override render() {
    const { completion, zeroDwell, dtsComparison } = this.snapshot;
    const mayCall = completion.state === 'none' || completion.state === 'rejected';
    return html`<dts-resume .snapshot=${this.snapshot} .host=${this.host} .now=${this.now}></dts-resume>
      ${mayCall ? windowProgress(sentence('Gap and lag 0, since the source is quiet'), zeroDwell) : nothing}
      ${mayCall ? html`<dts-gate of="complete" .snapshot=${this.snapshot} .host=${this.host}></dts-gate>` : nothing}
      <p class="outcome outcome-${completion.state}">
        ${marked(COMPLETION_STATES[completion.state])}
        ${completion.at === null ? nothing : html`<span class="muted">${formatTime(completion.at)}</span>`}
      </p>
      ${completion.failure ? failureNote(completion.failure) : nothing} ${mayCall ? this.button() : nothing}
      ${mayCall && dtsComparison.latest ? this.compared() : nothing}`;
  }

  private button() {
    return html`<p class="muted">
        ${t(
          sentence(
            'Complete ends the task {task}: DTS stops carrying changes over, and that cannot be undone. You will be asked to type the id of the task.',
            { task: this.snapshot.ref.jobId },
          ),
        )}
      </p>
      <div class="actions">
        <dts-action
          primary
          .label=${t(sentence('Complete the task…'))}
          icon="check-all"
          .shut=${this.shut()}
          .run=${() => this.host.intent({ kind: 'complete' })}
        ></dts-action>
      </div>`;
  }

  /** What DTS found, or is still looking for, belongs before the eyes of whoever ends the task. */
  private compared() {
    return html`<dts-own-comparison .snapshot=${this.snapshot} .host=${this.host}></dts-own-comparison>`;
  }

  private shut(): string {
    const { verdict, override, state } = this.step('complete');
    if (state !== 'current') return t(sentence('The steps before it come first.'));
    if (verdict.state === 'open' || override) return '';
    return t(sentence('What it needs is not met: see the list.'));
  }
}
