import { html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { objectKindName, TABLE_VERDICT_NAMES, type ComparedObject } from '../../protocol/index.ts';
import { sentence } from '../../util/sentence.ts';
import type { HostLink } from '../hostLink.ts';
import { formatNumber, t } from '../language.ts';
import { icon } from './marks.ts';
import './statement.ts';
import { PlainElement } from './view.ts';

/** More than these are in the document of the comparison. */
const MOST = 30;

/** What is not the same besides rows, with the statement for the target where there is one. */
@customElement('dts-compared-objects')
export class ComparedObjects extends PlainElement {
  @property({ attribute: false }) objects: readonly ComparedObject[] = [];
  @property({ attribute: false }) host!: HostLink;

  protected override render() {
    if (this.objects.length === 0) return nothing;
    const more = this.objects.length - MOST;
    return html`<h3>${t(sentence('Other objects that are not the same'))}</h3>
      <ul class="plain objects">
        ${this.objects.slice(0, MOST).map((object) => this.object(object))}
        ${more > 0 ? html`<li class="muted">${t(sentence('and {count} more', { count: formatNumber(more) }))}</li>` : nothing}
      </ul>`;
  }

  private object({ kind, name, verdict, detail, statement }: ComparedObject) {
    return html`<li>
      ${icon('error', 'bad')} ${t(objectKindName(kind))} <b>${name}</b>: ${t(TABLE_VERDICT_NAMES[verdict])}
      ${detail ? html`<div class="muted">${t(detail)}</div>` : nothing}
      ${statement ? html`<dts-statement .text=${statement} .host=${this.host}></dts-statement>` : nothing}
    </li>`;
  }
}
