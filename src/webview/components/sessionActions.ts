import { html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { SESSION_CLASS_NAMES, type ClassifiedSession, type SessionClass, type Side } from '../../protocol/index.ts';
import { sentence } from '../../util/sentence.ts';
import type { HostLink } from '../hostLink.ts';
import { t } from '../language.ts';
import './action.ts';
import { PlainElement } from './view.ts';

/** What belongs to the server, to DTS or to us is not ended from here. */
const MAY_BE_ENDED: ReadonlySet<SessionClass> = new Set(['business', 'unknown', 'ignored']);

/** What can be done about the chosen session. Ending one is confirmed by the host, by name. */
@customElement('dts-session-actions')
export class SessionActions extends PlainElement {
  @property({ attribute: false }) session!: ClassifiedSession;
  @property({ attribute: false }) host!: HostLink;
  @property() side: Side = 'source';

  protected override render() {
    const { session } = this;
    return html`<div class="actions" role="group" aria-label=${t(sentence('Session {id}', { id: session.id }))}>
      <span>
        <b>${t(sentence('Session {id}', { id: session.id }))}</b>
        ${t(SESSION_CLASS_NAMES[session.class])} ${[session.account, session.host].filter(Boolean).join('@')}
      </span>
      ${
        MAY_BE_ENDED.has(session.class)
          ? html`<dts-action
              .label=${t(sentence('End session {id}…', { id: session.id }))}
              icon="debug-disconnect"
              .run=${this.end}
            ></dts-action>`
          : nothing
      }
      <dts-action .label=${t(sentence('Add a rule for it…'))} icon="law" .run=${this.addRule}></dts-action>
      <dts-action .label=${t(sentence('Copy its facts'))} icon="copy" .run=${this.copy}></dts-action>
    </div>`;
  }

  private readonly end = () => this.host.intent({ kind: 'terminateSession', side: this.side, id: this.session.id });
  private readonly addRule = () =>
    this.host.action({ kind: 'addSessionRule', side: this.side, sessionId: this.session.id });
  private readonly copy = () => {
    const { id, account, host, program, database, state, stateAge, statement } = this.session;
    const facts = { id, class: this.session.class, account, host, program, database, state, stateAge, statement };
    return this.host.action({ kind: 'copy', text: JSON.stringify(facts, null, 2) });
  };
}
