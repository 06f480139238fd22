import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { TaskFacts } from '../../../protocol/index.ts';
import { sentence } from '../../../util/sentence.ts';
import { visible } from '../../../util/visible.ts';
import { formatDuration, formatGap, formatLag, formatNumber, t } from '../../language.ts';
import '../gate.ts';
import { icon, staleNote } from '../marks.ts';
import { RunView } from '../view.ts';

const TASK_STEPS = {
  notStarted: { icon: 'circle-large', tone: 'muted', text: sentence('not started') },
  running: { icon: 'sync', tone: 'busy', text: sentence('running') },
  finished: { icon: 'pass-filled', tone: 'good', text: sentence('finished') },
  failed: { icon: 'error', tone: 'bad', text: sentence('failed') },
  unrecognized: { icon: 'question', tone: 'warn', text: sentence('unknown') },
} as const;

/** DTS carries the changes over until nothing is left to carry. */
@customElement('dts-step-catch-up')
export class CatchUpStep extends RunView {
  protected override render() {
    const { task, taskStale } = this.snapshot;
    const stale = taskStale || this.isStale(task?.readAt ?? null);
    return html`<p class=${stale ? 'stale' : ''}>
        ${t(
          sentence('Gap {gap}, lag {lag}. Both have to be 0.', {
            gap: formatGap(task?.gapMb ?? null),
            lag: formatLag(task?.lagSeconds ?? null),
          }),
        )}
      </p>
      ${stale ? html`<p>${staleNote(task?.readAt ?? null, this.now)}</p>` : nothing}
      <p>${stale ? nothing : this.eta()}</p>
      <dts-gate of="catchUp" .snapshot=${this.snapshot} .host=${this.host}></dts-gate>
      ${task && task.steps.length > 0 ? this.taskSteps(task) : nothing}`;
  }

  private eta(): string {
    const { catchUpEtaSeconds, task } = this.snapshot;
    if (task?.gapMb === 0 && task.lagSeconds === 0) return t(sentence('The target has caught up.'));
    if (catchUpEtaSeconds === null) return t(sentence('When that will be cannot be said from its recent course.'));
    return t(sentence('By its recent course, in about {time}.', { time: formatDuration(catchUpEtaSeconds * 1000) }));
  }

  private taskSteps(task: TaskFacts) {
    return html`<h3>${t(sentence('What DTS is doing'))}</h3>
      <ol class="task-steps">
        ${task.steps.map((step) => {
          const mark = TASK_STEPS[step.status];
          return html`<li>
            ${icon(mark.icon, mark.tone)} ${visible(step.name)}
            <span class="muted">
              ${step.status === 'unrecognized' ? step.rawStatus : t(mark.text)}
              ${step.percent === null || step.status !== 'running' ? nothing : `${formatNumber(step.percent)} %`}
            </span>
          </li>`;
        })}
      </ol>`;
  }
}
