import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { sentence } from '../../util/sentence.ts';
import { formatDuration, formatGap, formatLag, t } from '../language.ts';
import './lagChart.ts';
import { icon, staleNote } from './marks.ts';
import { RunView } from './view.ts';

/** Gap and lag as numbers and as a chart. A value nobody has is said so; an old one is greyed and dated. */
@customElement('dts-live-values')
export class LiveValues extends RunView {
  protected override render() {
    const { task, lag, zeroDwell, settings, taskStale } = this.snapshot;
    const stale = taskStale || this.isStale(task?.readAt ?? null);
    return html`<section class="live" aria-label=${t(sentence('Gap and lag'))}>
      ${task?.status === 'success' ? this.ended() : this.numbers(stale)}
      ${
        lag.length > 0
          ? html`<dts-lag-chart
              .samples=${lag}
              .dwell=${zeroDwell}
              .breakAfter=${settings.staleAfterSeconds}
            ></dts-lag-chart>`
          : html`<div class="muted">${t(sentence('No samples yet.'))}</div>`
      }
    </section>`;
  }

  private ended() {
    return html`<p>
      ${icon('pass-filled', 'good')} ${t(sentence('The task has ended; nothing more is carried over.'))}
    </p>`;
  }

  private numbers(stale: boolean) {
    const { task } = this.snapshot;
    const gapMb = task?.gapMb ?? null;
    const lagSeconds = task?.lagSeconds ?? null;
    return html`<dl class="numbers ${stale ? 'stale' : ''}">
        <div>
          <dt>${t(sentence('Gap'))}</dt>
          <dd class=${gapMb === null ? 'invalid' : ''}>${formatGap(gapMb)}</dd>
        </div>
        <div>
          <dt>${t(sentence('Lag'))}</dt>
          <dd class=${lagSeconds === null ? 'invalid' : ''}>${formatLag(lagSeconds)}</dd>
        </div>
      </dl>
      <div class="live-note">${stale ? staleNote(task?.readAt ?? null, this.now) : this.dwell()}</div>`;
  }

  private dwell() {
    const { heldSeconds } = this.snapshot.zeroDwell;
    if (heldSeconds === 0) return nothing;
    return html`${icon('check', 'good')}
    ${t(sentence('both 0 for {time} since the source is quiet', { time: formatDuration(heldSeconds * 1000) }))}`;
  }
}
