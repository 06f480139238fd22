import '@vscode-elements/elements/dist/vscode-textarea/index.js';
import { html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { IntentResult } from '../../protocol/index.ts';
import { sentence } from '../../util/sentence.ts';
import { t } from '../language.ts';
import type { Memory } from '../memory.ts';
import { pressOnly, type Action } from './action.ts';
import { PlainElement } from './view.ts';

type Field = HTMLElement & { value: string };

const isMac = /Mac/.test(navigator.userAgent);

/**
 * A button that opens a one-field form in place, for what a person has to say: a reason, a note, an earlier time. What
 * was typed stays until it was sent, over closing the form, another step and another tab.
 */
@customElement('dts-ask')
export class Ask extends PlainElement {
  /** what its text is remembered by */
  @property() name = '';
  @property({ attribute: false }) memory!: Memory;
  @property() label = '';
  @property() icon = '';
  /** what the field is for */
  @property() prompt = '';
  /** what pressing the form's button does */
  @property() confirm = '';
  @property() field: 'text' | 'time' = 'text';
  /** may be sent empty */
  @property({ type: Boolean }) optional = false;
  @property({ attribute: false }) send!: (value: string) => Promise<IntentResult>;

  @state() private open = false;
  @state() private value = '';
  @query('.ask-opener') private opener!: HTMLElement;
  @query('.ask-field') private input!: Field | null;
  @query('.ask-form dts-action') private sender!: Action | null;

  protected override render() {
    return html`<vscode-button
        class="ask-opener"
        secondary
        icon=${this.icon}
        aria-expanded=${this.open ? 'true' : 'false'}
        @keydown=${pressOnly}
        @click=${() => this.toggle(!this.open)}
        >${this.label}</vscode-button
      >
      ${this.open ? this.renderForm() : nothing}`;
  }

  private renderForm() {
    const shut = this.optional || this.value.trim() !== '' ? '' : t(sentence('Fill in the field first.'));
    return html`<div class="ask-form" role="group" aria-label=${this.label} @keydown=${this.onKey}>
      <div class="ask-prompt">${this.prompt}</div>
      ${
        this.field === 'text'
          ? html`<vscode-textarea
              class="ask-field"
              rows="2"
              label=${this.prompt}
              .value=${this.value}
              @input=${this.onInput}
            ></vscode-textarea>`
          : html`<input
              class="ask-field"
              type="datetime-local"
              step="1"
              aria-label=${this.prompt}
              .value=${this.value}
              @input=${this.onInput}
            />`
      }
      <div class="muted">
        ${t(sentence('{key} sends it; Escape closes the form. What you typed stays until it was sent.', { key: this.key }))}
      </div>
      <div class="actions">
        <dts-action primary .label=${this.confirm} .shut=${shut} .run=${this.submit}></dts-action>
        <vscode-button secondary @keydown=${pressOnly} @click=${() => this.toggle(false)}
          >${t(sentence('Close'))}</vscode-button
        >
      </div>
    </div>`;
  }

  /** A line ends with Enter only where there can be more than one. */
  private get key(): string {
    if (this.field === 'time') return 'Enter';
    return isMac ? '⌘ Enter' : 'Ctrl+Enter';
  }

  private readonly onInput = (event: Event): void => {
    this.value = (event.currentTarget as Field).value;
    this.memory.keepDraft(this.name, this.value);
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.isComposing) return; // the key belongs to the input method
    if (event.key === 'Escape') void this.toggle(false);
    const sends = event.key === 'Enter' && (this.field === 'time' || event.ctrlKey || event.metaKey);
    if (!sends || event.target !== this.input) return;
    event.preventDefault();
    void this.sender?.press();
  };

  private readonly submit = async (): Promise<IntentResult> => {
    const result = await this.send(this.value.trim());
    if (result.ok) {
      this.memory.keepDraft(this.name, '');
      await this.toggle(false);
    }
    return result;
  };

  private async toggle(open: boolean): Promise<void> {
    this.open = open;
    if (open) this.value = this.memory.draft(this.name) || (this.field === 'time' ? localNow() : '');
    await this.updateComplete;
    (open ? this.input : this.opener)?.focus();
  }
}

/** This moment as the field wants it: local time without a zone. */
function localNow(): string {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
