import { html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { sentence } from '../../../util/sentence.ts';
import { formatNumber, formatTime, t } from '../../language.ts';
import '../action.ts';
import '../ask.ts';
import '../gate.ts';
import { icon } from '../marks.ts';
import '../resume.ts';
import '../sessions.ts';
import { RunView } from '../view.ts';

const WRITERS = ['business', 'unknown'] as const;

/** The user stops the business; we write down when, and show who is still there. */
@customElement('dts-step-pause')
export class PauseStep extends RunView {
  protected override render() {
    const { since } = this.snapshot.downtime;
    const { counts, sessionsAt } = this.snapshot.source;
    return html`${since === null ? this.ask() : this.paused(since)}
      <dts-gate of="pause" .snapshot=${this.snapshot} .host=${this.host}></dts-gate>
      <h3>
        ${
          sessionsAt === null
            ? t(sentence('The sessions on the source have not been read'))
            : t(
                sentence('Still connected to the source: {business} business, {unknown} unknown', {
                  business: formatNumber(counts.business),
                  unknown: formatNumber(counts.unknown),
                }),
              )
        }
      </h3>
      <dts-sessions
        side="source"
        .initial=${WRITERS}
        .snapshot=${this.snapshot}
        .host=${this.host}
        .now=${this.now}
      ></dts-sessions>`;
  }

  private ask() {
    return html`<p>
        ${t(sentence('Stop everything that writes to the source, then say so here. The downtime clock starts at that moment.'))}
      </p>
      <div class="actions">
        <dts-action
          primary
          .label=${t(sentence('The business has stopped writing'))}
          icon="debug-pause"
          .run=${() => this.host.intent({ kind: 'recordPause', at: null })}
        ></dts-action>
        <dts-ask
          name="pausedAt"
          .memory=${this.host.memory}
          .label=${t(sentence('It stopped earlier…'))}
          icon="history"
          field="time"
          .prompt=${t(sentence('When did the business stop writing? (your time zone)'))}
          .confirm=${t(sentence('Record the pause'))}
          .send=${this.recordAt}
        ></dts-ask>
      </div>`;
  }

  private paused(since: number) {
    return html`<p>
        ${icon('debug-pause', 'good')}
        ${t(sentence('The business stopped writing at {time}.', { time: formatTime(since) }))}
      </p>
      <dts-resume always .snapshot=${this.snapshot} .host=${this.host} .now=${this.now}></dts-resume>`;
  }

  private readonly recordAt = (local: string) =>
    this.host.intent({ kind: 'recordPause', at: new Date(local).getTime() });
}
