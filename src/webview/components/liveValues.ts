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
    const readAt = task?.readAt ?? null;
    const stale = taskStale || this.isStale(readAt);
    return html`<section class="live" aria-label=${t(sentence('Gap and lag'))}>
      <dl class="numbers ${stale ? 'stale' : ''}">
        <div>
          <dt>${t(sentence('Gap'))}</dt>
          <dd class=${task?.gapMb === null ? 'invalid' : ''}>${formatGap(task?.gapMb ?? null)}</dd>
        </div>
        <div>
          <dt>${t(sentence('Lag'))}</dt>
          <dd class=${task?.lagSeconds === null ? 'invalid' : ''}>${formatLag(task?.lagSeconds ?? null)}</dd>
        </div>
      </dl>
      <div class="live-note">${stale ? staleNote(readAt, this.now) : this.dwell()}</div>
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

  private dwell() {
    const { heldSeconds } = this.snapshot.zeroDwell;
    if (heldSeconds === 0) return nothing;
    return html`${icon('check', 'good')}
    ${t(sentence('both 0 for {time} since the source is quiet', { time: formatDuration(heldSeconds * 1000) }))}`;
  }
}
