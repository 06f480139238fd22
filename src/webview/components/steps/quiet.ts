import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { WRITER_KIND_NAMES, type PendingWriter, type PositionFacts, type SideView } from '../../../protocol/index.ts';
import { sentence } from '../../../util/sentence.ts';
import { formatNumber, formatTime, t } from '../../language.ts';
import { writerDetail, writerName } from '../../writerWords.ts';
import '../comparisonProgress.ts';
import '../dtsComparison.ts';
import '../gate.ts';
import { icon, notice, staleNote } from '../marks.ts';
import { windowProgress } from '../progress.ts';
import '../rawResult.ts';
import '../resume.ts';
import '../sessions.ts';
import '../statement.ts';
import { RunView } from '../view.ts';

const ALL = [] as const;

/** Nobody but DTS writes to the source, over one unbroken window. */
@customElement('dts-step-quiet')
export class QuietStep extends RunView {
  protected override render() {
    const { source, quietWindow } = this.snapshot;
    return html`<dts-resume .snapshot=${this.snapshot} .host=${this.host} .now=${this.now}></dts-resume>
      ${this.visibility(source)} ${windowProgress(sentence('Quiet without a break'), quietWindow)}
      <dts-comparison-progress .snapshot=${this.snapshot} .host=${this.host} .now=${this.now}></dts-comparison-progress>
      <dts-gate of="quiet" .snapshot=${this.snapshot} .host=${this.host}></dts-gate>
      ${this.written(source)} ${source.position ? this.position(source.position) : nothing}
      ${source.pendingWriters.length > 0 ? this.pending(source.pendingWriters) : nothing}
      <h3>${t(sentence('Sessions on the source'))}</h3>
      <dts-sessions
        side="source"
        .initial=${ALL}
        .snapshot=${this.snapshot}
        .host=${this.host}
        .now=${this.now}
      ></dts-sessions>
      <dts-raw-result side="source" .host=${this.host}></dts-raw-result>
      <dts-own-comparison .snapshot=${this.snapshot} .host=${this.host} .now=${this.now}></dts-own-comparison>`;
  }

  private visibility({ connection }: SideView) {
    if (connection.state !== 'connected' || connection.visibility?.level !== 'limited') return nothing;
    if (connection.visibility.grant === '') return notice('bad', t(connection.visibility.missing));
    return html`${notice(
        'bad',
        t(connection.visibility.missing),
        t(sentence('A list that cannot show everybody proves nothing. Let an administrator run:')),
      )} <dts-statement .text=${connection.visibility.grant} .host=${this.host}></dts-statement>`;
  }

  private written({ writtenSince, position }: SideView) {
    if (!writtenSince) return html`<p class="muted">${t(sentence('What is written is not watched yet.'))}</p>`;
    const time = formatTime(writtenSince.since);
    if (writtenSince.objects.length > 0) {
      return html`<p>${icon('edit', 'bad')} ${t(sentence('Written since {time}:', { time }))}</p>
        <ul class="plain">
          ${writtenSince.objects.map(
            ({ name, count }) =>
              html`<li>
                <code>${name}</code>
                ${count === null ? nothing : t(sentence('({count} rows or events)', { count: formatNumber(count) }))}
              </li>`,
          )}
        </ul>`;
    }
    // only a fresh reading from after that moment can prove that there was nothing
    const proven = position?.foreign === 'none' && position.takenAt >= writtenSince.since;
    if (!proven || this.isStale(position.takenAt)) {
      return html`<p>
        ${icon('question', 'warn')}
        ${t(sentence('Whether anything was written since {time} cannot be told now.', { time }))}
      </p>`;
    }
    return html`<p>${icon('check', 'good')} ${t(sentence('Written since {time}: nothing but by DTS.', { time }))}</p>`;
  }

  private position(position: PositionFacts) {
    const { sinceDisplay, display, foreign, takenAt } = position;
    const stale = this.isStale(takenAt);
    return html`<p class=${stale ? 'stale' : ''}>
      ${foreign === 'none' && !stale ? icon('check', 'good') : icon(foreign === 'pending' ? 'clockface' : 'warning', 'warn')}
      ${t(sentence('Write position'))}
      <code>${sinceDisplay === null || sinceDisplay === display ? display : `${sinceDisplay} → ${display}`}</code>
      ${stale ? staleNote(takenAt, this.now) : t(sentence('at {time}', { time: formatTime(takenAt) }))}:
      ${t(position.why)}
    </p>`;
  }

  private pending(writers: readonly PendingWriter[]) {
    return html`<h3>${t(sentence('Will write later by themselves'))}</h3>
      <ul class="plain">
        ${writers.map(
          (writer) =>
            html`<li>
              ${icon(writer.blocks ? 'error' : 'warning', writer.blocks ? 'bad' : 'warn')}
              ${t(WRITER_KIND_NAMES[writer.kind])}
              <code>${writerName(writer.name)}</code> ${writerDetail(writer.detail)}
              <span class="muted">${writer.blocks ? t(sentence('blocks')) : t(sentence('take care'))}</span>
            </li>`,
        )}
      </ul>`;
  }
}
