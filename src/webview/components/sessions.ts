import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import {
  SESSION_CLASS_NAMES,
  SESSION_STATE_NAMES,
  type ClassifiedSession,
  type SessionClass,
  type Side,
} from '../../protocol/index.ts';
import { sentence } from '../../util/sentence.ts';
import { formatDuration, formatNumber, t } from '../language.ts';
import { SESSION_CLASSES, SIDES } from '../labels.ts';
import './dataTable.ts';
import type { Column } from './dataTable.ts';
import { failureNote, notice, staleNote } from './marks.ts';
import './sessionActions.ts';
import './sessionDetail.ts';
import { RunView } from './view.ts';

const columns = (): readonly Column<ClassifiedSession>[] => [
  { id: 'id', title: t(sentence('Session')), value: ({ id }) => id, width: 'narrow' },
  {
    id: 'class',
    title: t(sentence('Class')),
    value: (session) => t(SESSION_CLASS_NAMES[session.class]),
    cell: (session) => html`<span class="class class-${session.class}">${t(SESSION_CLASS_NAMES[session.class])}</span>`,
    width: 'narrow',
  },
  { id: 'rule', title: t(sentence('Classified by')), value: ({ rule }) => t(rule), width: 'wide' },
  { id: 'account', title: t(sentence('Account')), value: ({ account }) => account || null, width: 'normal' },
  { id: 'host', title: t(sentence('Client')), value: ({ host }) => host || null, width: 'normal' },
  { id: 'program', title: t(sentence('Program')), value: ({ program }) => program || null, width: 'normal' },
  { id: 'database', title: t(sentence('Database')), value: ({ database }) => database || null, width: 'normal' },
  { id: 'state', title: t(sentence('State')), value: ({ state }) => t(SESSION_STATE_NAMES[state]), width: 'normal' },
  {
    id: 'age',
    title: t(sentence('For')),
    value: ({ stateAge }) => stateAge,
    cell: ({ stateAge }) => (stateAge === null ? '–' : formatDuration(stateAge * 1000)),
    width: 'narrow',
  },
  { id: 'statement', title: t(sentence('Statement')), value: ({ statement }) => statement || null, width: 'wide' },
];

/** Who is connected to one side: counts by class that filter, the table, and what can be done about a session. */
@customElement('dts-sessions')
export class Sessions extends RunView {
  @property() side: Side = 'source';
  /** the classes shown at first; empty shows all */
  @property({ attribute: false }) initial: readonly SessionClass[] = [];

  @state() private filter: ReadonlySet<SessionClass> | null = null;
  @state() private chosen: string | null = null;
  private columns = columns();
  private shown: readonly ClassifiedSession[] = [];
  private shownOf: unknown[] = [];

  protected override render() {
    const { connection, sessionsAt } = this.snapshot[this.side];
    if (connection.state === 'unconfigured') {
      return notice('warn', t(sentence('{side}: no connection is configured.', { side: t(SIDES[this.side]) })));
    }
    const stale = this.isStale(sessionsAt);
    return html`${connection.state === 'failed' ? failureNote(connection.failure) : nothing}
      <div class="sessions on-${this.side} ${stale ? 'stale' : ''}">
        ${sessionsAt === null ? nothing : this.filters()} ${stale ? staleNote(sessionsAt, this.now) : nothing}
        ${sessionsAt === null ? nothing : this.table()}
      </div>`;
  }

  private table() {
    const sessions = this.filtered();
    if (sessions.length === 0) return html`<p class="muted">${t(sentence('No session of these classes.'))}</p>`;
    const chosen = sessions.find(({ id }) => id === this.chosen);
    return html`<dts-table
        selectable
        .columns=${this.columns}
        .rows=${sessions}
        .keyOf=${keyOf}
        .chosen=${this.chosen}
        .label=${t(sentence('Sessions on {side}', { side: t(SIDES[this.side]) }))}
        @row-chosen=${(event: CustomEvent<string>) => (this.chosen = event.detail)}
      ></dts-table>
      <div class="row-actions">
        ${
          chosen
            ? keyed(
                chosen.id, // an answer about one session must not show up at another
                html`<dts-session-actions
                  .session=${chosen}
                  .side=${this.side}
                  .host=${this.host}
                ></dts-session-actions>`,
              )
            : html`<span class="muted">${t(sentence('Choose a session to see all of it and what can be done.'))}</span>`
        }
      </div>
      ${chosen ? html`<dts-session-detail .session=${chosen}></dts-session-detail>` : nothing}`;
  }

  private filters() {
    const { counts, sessions } = this.snapshot[this.side];
    const on = this.classesShown();
    return html`<div class="filters" role="group" aria-label=${t(sentence('Show sessions of class'))}>
      <button class="filter" aria-pressed=${on.size === 0 ? 'true' : 'false'} @click=${() => (this.filter = new Set())}>
        ${t(sentence('all'))} <b class="digits">${formatNumber(sessions.length)}</b>
      </button>
      ${SESSION_CLASSES.map(
        (name) =>
          html`<button
            class="filter class-${name} ${counts[name] > 0 ? '' : 'none'}"
            aria-pressed=${on.has(name) ? 'true' : 'false'}
            @click=${() => this.toggle(name)}
          >
            ${t(SESSION_CLASS_NAMES[name])} <b class="digits">${formatNumber(counts[name])}</b>
          </button>`,
      )}
    </div>`;
  }

  private classesShown(): ReadonlySet<SessionClass> {
    return this.filter ?? new Set(this.initial);
  }

  private toggle(name: SessionClass): void {
    const next = new Set(this.classesShown());
    if (!next.delete(name)) next.add(name);
    this.filter = next;
  }

  /** The same list for the same picture and filter, so that the table does not sort again every second. */
  private filtered(): readonly ClassifiedSession[] {
    const { sessions } = this.snapshot[this.side];
    const basis = [sessions, this.filter, this.initial];
    if (basis.some((part, index) => part !== this.shownOf[index])) {
      const on = this.classesShown();
      const shown = on.size === 0 ? [...sessions] : sessions.filter((session) => on.has(session.class));
      this.shown = shown.sort((a, b) => rank(a) - rank(b));
      this.shownOf = basis;
    }
    return this.shown;
  }
}

/** What blocks comes first. */
const rank = (session: ClassifiedSession) => SESSION_CLASSES.indexOf(session.class);

const keyOf = ({ id }: ClassifiedSession) => id;
