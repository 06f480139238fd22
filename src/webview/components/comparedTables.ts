import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import {
  TABLE_VERDICT_NAMES,
  type ComparisonFacts,
  type TableComparison,
  type TableVerdict,
} from '../../protocol/index.ts';
import { sentence } from '../../util/sentence.ts';
import type { HostLink } from '../hostLink.ts';
import { TABLE_VERDICTS } from '../labels.ts';
import { formatNumber, t } from '../language.ts';
import './action.ts';
import './comparedTable.ts';
import { comparedName } from './comparedTable.ts';
import './dataTable.ts';
import type { Column } from './dataTable.ts';
import { marked } from './marks.ts';
import { PlainElement } from './view.ts';

const WORST_FIRST = Object.keys(TABLE_VERDICTS) as TableVerdict[];
/** A list that one sees whole needs no search. */
const SEARCHED = 12;

type Shown = TableVerdict | 'all' | 'others';
const NO_COUNTS: Readonly<Record<Shown, number>> = {
  ...{ all: 0, others: 0, different: 0, missingOnTarget: 0, missingOnSource: 0, failed: 0, skipped: 0, same: 0 },
};

const count = (rows: number | null) => (rows === null ? '–' : formatNumber(rows));

const columns = (): Readonly<
  Record<'table' | 'differences' | 'reason' | 'rows', readonly Column<TableComparison>[]>
> => ({
  table: [
    { id: 'table', title: t(sentence('Table')), value: (table) => comparedName(table), width: 'wide' },
    {
      id: 'verdict',
      title: t(sentence('Result')),
      value: ({ verdict }) => t(TABLE_VERDICTS[verdict].text),
      cell: ({ verdict }) => marked(TABLE_VERDICTS[verdict]),
      width: 'normal',
    },
  ],
  differences: [
    {
      id: 'differences',
      title: t(sentence('Rows that differ')),
      value: ({ differenceCount }) => differenceCount,
      cell: ({ differenceCount }) => count(differenceCount),
      width: 'narrow',
    },
  ],
  reason: [{ id: 'reason', title: t(sentence('Because')), value: ({ reason }) => reason && t(reason), width: 'wide' }],
  rows: [
    {
      id: 'source',
      title: t(sentence('Rows, source')),
      value: ({ rows }) => rows.source,
      cell: ({ rows }) => count(rows.source),
      width: 'narrow',
    },
    {
      id: 'target',
      title: t(sentence('Rows, target')),
      value: ({ rows }) => rows.target,
      cell: ({ rows }) => count(rows.target),
      width: 'narrow',
    },
  ],
});

/** The result per table, the worst first; what was found filters it, and a part of a name. */
@customElement('dts-compared-tables')
export class ComparedTables extends PlainElement {
  @property({ attribute: false }) comparison!: ComparisonFacts;
  @property({ attribute: false }) host!: HostLink;

  @state() private filter: Shown = 'all';
  @state() private search = '';
  @state() private chosen: string | null = null;
  private readonly parts = columns();
  private columns: readonly Column<TableComparison>[] = [];
  private counts: Readonly<Record<Shown, number>> = NO_COUNTS;
  private shown: Shown = 'all';
  private rows: readonly TableComparison[] = [];
  private rowsOf: readonly unknown[] = [];

  /** Pictures come every second, another result hardly ever: thousands of tables are sorted for these only. */
  protected override willUpdate(): void {
    const { tables } = this.comparison;
    const basis = [tables, this.filter, this.search];
    if (basis.every((part, index) => part === this.rowsOf[index])) return;
    this.rowsOf = basis;
    const { table, differences, reason, rows } = this.parts;
    this.columns = [...table, ...differences, ...(tables.some((each) => each.reason) ? reason : []), ...rows];
    this.counts = countsOf(tables);
    // what another comparison no longer found filters nothing
    const shown = this.isOffered(this.filter) ? this.filter : 'all';
    const wanted = this.search.trim().toLowerCase();
    this.rows = tables
      .filter((each) => isOf(shown, each))
      .map((each) => ({ each, name: comparedName(each), rank: WORST_FIRST.indexOf(each.verdict) }))
      .filter(({ name }) => name.toLowerCase().includes(wanted))
      .sort((a, b) => a.rank - b.rank || collator.compare(a.name, b.name))
      .map(({ each }) => each);
    this.shown = shown;
  }

  protected override render() {
    const chosen = this.rows.find((row) => comparedName(row) === this.chosen);
    return html`${this.filters()}
      ${
        this.rows.length === 0
          ? html`<p class="muted">${t(sentence('No table matches.'))}</p>`
          : html`<dts-table
              selectable
              .chosen=${this.chosen}
              @row-chosen=${(event: CustomEvent<string>) => (this.chosen = event.detail)}
              .columns=${this.columns}
              .rows=${this.rows}
              .keyOf=${comparedName}
              .label=${t(sentence('Result per table'))}
            ></dts-table>`
      }
      <div class="row-actions">
        ${
          chosen
            ? keyed(
                `${this.comparison.id} ${this.chosen}`, // an answer about one table must not show up at another, nor later
                html`<dts-compared-table
                  .table=${chosen}
                  .comparison=${this.comparison}
                  .host=${this.host}
                ></dts-compared-table>`,
              )
            : html`<span class="muted">${t(sentence('Choose a table to look at it or to compare it again.'))}</span>`
        }
      </div>
      <div class="actions">
        <dts-action
          .label=${t(sentence('Open the comparison'))}
          icon="go-to-file"
          .run=${() => this.host.action({ kind: 'openComparison', id: this.comparison.id })}
        ></dts-action>
        ${
          this.comparison.method === 'digest' && this.comparison.verdict !== 'same'
            ? html`<dts-action
                .label=${t(sentence('Open all repair statements'))}
                icon="tools"
                .run=${() => this.host.action({ kind: 'openRepair', id: this.comparison.id, source: null })}
              ></dts-action>`
            : nothing
        }
      </div>`;
  }

  private filters() {
    const label = t(sentence('Find a table'));
    return html`<div class="filters" role="group" aria-label=${t(sentence('Show tables'))}>
      ${(['all', 'others', ...WORST_FIRST] as const).map((shown) => (this.isOffered(shown) ? this.button(shown) : nothing))}
      ${
        this.comparison.tables.length > SEARCHED
          ? html`<input
              type="search"
              aria-label=${label}
              placeholder=${label}
              .value=${this.search}
              @input=${(event: InputEvent) => (this.search = (event.target as HTMLInputElement).value)}
            />`
          : nothing
      }
    </div>`;
  }

  private button(shown: Shown) {
    const label = { ...TABLE_VERDICT_NAMES, all: sentence('all'), others: sentence('not the same') }[shown];
    return html`<button
      class="filter"
      aria-pressed=${this.shown === shown ? 'true' : 'false'}
      @click=${() => (this.filter = shown)}
    >
      ${t(label)} <b class="digits">${formatNumber(this.counts[shown])}</b>
    </button>`;
  }

  private isOffered(shown: Shown): boolean {
    return shown === 'all' || (this.counts[shown] > 0 && this.counts[shown] < this.counts.all);
  }
}

const isOf = (shown: Shown, { verdict }: TableComparison) =>
  shown === 'all' || (shown === 'others' ? verdict !== 'same' : verdict === shown);

function countsOf(tables: readonly TableComparison[]): Readonly<Record<Shown, number>> {
  const counts = { ...NO_COUNTS };
  for (const { verdict } of tables) counts[verdict]++;
  return { ...counts, all: tables.length, others: tables.length - counts.same };
}

const collator = new Intl.Collator(undefined, { numeric: true });
