import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { DTS_METHOD_NAMES, type DtsComparison } from '../../protocol/index.ts';
import { sentence } from '../../util/sentence.ts';
import { formatNumber, formatTime, t } from '../language.ts';
import './action.ts';
import { failureNote, notice } from './marks.ts';
import { progressBar } from './progress.ts';
import { RunView } from './view.ts';

const TONES = { same: 'good', different: 'bad', incomplete: 'warn' } as const;

/** DTS's own comparison: optional, possible only before Complete, and no substitute for that of Verify. */
@customElement('dts-own-comparison')
export class OwnComparison extends RunView {
  protected override render() {
    const { refusal, latest, failure } = this.snapshot.dtsComparison;
    const running = latest !== null && latest.outcome === null && latest.failure === null;
    return html`<h3>${t(sentence('DTS’s own comparison (optional)'))}</h3>
      <p class="muted">
        ${t(
          sentence(
            'DTS can compare only before Complete. It skips large tables without a primary key, leaves out views and routines, and does not replace the comparison of step 6.',
          ),
        )}
      </p>
      ${latest ? this.latest(latest, running) : nothing} ${running && failure ? failureNote(failure) : nothing}
      <div class="actions">
        ${
          running
            ? html`<dts-action
                .label=${t(sentence('Stop DTS’s comparison'))}
                icon="debug-stop"
                .run=${() => this.host.intent({ kind: 'stopDtsComparison' })}
              ></dts-action>`
            : html`<dts-action
                .label=${t(sentence('Let DTS compare…'))}
                icon="diff"
                .shut=${refusal ? t(refusal) : ''}
                .run=${() => this.host.action({ kind: 'startDtsComparison' })}
              ></dts-action>`
        }
        <dts-action
          .label=${t(sentence('Open DTS’s report'))}
          icon="go-to-file"
          .run=${() => this.host.action({ kind: 'openDtsReport', id: latest?.outcome ? latest.id : null })}
        ></dts-action>
      </div>
      ${!running && refusal ? html`<p class="muted">${t(refusal)}</p>` : nothing}`;
  }

  private latest(latest: DtsComparison, running: boolean) {
    const { id, method, startedAt, outcome, failure } = latest;
    return html`<p>
        ${t(DTS_METHOD_NAMES[method])} <span class="muted"><code>${id}</code> · ${formatTime(startedAt)}</span>
      </p>
      ${running ? this.progress() : nothing} ${outcome ? notice(TONES[outcome.verdict], t(outcome.summary)) : nothing}
      ${failure ? failureNote(failure) : nothing}`;
  }

  private progress() {
    const { reading } = this.snapshot.dtsComparison;
    const label = t(sentence('DTS’s comparison'));
    const percent = reading?.percent ?? null;
    return html`<div class="window">
      <div class="window-head">
        <span>${label}: ${reading ? reading.rawStatus : t(sentence('not read yet'))}</span>
        <span class="digits">
          ${percent === null ? nothing : t(sentence('{percent} %', { percent: formatNumber(percent) }))}
        </span>
      </div>
      ${progressBar(label, percent ?? 0, 100)}
    </div>`;
  }
}
