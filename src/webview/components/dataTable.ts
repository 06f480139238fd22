import { html, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { ref } from 'lit/directives/ref.js';
import { visible } from '../../util/visible.ts';
import { icon } from './marks.ts';
import { PlainElement } from './view.ts';

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  /** what it sorts by, and what is shown unless `cell` shows it otherwise */
  value(row: Row): string | number | null;
  cell?(row: Row): TemplateResult | string;
  readonly width: 'narrow' | 'normal' | 'wide';
}

/** Every row is one line high, as `--row-height` in the style sheet says. */
const ROW_HEIGHT = 24;
/** characters of a value in its cell, and in the tip over it: a statement may be of any length */
const LONGEST_CELL = 300;
const LONGEST_TIP = 2000;
/** rows drawn above and below what is seen, so that quick scrolling shows no hole */
const MARGIN = 8;

/**
 * A table of any length that only holds the rows one sees. It says its true size to a screen reader, sorts by its
 * headings, and one row can be chosen (`row-chosen` carries its key): by click, or with the arrow keys.
 */
@customElement('dts-table')
export class DataTable<Row> extends PlainElement {
  @property({ attribute: false }) columns: readonly Column<Row>[] = [];
  @property({ attribute: false }) rows: readonly Row[] = [];
  @property({ attribute: false }) keyOf: (row: Row) => string = () => '';
  @property() label = '';
  /** rows can be chosen */
  @property({ type: Boolean }) selectable = false;
  @property() chosen: string | null = null;

