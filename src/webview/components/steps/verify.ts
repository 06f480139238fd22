import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import {
  areRowsSame,
  COMPARISON_METHOD_NAMES,
  type ComparisonFacts,
  type FailureFacts,
  type TableVerdict,
} from '../../../protocol/index.ts';
import { sentence } from '../../../util/sentence.ts';
import { formatNumber, formatTime, t } from '../../language.ts';
import '../action.ts';
import '../comparedObjects.ts';
import '../comparedTables.ts';
import '../comparisonProgress.ts';
import '../gate.ts';
import { failureNote, notice } from '../marks.ts';
import { RunView } from '../view.ts';

/** The same data on both sides, or exactly where not. */
@customElement('dts-step-verify')
export class VerifyStep extends RunView {
  protected override render() {
    const { running, latest, failure } = this.snapshot.verification;
    return html`${running ? html`<dts-comparison-progress .snapshot=${this.snapshot} .host=${this.host} .now=${this.now}></dts-comparison-progress>` : this.begin()}
      ${failure && !running ? endedNote(failure) : nothing}
      <dts-gate of="verify" .snapshot=${this.snapshot} .host=${this.host}></dts-gate>
      ${latest ? this.result(latest) : html`<p class="muted">${t(sentence('Nothing has been compared yet.'))}</p>`} `;
  }

  private begin() {
    const start = (method: 'counts' | 'digest') => () => this.host.intent({ kind: 'compare', method, tables: null });
    return html`${this.snapshot.refused.complete === undefined && this.snapshot.incremental !== false ? html`<p class="muted">${t(BY_ITSELF)}</p>` : nothing}
      <p class="muted">${t(workersNote(this.snapshot.settings.comparisonWorkers))}</p>
      <div class="actions">
        <dts-action primary .label=${t(sentence('Compare all data'))} icon="diff" .run=${start('digest')}></dts-action>
        <dts-action
          .label=${t(sentence('Compare some tables…'))}
          icon="list-selection"
          .run=${() => this.host.action({ kind: 'chooseTables' })}
        ></dts-action>
        <dts-action .label=${t(sentence('Count rows only'))} icon="symbol-numeric" .run=${start('counts')}></dts-action>
      </div>`;
  }

  private result(comparison: ComparisonFacts) {
    const { stale, final } = this.snapshot.verification;
    const { tone, words } = judged(comparison, !final);
    return html`${stale ? notice('warn', t(sentence('This result no longer counts.')), t(stale)) : nothing}
      <div class=${stale ? 'stale' : ''}>
        ${notice(tone, t(words), t(comparison.summary))}
        <dl class="facts">
          <dt>${t(sentence('Method'))}</dt>
          <dd>${t(COMPARISON_METHOD_NAMES[comparison.method])}</dd>
          <dt>${t(sentence('Time'))}</dt>
          <dd>${formatTime(comparison.startedAt)} – ${formatTime(comparison.finishedAt)}</dd>
          <dt>${t(sentence('Scope'))}</dt>
          <dd>${t(sentence('{count} tables', { count: formatNumber(comparison.tables.length) }))}</dd>
          <dt>${t(sentence('Left out, or noted'))}</dt>
          <dd>${comparison.skipped.length === 0 ? t(sentence('nothing')) : leftOut(comparison.skipped)}</dd>
        </dl>
      </div>
      <dts-compared-tables .comparison=${comparison} .host=${this.host}></dts-compared-tables>
      <dts-compared-objects .objects=${comparison.objects ?? []} .host=${this.host}></dts-compared-objects>`;
  }
}

/** Why there is nothing to press in the usual course of things. */
const BY_ITSELF = sentence(
  'Rows are compared by themselves as soon as the source is quiet and gap and lag are 0, while the windows run; what is written afterwards takes the proof away.',
);

/** What it costs the servers, before it begins. */
const workersNote = (count: number) =>
  sentence(
    'Up to {count} statements at once run on each side, each over a connection of its own (dtsCutover.comparisonWorkers).',
    {
      count,
    },
  );

/** What the user cancelled has not failed. */
function endedNote(failure: FailureFacts) {
  if (failure.reason !== 'cancelled') return failureNote(failure);
  return notice(
    'muted',
    t(sentence('The comparison was cancelled.')),
    t(sentence('What it had finished need not be compared again while nobody writes.')),
  );
}

/** What differs is certain, however much else is not known. */
function judged(comparison: ComparisonFacts, beforeTheEnd: boolean) {
  const { verdict, tables, objects = [] } = comparison;
  const isSure = tables.some((table) => DIFFERENT.has(table.verdict)) || objects.length > 0;
  if (verdict === 'same') return { tone: 'good', words: sentence('Same') } as const;
  if (beforeTheEnd && verdict === 'different' && areRowsSame(comparison)) {
    return { tone: 'warn', words: sentence('The rows are the same; what belongs around them is not, so far') } as const;
  }
  if (verdict === 'different') return { tone: 'bad', words: sentence('Different') } as const;
  return isSure
    ? ({ tone: 'bad', words: sentence('Different, and not everything is known') } as const)
    : ({ tone: 'warn', words: sentence('Incomplete: this does not prove that the data is the same') } as const);
}
const DIFFERENT: ReadonlySet<TableVerdict> = new Set(['different', 'missingOnTarget', 'missingOnSource'] as const);

function leftOut(skipped: ComparisonFacts['skipped']) {
  const more = skipped.length - MOST_REASONS;
  return html`<ul class="plain">
    ${skipped.slice(0, MOST_REASONS).map((what) => html`<li>${t(what)}</li>`)}
    ${more > 0 ? html`<li class="muted">${t(sentence('and {count} more', { count: formatNumber(more) }))}</li>` : nothing}
  </ul>`;
}
/** More than these are in the document of the comparison. */
const MOST_REASONS = 12;
