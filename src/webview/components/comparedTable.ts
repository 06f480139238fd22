import { html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ComparisonFacts, ObjectName, TableComparison, TableVerdict } from '../../protocol/index.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import { visible } from '../../util/visible.ts';
import type { HostLink } from '../hostLink.ts';
import { t } from '../language.ts';
import './action.ts';
import { PlainElement } from './view.ts';

/** What helps where rows side by side and statements do not. */
const ADVICE: Readonly<Record<TableVerdict, Sentence | null>> = {
  same: null,
  different: null,
  missingOnTarget: sentence(
    'Its rows are on the source only. Find out why DTS did not bring it over before you go on.',
  ),
  missingOnSource: sentence('It is on the target only. It may have been there before the migration.'),
  failed: sentence('Nothing is known of its rows. Put right what failed, then compare this table again.'),
  skipped: sentence(
    'Nothing is known of its rows. Put right what is in the way and compare this table again, or compare it by other means and say so as your reason for going on.',
  ),
};

/** One table of a comparison: why it is what it is, and what can be done. */
@customElement('dts-compared-table')
export class ComparedTable extends PlainElement {
  @property({ attribute: false }) table!: TableComparison;
  @property({ attribute: false }) comparison!: ComparisonFacts;
  @property({ attribute: false }) host!: HostLink;

  protected override render() {
    const { source, verdict, reason, notes = [] } = this.table;
    const advice = ADVICE[verdict];
    const name = comparedName(this.table);
    return html`<div class="actions" role="group" aria-label=${name}>
        <b>${name}</b>
        ${source ? this.actions(source) : nothing}
      </div>
      ${[...(reason ? [reason] : []), ...notes].map((line) => html`<div>${t(line)}</div>`)}
      ${advice ? html`<div class="muted">${t(advice)}</div>` : nothing}`;
  }

  private actions(source: ObjectName) {
    const { id, method } = this.comparison;
    const again = () => this.host.intent({ kind: 'compare', method: 'digest', tables: [dotted(source)] });
    return html`<dts-action .label=${t(sentence('Compare this table again'))} icon="refresh" .run=${again}></dts-action>
      ${
        method === 'digest' && (this.table.differenceCount ?? 0) > 0
          ? html`<dts-action
                .label=${t(sentence('Show its differing rows side by side'))}
                icon="diff"
                .run=${() => this.host.action({ kind: 'openDifferences', id, source })}
              ></dts-action>
              <dts-action
                .label=${t(sentence('Open its repair statements'))}
                icon="tools"
                .run=${() => this.host.action({ kind: 'openRepair', id, source })}
              ></dts-action>`
          : nothing
      }`;
  }
}

/** Both names where they differ: a task may rename. */
export function comparedName({ source, target }: Pick<TableComparison, 'source' | 'target'>): string {
  const from = source && dotted(source);
  const to = target && dotted(target);
  return visible(from && to && from !== to ? `${from} → ${to}` : (from ?? to ?? '?'));
}

const dotted = ({ database, schema, name }: ObjectName) =>
  [database, schema, name].filter((part) => part !== null).join('.');
