import { html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { SESSION_CLASS_NAMES, type ClassifiedSession } from '../../protocol/index.ts';
import { sentence } from '../../util/sentence.ts';
import { visible } from '../../util/visible.ts';
import { formatTime, t } from '../language.ts';
import { PlainElement } from './view.ts';

/** The chosen session in full: what does not fit into its row. */
@customElement('dts-session-detail')
export class SessionDetail extends PlainElement {
  @property({ attribute: false }) session!: ClassifiedSession;

  protected override render() {
    const { session } = this;
    return html`<section class="detail" aria-label=${t(sentence('Session {id}', { id: session.id }))}>
      <p>
        <b>${t(sentence('Session {id}', { id: session.id }))}</b>: ${t(SESSION_CLASS_NAMES[session.class])} –
        ${t(session.rule)}
        ${
          session.startedAt === null
            ? nothing
            : html`· ${t(sentence('connected since {time}', { time: formatTime(session.startedAt) }))}`
        }
      </p>
      ${session.statement ? html`<pre class="statement" tabindex="0">${visible(session.statement)}</pre>` : nothing}
    </section>`;
  }
}
