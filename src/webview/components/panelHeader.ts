import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { Side } from '../../protocol/index.ts';
import { sentence } from '../../util/sentence.ts';
import { visible } from '../../util/visible.ts';
import { formatDuration, formatTime, t } from '../language.ts';
import './action.ts';
import { failureNote, icon, notice, staleNote } from './marks.ts';
import { RunView } from './view.ts';

/** Which task this is, what DTS says of it, and how long the business has been down. */
@customElement('dts-panel-header')
export class PanelHeader extends RunView {
  protected override render() {
    const { task, ref, taskFailure, journalFailure } = this.snapshot;
    return html`<header>
      <div class="panel-header">
        <div class="who">
          <h1>${task?.name || ref.jobId}</h1>
          <div class="muted">${ref.jobId} · ${ref.region}</div>
          <div class="endpoints">${this.endpoint('source')} ${icon('arrow-right')} ${this.endpoint('target')}</div>
        </div>
        <div class="task-status">
          ${this.status()} ${task && this.taskIsStale() ? staleNote(task.readAt, this.now) : nothing}
        </div>
        ${this.downtime()}
      </div>
      ${taskFailure ? failureNote(taskFailure) : nothing}
      ${taskFailure || (task && this.taskIsStale()) ? this.wayOut() : nothing}
      ${journalFailure ? failureNote(journalFailure) : nothing}
      ${
        task?.error
          ? notice(
              'bad',
              t(sentence('DTS says: {message}', { message: task.error.message })),
              visible(task.error.solution),
            )
          : nothing
      }
    </header>`;
  }

  private wayOut() {
    return html`<div class="actions">
      <dts-action
        .label=${t(sentence('Read again now'))}
        icon="refresh"
        .run=${() => this.host.action({ kind: 'refresh' })}
      ></dts-action>
      <dts-action
        .label=${t(sentence('Open the log'))}
        icon="output"
        .run=${() => this.host.action({ kind: 'openLog' })}
      ></dts-action>
    </div>`;
  }

  private taskIsStale(): boolean {
    if (this.snapshot.finishedAt !== null) return false; // nobody reads it any more, nor has to
    return this.snapshot.taskStale || this.isStale(this.snapshot.task?.readAt ?? null);
  }

  private endpoint(side: Side) {
    const { connection } = this.snapshot[side];
    if (connection.state === 'connected')
      return html`<span>${visible(`${connection.server.product} @${connection.server.endpoint}`)}</span>`;
    const endpoint = this.snapshot.task?.[side];
    if (!endpoint) return html`<span>?</span>`;
    const node = endpoint.nodes[0];
    const place = endpoint.instanceId || (node ? `${node.host}${node.port === null ? '' : `:${node.port}`}` : '?');
    return html`<span>${visible(`${endpoint.databaseType} ${place}`)}</span>`;
  }

  private status() {
    const { task, finishedAt } = this.snapshot;
    if (finishedAt !== null) {
      return html`<span class="badge tone-good">
        ${icon('pass-filled', 'good')} ${t(sentence('Cutover finished at {time}', { time: formatTime(finishedAt) }))}
      </span>`;
    }
    if (!task) return html`<span class="badge">${icon('question')} ${t(sentence('status not read yet'))}</span>`;
    return html`<span class="badge ${this.taskIsStale() ? 'stale' : ''}"
      >${icon('server-process')} ${visible(task.rawStatus)}</span
    >`;
  }

  private downtime() {
    const { since, until } = this.snapshot.downtime;
    const ran = since === null ? null : formatDuration((until ?? this.now) - since);
    const caption =
      since === null
        ? t(sentence('not begun'))
        : until === null
          ? t(sentence('since {time}', { time: formatTime(since) }))
          : t(sentence('over at {time}', { time: formatTime(until) }));
    return html`<div class="downtime ${since !== null && until === null ? 'running' : ''}">
      <div class="caption">${t(sentence('Downtime'))}</div>
      <div class="clock digits" role="timer" aria-label=${t(sentence('Downtime'))}>${ran ?? '–'}</div>
      <div class="muted">${caption}</div>
    </div>`;
  }
}
