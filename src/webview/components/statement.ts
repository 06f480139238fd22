import { html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { sentence } from '../../util/sentence.ts';
import type { HostLink } from '../hostLink.ts';
import { t } from '../language.ts';
import { visible } from '../../util/visible.ts';
import './action.ts';
import { PlainElement } from './view.ts';

/** A statement the user may run elsewhere, to be copied. */
@customElement('dts-statement')
export class Statement extends PlainElement {
  @property() text = '';
  @property({ attribute: false }) host!: HostLink;

  protected override render() {
    return html`<div class="copyable">
      <pre class="statement" tabindex="0">${visible(this.text)}</pre>
      <dts-action
        .label=${t(sentence('Copy the statement'))}
        icon="copy"
        .run=${() => this.host.action({ kind: 'copy', text: this.text })}
      ></dts-action>
    </div>`;
  }
}
