import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { narrate, type JournalEntry } from '../../protocol/index.ts';
import { sentence } from '../../util/sentence.ts';
import { visible } from '../../util/visible.ts';
import { formatNumber, formatTime, t } from '../language.ts';
import './action.ts';
import './ask.ts';
import { RunView } from './view.ts';

/** Every fact that mattered and every action, newest first, with who and when. */
@customElement('dts-timeline')
export class Timeline extends RunView {
  protected override render() {
    const { timeline, timelineTotal } = this.snapshot;
    return html`<section class="timeline" aria-labelledby="timeline-title">
      <div class="section-head">
        <h2 id="timeline-title">${t(sentence('Timeline'))}</h2>
        <div class="actions">
          <dts-ask
            name="note"
            .memory=${this.host.memory}
            .label=${t(sentence('Add a note…'))}
            icon="edit"
            .prompt=${t(sentence('A note for the record'))}
            .confirm=${t(sentence('Add'))}
            .send=${this.addNote}
          ></dts-ask>
          <dts-action
            .label=${t(sentence('Open the whole record'))}
            icon="list-ordered"
            .run=${this.openJournal}
          ></dts-action>
          <dts-action .label=${t(sentence('Export report'))} icon="export" .run=${this.exportReport}></dts-action>
        </div>
      </div>
      ${
        timeline.length === 0
          ? html`<p class="muted">${t(sentence('Nothing has happened yet.'))}</p>`
          : html`<ol class="entries scroller" tabindex="0" reversed aria-labelledby="timeline-title">
              ${repeat(
                timeline,
                (entry) => entry.seq,
                (entry) => this.entry(entry),
              )}
            </ol>`
      }
      ${
        timelineTotal > timeline.length
          ? html`<p class="muted">
              ${t(
                sentence('The newest {shown} of {total} entries.', {
                  shown: formatNumber(timeline.length),
                  total: formatNumber(timelineTotal),
                }),
              )}
            </p>`
          : nothing
      }
    </section>`;
  }

  private entry(entry: JournalEntry) {
    const [headline, ...details] = narrate(entry).map(t);
    return html`<li>
      <time class="digits" datetime=${new Date(entry.at).toISOString()}>${formatTime(entry.at)}</time>
      <span class="by">${visible(entry.by) || t(sentence('observed'))}</span>
      <span> ${headline} ${details.map((line) => html`<div class="muted">${line}</div>`)} </span>
    </li>`;
  }

  private readonly addNote = (text: string) => this.host.intent({ kind: 'note', text });
  private readonly openJournal = () => this.host.action({ kind: 'openJournal' });
  private readonly exportReport = () => this.host.action({ kind: 'exportReport' });
}