  @state() private sort: { readonly column: string; readonly down: boolean } | null = null;
  @state() private top = 0;
  @query('.scroller') private scroller!: HTMLElement | null;
  private sorted: readonly Row[] = [];

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('rows') || changed.has('sort') || changed.has('columns')) this.sorted = this.sortRows();
    const rowsThatFit = Math.max(0, this.sorted.length - this.visibleCount());
    if (this.top > rowsThatFit) this.top = rowsThatFit;
  }

  protected override render() {
    const first = Math.max(0, this.top - MARGIN);
    const end = Math.min(this.sorted.length, this.top + this.visibleCount() + MARGIN);
    const shown = this.sorted.slice(first, end);
    const keys = shown.map((row) => this.keyOf(row));
    // Tab stops at the chosen row, or at the first one seen
    const stop = this.chosen !== null && keys.includes(this.chosen) ? this.chosen : keys[this.top - first];
    return html`<div
      class="scroller data-table"
      tabindex="0"
      role="region"
      aria-label=${this.label}
      @scroll=${this.onScroll}
    >
      <table aria-label=${this.label} aria-rowcount=${this.sorted.length + 1}>
        <colgroup>
          ${this.columns.map((column) => html`<col class="col-${column.width}" />`)}
        </colgroup>
        <thead>
          <tr aria-rowindex="1">
            ${this.columns.map((column) => this.heading(column))}
          </tr>
        </thead>
        <tbody @keydown=${this.onKey}>
          ${this.spacer(first)} ${repeat(shown, this.keyOf, (row, index) => this.renderRow(row, first + index, stop))}
          ${this.spacer(this.sorted.length - end)}
        </tbody>
      </table>
    </div>`;
  }

  private heading(column: Column<Row>) {
    const sorted = this.sort?.column === column.id ? this.sort : null;
    const order = sorted ? (sorted.down ? 'descending' : 'ascending') : 'none';
    return html`<th scope="col" aria-sort=${order}>
      <button class="bare" @click=${() => this.sortBy(column.id)}>
        ${visible(column.title)} ${sorted ? icon(sorted.down ? 'arrow-down' : 'arrow-up') : nothing}
      </button>
    </th>`;
  }

  private rowButton(content: unknown, isChosen: boolean, isStop: boolean) {
    return html`<button class="bare row-button" tabindex=${isStop ? 0 : -1} aria-pressed=${isChosen ? 'true' : 'false'}>
      ${content}
    </button>`;
  }

  /** Stands in for rows that are not drawn. Its height is set by script: the content policy allows no style in markup. */
  private spacer(rows: number) {
    if (rows <= 0) return nothing;
    const setHeight = (cell?: Element) => {
      if (cell instanceof HTMLElement) cell.style.height = `${rows * ROW_HEIGHT}px`;
    };
    return html`<tr class="spacer" aria-hidden="true">
      <td colspan=${this.columns.length} ${ref(setHeight)}></td>
    </tr>`;
  }

  private renderRow(row: Row, index: number, stop: string | undefined) {
    const key = this.keyOf(row);
    const isChosen = key === this.chosen;
    return html`<tr
      class=${isChosen ? 'chosen' : this.selectable ? 'choosable' : ''}
      aria-rowindex=${index + 2}
      data-key=${key}
      @click=${() => this.choose(key)}
    >
      ${this.columns.map((column, position) => {
        const value = column.value(row);
        const content = column.cell?.(row) ?? (value === null ? '–' : shownText(value, LONGEST_CELL));
        const title = value === null ? nothing : shownText(value, LONGEST_TIP);
        if (position > 0) return html`<td title=${title}>${content}</td>`;
        return html`<th scope="row" title=${title}>
          ${this.selectable ? this.rowButton(content, isChosen, key === stop) : content}
        </th>`;
      })}
    </tr>`;
  }

  private visibleCount(): number {
    // before the first layout, and where nothing is laid out at all, a guess
    return Math.ceil((this.scroller?.clientHeight || 360) / ROW_HEIGHT);
  }

  private sortRows(): readonly Row[] {
    const column = this.columns.find(({ id }) => id === this.sort?.column);
    if (!column || !this.sort) return this.rows;
    const sign = this.sort.down ? -1 : 1;
    return [...this.rows].sort((a, b) => sign * compareValues(column.value(a), column.value(b)));
  }

  private sortBy(column: string): void {
    if (this.sort?.column !== column) this.sort = { column, down: false };
    else this.sort = this.sort.down ? null : { column, down: true };
  }

  private readonly onScroll = (): void => {
    if (this.scroller) this.top = Math.floor(this.scroller.scrollTop / ROW_HEIGHT);
  };

  private choose(key: string): void {
    if (!this.selectable) return;
    this.chosen = key;
    this.dispatchEvent(new CustomEvent<string>('row-chosen', { detail: key }));
  }

  private readonly onKey = async (event: KeyboardEvent): Promise<void> => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    const row = (event.target as HTMLElement).closest('tr')?.dataset['key'];
    const next = this.sorted[this.sorted.findIndex((candidate) => this.keyOf(candidate) === row) + move];
    if (next === undefined) return;
    this.choose(this.keyOf(next));
    this.bringIntoView(this.sorted.indexOf(next));
    await this.updateComplete;
    const button = this.querySelector<HTMLElement>('tr.chosen .row-button');
    button?.focus({ preventScroll: true });
    // the page, too, where the table is higher than what is left of it
    button?.closest('tr')?.scrollIntoView({ block: 'nearest' });
  };

  private bringIntoView(index: number): void {
    const { scroller } = this;
    if (!scroller) return;
    const above = index * ROW_HEIGHT;
    const below = (index + 2) * ROW_HEIGHT - scroller.clientHeight; // the heading covers one row
    if (scroller.scrollTop > above) scroller.scrollTop = above;
    else if (scroller.scrollTop < below) scroller.scrollTop = below;
    this.onScroll();
  }
}

/** The beginning of a value from outside, nothing in it hidden. */
function shownText(value: string | number, most: number): string {
  const text = String(value);
  return text.length > most ? `${visible(text.slice(0, most))}…` : visible(text);
}

/** Missing values come last, text by the locale's order with numbers in it as numbers. */
function compareValues(a: string | number | null, b: string | number | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a), String(b));
}
const collator = new Intl.Collator(undefined, { numeric: true });
