import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { FailureFacts, IntentResult, RawResult as Raw, Side } from '../../protocol/index.ts';
import { sentence } from '../../util/sentence.ts';
import { visible } from '../../util/visible.ts';
import type { HostLink } from '../hostLink.ts';
import { formatNumber, t } from '../language.ts';
import './action.ts';
import './dataTable.ts';
import type { Column } from './dataTable.ts';
import { PlainElement } from './view.ts';

interface NumberedRow {
  readonly number: number;
  readonly values: readonly (string | null)[];
}

/** The runbook's own query and the server's answer to it, untouched. */
@customElement('dts-raw-result')
export class RawResultView extends PlainElement {
  @property({ attribute: false }) host!: HostLink;
  @property() side: Side = 'source';

  @state() private raw: Raw | null = null;
  private columns: readonly Column<NumberedRow>[] = [];
  private rows: readonly NumberedRow[] = [];

  protected override render() {
    return html`<div class="actions">
        <dts-action
          .label=${this.raw ? t(sentence('Read the raw result again')) : t(sentence('Show the raw result'))}
          icon="database"
          .run=${this.load}
        ></dts-action>
        ${
          this.raw
            ? html`<dts-action
                  .label=${t(sentence('Open all of it'))}
                  icon="go-to-file"
                  .run=${() => this.host.action({ kind: 'openRaw', side: this.side })}
                ></dts-action>
                <dts-action .label=${t(sentence('Hide it'))} icon="close" .run=${this.hide}></dts-action>`
            : nothing
        }
      </div>
      ${this.raw ? this.table(this.raw) : nothing}`;
  }

  private table(raw: Raw) {
    return html`<section class="raw" aria-label=${t(sentence('Raw result'))}>
      <pre class="statement" tabindex="0">${visible(raw.query)}</pre>
      <p class="muted">
        ${t(sentence('{count} rows, as the server gave them', { count: formatNumber(raw.rows.length) }))}
      </p>
      <dts-table
        .columns=${this.columns}
        .rows=${this.rows}
        .keyOf=${keyOf}
        .label=${t(sentence('Raw result'))}
      ></dts-table>
    </section>`;
  }

  private readonly load = async (): Promise<IntentResult> => {
    const { raw, failure } = await this.host.raw(this.side);
    if (!raw) return { ok: false, declined: false, failure: failure ?? NOTHING_READ };
    this.columns = [
      { id: '#', title: '#', value: ({ number }) => number, width: 'narrow' },
      ...raw.columns.map((title, index): Column<NumberedRow> => ({
        id: `${index}`,
        title,
        value: ({ values }) => values[index] ?? null,
        width: 'normal',
      })),
    ];
    this.rows = raw.rows.map((values, index) => ({ number: index + 1, values }));
    this.raw = raw;
    return { ok: true };
  };

  private readonly hide = (): Promise<IntentResult> => {
    this.raw = null;
    return Promise.resolve({ ok: true });
  };
}

const keyOf = ({ number }: NumberedRow) => `${number}`;

const NOTHING_READ: FailureFacts = {
  reason: 'not-configured',
  what: sentence('No session list has been read yet.'),
  tryThis: sentence('Test the connection and wait for the first reading.'),
};
