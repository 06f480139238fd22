import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { Side } from '../../../protocol/index.ts';
import { sentence } from '../../../util/sentence.ts';
import { SIDES } from '../../labels.ts';
import { formatNumber, formatTime, t } from '../../language.ts';
import '../action.ts';
import '../ask.ts';
import '../comparisonProgress.ts';
import '../gate.ts';
import { icon, notice } from '../marks.ts';
import '../sessions.ts';
import { RunView } from '../view.ts';

const BUSINESS = ['business', 'unknown'] as const;

/** The business moves, the clock stops, the report is written. */
@customElement('dts-step-switch')
export class SwitchStep extends RunView {
  protected override render() {
    return html`<div class="actions">
        <dts-action
          .label=${t(sentence('Run the routing action…'))}
          icon="run-all"
          .run=${() => this.host.action({ kind: 'runRoutingAction' })}
        ></dts-action>
        <dts-action
          .label=${t(sentence('Replace the old address in the workspace…'))}
          icon="replace-all"
          .shut=${this.mayMove() ? (this.isChecked() ? '' : t(sentence('The final check comes first.'))) : t(sentence('The steps before it come first.'))}
          .run=${() => this.host.action({ kind: 'replaceAddress' })}
        ></dts-action>
      </div>
      ${this.finalCheck()} ${this.switched()}
      <dts-gate of="switch" .snapshot=${this.snapshot} .host=${this.host}></dts-gate>
      ${this.finish()} ${this.business('target')} ${this.business('source')}`;
  }

  /** The target has taken over from the source, and the run is not over. */
  private mayMove(): boolean {
    return this.snapshot.refused.recordRouting === undefined;
  }

  /** What Switch rests on after the task's end: begun by itself, shown where it is waited for. */
  private finalCheck() {
    const { verification, cutoverAt } = this.snapshot;
    const { final, running } = verification;
    if (!final || cutoverAt !== null) return nothing;
    if (running) {
      return html`<p>${t(sentence('The final check runs: everything is looked at once more after the task’s end.'))}</p>
        <dts-comparison-progress
          .snapshot=${this.snapshot}
          .host=${this.host}
          .now=${this.now}
        ></dts-comparison-progress>`;
    }
    if (final.waived) return notice('warn', t(sentence('The final check has not passed; you went on with a reason.')));
    if (final.state === 'open') {
      return html`<p>
        ${icon('pass-filled', 'good')}
        ${t(sentence('The final check has passed: after the task’s end both sides still hold the same.'))}
      </p>`;
    }
    return html`${notice('warn', t(sentence('The final check has not passed yet.')), '')}
      <div class="actions">
        <dts-action
          .label=${t(sentence('Compare all data'))}
          icon="diff"
          .run=${() => this.host.intent({ kind: 'compare', method: 'digest', tables: null })}
        ></dts-action>
      </div>`;
  }

  /** Nothing is asked for, it has passed, or the user went on against it. */
  private isChecked(): boolean {
    const { final } = this.snapshot.verification;
    return !final || final.state === 'open' || final.waived === true;
  }

  private switched() {
    const { cutoverAt } = this.snapshot;
    if (cutoverAt !== null) {
      return html`<p>
        ${icon('pass-filled', 'good')}
        ${t(sentence('The business runs on the target since {time}.', { time: formatTime(cutoverAt) }))}
      </p>`;
    }
    if (this.snapshot.finishedAt !== null) return nothing;
    return html`<p>
        ${t(sentence('Point the business at the target, start it, then say so here: the downtime ends.'))}
      </p>
      <div class="actions">
        <dts-action
          primary
          .label=${t(sentence('The business runs on the target'))}
          icon="debug-start"
          .shut=${this.isChecked() ? '' : t(sentence('The final check comes first.'))}
          .run=${() => this.host.intent({ kind: 'recordSwitch', at: null })}
        ></dts-action>
        <dts-ask
          name="switchedAt"
          .memory=${this.host.memory}
          .label=${t(sentence('It has since earlier…'))}
          icon="history"
          field="time"
          .prompt=${t(sentence('Since when does the business run on the target? (your time zone)'))}
          .confirm=${t(sentence('Record the cutover time'))}
          .send=${this.recordAt}
        ></dts-ask>
      </div>`;
  }

  private finish() {
    const { finishedAt, cutoverAt } = this.snapshot;
    return html`<div class="actions">
      ${
        finishedAt === null
          ? html`<dts-action
              ?primary=${cutoverAt !== null}
              .label=${t(sentence('Finish the cutover…'))}
              icon="check"
              .shut=${cutoverAt === null ? t(sentence('Record the cutover time first.')) : ''}
              .run=${() => this.host.intent({ kind: 'finish' })}
            ></dts-action>`
          : html`<span
                >${icon('pass-filled', 'good')}
                ${t(sentence('Cutover finished at {time}', { time: formatTime(finishedAt) }))}</span
              >
              <dts-action
                primary
                .label=${t(sentence('Save the report…'))}
                icon="export"
                .run=${() => this.host.action({ kind: 'exportReport' })}
              ></dts-action>`
      }
    </div>`;
  }

  /** Wanted on the target, and gone from the source. */
  private business(side: Side) {
    const { counts, sessionsAt } = this.snapshot[side];
    const seen = counts.business + counts.unknown;
    const wanted = side === 'target' ? seen > 0 : seen === 0;
    const known = sessionsAt !== null && !this.isStale(sessionsAt);
    return html`<h3>
        ${known ? icon(wanted ? 'check' : 'warning', wanted ? 'good' : 'warn') : icon('question', 'muted')}
        ${
          sessionsAt === null
            ? t(sentence('{side}: the sessions have not been read', { side: t(SIDES[side]) }))
            : t(
                sentence('{side}: {business} business sessions, {unknown} unknown', {
                  side: t(SIDES[side]),
                  business: formatNumber(counts.business),
                  unknown: formatNumber(counts.unknown),
                }),
              )
        }
      </h3>
      <dts-sessions
        .side=${side}
        .initial=${BUSINESS}
        .snapshot=${this.snapshot}
        .host=${this.host}
        .now=${this.now}
      ></dts-sessions>`;
  }

  private readonly recordAt = (local: string) =>
    this.host.intent({ kind: 'recordSwitch', at: new Date(local).getTime() });
}
