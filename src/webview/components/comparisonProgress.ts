import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { sentence } from '../../util/sentence.ts';
import type { ComparisonProgress } from '../../protocol/index.ts';
import { comparisonLeft, earliestComplete } from '../earliest.ts';
import { formatDuration, formatNumber, formatTime, t } from '../language.ts';
import './action.ts';
import { progressBar } from './progress.ts';
import { RunView } from './view.ts';

/** How far the running comparison is, how long it may still take, and its way out; and when Complete may be possible. */
@customElement('dts-comparison-progress')
export class ComparisonProgressView extends RunView {
  protected override render() {
    const { running } = this.snapshot.verification;
    const earliest = earliestComplete(this.snapshot, this.now);
    return html`${running ? this.progress(running) : nothing}
    ${
      earliest === null
        ? nothing
        : html`<p class="muted">
            ${t(sentence('Complete may be possible from about {time} on.', { time: formatTime(earliest) }))}
          </p>`
    }`;
  }

  private progress(running: ComparisonProgress) {
    const { rowsDone, rowsTotal, tablesDone, tablesTotal } = running;
    const [done, total] = rowsTotal ? [rowsDone, rowsTotal] : [tablesDone, tablesTotal];
    const elapsed = this.now - running.startedAt;
    const rest = comparisonLeft(running, this.now);
    return html`<div class="window">
      <div class="window-head">
        <span>
          ${t(
            sentence('{done} of {total} tables', { done: formatNumber(tablesDone), total: formatNumber(tablesTotal) }),
          )}
          ·
          ${
            rowsTotal === null
              ? t(sentence('{done} rows', { done: formatNumber(rowsDone) }))
              : t(
                  sentence('{done} of about {total} rows', {
                    done: formatNumber(rowsDone),
                    total: formatNumber(rowsTotal),
                  }),
                )
          }
        </span>
        <span class="digits">
          ${formatDuration(elapsed)}
          ${rest === null ? nothing : `· ${t(sentence('about {time} to go', { time: formatDuration(rest) }))}`}
        </span>
      </div>
      ${progressBar(t(sentence('Comparison')), Math.min(done, total), Math.max(total, 1))}
      <div class="muted">${running.current}</div>
      <div class="actions">
        <dts-action
          .label=${t(sentence('Cancel the comparison'))}
          icon="debug-stop"
          .run=${() => this.host.intent({ kind: 'cancelComparison' })}
        ></dts-action>
      </div>
    </div>`;
  }
}
