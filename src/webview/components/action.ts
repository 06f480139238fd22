import '@vscode-elements/elements/dist/vscode-button/index.js';
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { FailureFacts, IntentResult } from '../../protocol/index.ts';
import { sentence } from '../../util/sentence.ts';
import { t } from '../language.ts';
import { failureNote, icon } from './marks.ts';
import { PlainElement } from './view.ts';

const calm = window.matchMedia('(prefers-reduced-motion: reduce)');

/**
 * A button that asks something of the host: busy until the answer, and a failure stands beside it. Shut, it stays
 * focusable and says why, so that a keyboard or a screen reader finds it.
 */
@customElement('dts-action')
export class Action extends PlainElement {
  @property() label = '';
  @property() icon = '';
  @property({ type: Boolean }) primary = false;
  /** why it cannot be pressed now; '' when it can */
  @property() shut = '';
  @property({ attribute: false }) run!: () => Promise<IntentResult>;

  @state() private busy = false;
  @state() private failure: FailureFacts | null = null;

  protected override render() {
    const unavailable = this.busy || this.shut !== '';
    return html`<vscode-button
        ?secondary=${!this.primary}
        icon=${this.busy ? 'loading' : this.icon}
        ?icon-spin=${this.busy && !calm.matches}
        aria-disabled=${unavailable ? 'true' : 'false'}
        aria-busy=${this.busy ? 'true' : 'false'}
        title=${this.shut}
        @click=${this.press}
        @keydown=${pressOnly}
        >${this.label}</vscode-button
      >
      ${this.failure ? this.renderFailure(this.failure) : nothing}`;
  }

  private renderFailure(failure: FailureFacts) {
    return html`<div class="failure" role="alert">
      ${failureNote(failure)}
      <button class="bare" aria-label=${t(sentence('Dismiss'))} @click=${() => (this.failure = null)}>
        ${icon('close')}
      </button>
    </div>`;
  }

  /** As its button does; for a key that stands for it. */
  readonly press = async (): Promise<void> => {
    if (this.busy || this.shut !== '') return;
    this.busy = true;
    this.failure = null;
    const result = await this.run();
    this.busy = false;
    if (!result.ok && !result.declined) this.failure = result.failure;
  };
}

/** The key that presses a button must not scroll the page as well, nor type into the field the button opens. */
export function pressOnly(event: KeyboardEvent): void {
  if (event.key === ' ' || event.key === 'Enter') event.preventDefault();
}
