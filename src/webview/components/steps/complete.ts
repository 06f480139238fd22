import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { sentence } from '../../../util/sentence.ts';
import { COMPLETION_STATES } from '../../labels.ts';
import { formatTime, t } from '../../language.ts';
import '../action.ts';
import '../comparisonProgress.ts';
import '../dtsComparison.ts';
import '../gate.ts';
import { failureNote, marked, notice } from '../marks.ts';
import { windowProgress } from '../progress.ts';
import '../resume.ts';
import { RunView } from '../view.ts';

/** What was not sent, or refused, may be sent; otherwise the run itself says when there may be another call. */
/** what became of the call is not known yet */
const AWAITED: ReadonlySet<string> = new Set(['outcomeUnknown', 'accepted']);
const CALLABLE: ReadonlySet<string> = new Set(['none', 'rejected']);

/** End the task. It cannot be taken back, so the host asks again, with the task's id to be typed. */
@customElement('dts-step-complete')
export class CompleteStep extends RunView {
  protected override render() {
    const { completion, refused, zeroDwell, dtsComparison } = this.snapshot;
    // what the task itself does not allow yet stands in the list of the gate
    const mayCall = CALLABLE.has(completion.state) || !refused.complete;
    return html`<dts-resume .snapshot=${this.snapshot} .host=${this.host} .now=${this.now}></dts-resume>
      ${mayCall ? windowProgress(sentence('Gap and lag 0, since the source is quiet'), zeroDwell) : nothing}
      <dts-comparison-progress .snapshot=${this.snapshot} .host=${this.host} .now=${this.now}></dts-comparison-progress>
      ${mayCall ? html`<dts-gate of="complete" .snapshot=${this.snapshot} .host=${this.host}></dts-gate>` : nothing}
      <p class="outcome outcome-${completion.state}">
        ${marked(COMPLETION_STATES[completion.state])}
        ${completion.at === null ? nothing : html`<span class="muted">${formatTime(completion.at)}</span>`}
      </p>
      ${completion.failure ? failureNote(completion.failure) : nothing}
      ${completion.doubted ? this.doubted(completion.doubted.status) : nothing}
      ${AWAITED.has(completion.state) && refused.complete ? html`<p class="muted">${t(refused.complete)}</p>` : nothing}
      ${mayCall ? this.button() : nothing} ${mayCall && dtsComparison.latest ? this.compared() : nothing}`;
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

  private doubted(status: string) {
    return notice(
      'bad',
      t(sentence('DTS said that the task had ended with success, and now that it is {status}.', { status })),
      t(
        sentence(
          'The switch stands as it was recorded. Look at the task in the console, and whether it still carries changes.',
        ),
      ),
    );
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
