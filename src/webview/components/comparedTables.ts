import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { ComparisonFacts, ObjectName, TableComparison, TableVerdict } from '../../protocol/index.ts';
import { sentence } from '../../util/sentence.ts';
import type { HostLink } from '../hostLink.ts';
import { TABLE_VERDICTS } from '../labels.ts';
import { formatNumber, t } from '../language.ts';
import './action.ts';
import './dataTable.ts';
import type { Column } from './dataTable.ts';
import { marked } from './marks.ts';
import { PlainElement } from './view.ts';

const WORST_FIRST = Object.keys(TABLE_VERDICTS) as TableVerdict[];

const count = (rows: number | null) => (rows === null ? '–' : formatNumber(rows));

const columns = (): readonly Column<TableComparison>[] => [
  { id: 'table', title: t(sentence('Table')), value: (table) => nameOf(table), width: 'wide' },
  {
    id: 'verdict',
    title: t(sentence('Result')),
    value: ({ verdict }) => t(TABLE_VERDICTS[verdict].text),
    cell: ({ verdict }) => marked(TABLE_VERDICTS[verdict]),
    width: 'normal',
  },
  {
    id: 'source',
    title: t(sentence('Rows, source')),
    value: ({ rows }) => rows.source,
    cell: ({ rows }) => count(rows.source),
    width: 'normal',
  },
  {
    id: 'target',
    title: t(sentence('Rows, target')),
    value: ({ rows }) => rows.target,
    cell: ({ rows }) => count(rows.target),
    width: 'normal',
  },
  {
    id: 'differences',
    title: t(sentence('Rows that differ')),
    value: ({ differenceCount }) => differenceCount,
    cell: ({ differenceCount }) => count(differenceCount),
    width: 'normal',
  },
  { id: 'reason', title: t(sentence('Because')), value: ({ reason }) => reason && t(reason), width: 'wide' },
];

/** The result per table, the worst first. */
@customElement('dts-compared-tables')
export class ComparedTables extends PlainElement {
  @property({ attribute: false }) comparison!: ComparisonFacts;
  @property({ attribute: false }) host!: HostLink;

  @state() private onlyOthers = false;
  @state() private chosen: string | null = null;
  private columns = columns();
  private rows: readonly TableComparison[] = [];

  protected override willUpdate(): void {
    const tables = this.onlyOthers
      ? this.comparison.tables.filter(({ verdict }) => verdict !== 'same')
      : this.comparison.tables;
    const rank = (table: TableComparison) => WORST_FIRST.indexOf(table.verdict);
    this.rows = [...tables].sort((a, b) => rank(a) - rank(b));
  }

  protected override render() {
    return html`<div class="filters">
        <button
          class="filter"
          aria-pressed=${this.onlyOthers ? 'true' : 'false'}
          @click=${() => (this.onlyOthers = !this.onlyOthers)}
        >
          ${t(sentence('Only what is not the same'))}
        </button>
      </div>
      <dts-table
        selectable
        .chosen=${this.chosen}
        @row-chosen=${(event: CustomEvent<string>) => (this.chosen = event.detail)}
        .columns=${this.columns}
        .rows=${this.rows}
        .keyOf=${nameOf}
        .label=${t(sentence('Result per table'))}
      ></dts-table>
      <div class="row-actions">${this.ofChosen()}</div>
      <div class="actions">
        <dts-action
          .label=${t(sentence('Open the comparison'))}
          icon="go-to-file"
          .run=${() => this.host.action({ kind: 'openComparison', id: this.comparison.id })}
        ></dts-action>
        ${this.canRepair() ? this.repairAction(t(sentence('Open all repair statements')), null) : nothing}
      </div>`;
  }

  /** What can be done with the chosen table; a hint while none is. */
  private ofChosen() {
    const table = this.rows.find((row) => nameOf(row) === this.chosen);
    if (!table?.source)
      return html`<span class="muted">${t(sentence('Choose a table to look at it or to compare it again.'))}</span>`;
    const { source, differenceCount } = table;
    const { id, method } = this.comparison;
    const again = () => this.host.intent({ kind: 'compare', method: 'digest', tables: [dotted(source)] });
    return html`<div class="actions" role="group" aria-label=${nameOf(table)}>
      <b>${nameOf(table)}</b>
      <dts-action .label=${t(sentence('Compare this table again'))} icon="refresh" .run=${again}></dts-action>
      ${
        method === 'digest' && (differenceCount ?? 0) > 0
          ? html`<dts-action
                .label=${t(sentence('Show its differing rows side by side'))}
                icon="diff"
                .run=${() => this.host.action({ kind: 'openDifferences', id, source })}
              ></dts-action>
              ${this.repairAction(t(sentence('Open its repair statements')), source)}`
          : nothing
      }
    </div>`;
  }

  private canRepair(): boolean {
    return this.comparison.method === 'digest' && this.comparison.verdict !== 'same';
  }

  /** They are opened in an editor to be read; nothing executes them. */
  private repairAction(label: string, source: ObjectName | null) {
    return html`<dts-action
      .label=${label}
      icon="tools"
      .run=${() => this.host.action({ kind: 'openRepair', id: this.comparison.id, source })}
    ></dts-action>`;
  }
}

/** Both names where they differ: a task may rename. */
function nameOf({ source, target }: TableComparison): string {
  const from = source && dotted(source);
  const to = target && dotted(target);
  return from && to && from !== to ? `${from} → ${to}` : (from ?? to ?? '?');
}

const dotted = ({ database, schema, name }: ObjectName) =>
  [database, schema, name].filter((part) => part !== null).join('.');
