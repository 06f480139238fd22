import { html, nothing, type TemplateResult } from 'lit';
import type { FailureFacts, StepView } from '../../protocol/index.ts';
import { sentence } from '../../util/sentence.ts';
import type { Mark } from '../labels.ts';
import { formatDuration, formatNumber, formatTime, t } from '../language.ts';

/** An icon for the eye only: the word beside it carries the meaning. */
export function icon(name: string, tone: Mark['tone'] | '' = ''): TemplateResult {
  return html`<span class="codicon codicon-${name} ${tone && `tone-${tone}`}" aria-hidden="true"></span>`;
}

export function marked(mark: Mark): TemplateResult {
  return html`<span class="mark">${icon(mark.icon, mark.tone)} ${t(mark.text)}</span>`;
}

/** What failed, and what to try. */
export function failureNote(failure: FailureFacts): TemplateResult {
  return notice('bad', t(failure.what), failure.tryThis && t(failure.tryThis));
}

const NOTICE_ICONS = { bad: 'error', warn: 'warning', good: 'pass-filled', busy: 'sync', muted: 'info' } as const;

/** A boxed message; `extra` says what to do about it. */
export function notice(tone: Mark['tone'], what: string, extra: string | null = null): TemplateResult {
  return html`<div class="notice notice-${tone}">
    ${icon(NOTICE_ICONS[tone], tone)}
    <div>
      <div>${what}</div>
      ${extra ? html`<div class="muted">${extra}</div>` : nothing}
    </div>
  </div>`;
}

/** What a gate rests on and what it still wants, one line each. */
export function verdictList({ verdict, moreReasons }: StepView): TemplateResult | typeof nothing {
  if (verdict.why.length + verdict.evidence.length === 0) return nothing;
  const missing = verdict.state === 'waiting' ? icon('clockface', 'busy') : icon('error', 'bad');
  const word = verdict.state === 'waiting' ? t(sentence('waiting:')) : t(sentence('missing:'));
  return html`<ul class="verdict">
    ${verdict.evidence.map(
      (fact) =>
        html`<li>${icon('check', 'good')} <span class="only-heard">${t(sentence('met:'))}</span> ${t(fact)}</li>`,
    )}
    ${verdict.why.map((why) => html`<li>${missing} <span class="only-heard">${word}</span> ${t(why)}</li>`)}
    ${
      moreReasons > 0
        ? html`<li class="muted">${t(sentence('and {count} more', { count: formatNumber(moreReasons) }))}</li>`
        : nothing
    }
  </ul>`;
}

/** How old a reading is, when it is older than it should be. */
export function staleNote(readAt: number | null, now: number): TemplateResult {
  if (readAt === null) return html`<span class="stale-note">${icon('history')} ${t(sentence('not read yet'))}</span>`;
  return html`<span class="stale-note"
    >${icon('history')}
    ${t(
      sentence('stale since {time} ({age} ago)', { time: formatTime(readAt), age: formatDuration(now - readAt) }),
    )}</span
  >`;
}
