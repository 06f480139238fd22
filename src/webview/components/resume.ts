import { html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { SideView } from '../../protocol/index.ts';
import { sentence } from '../../util/sentence.ts';
import { formatTime, t } from '../language.ts';
import './action.ts';
import { notice } from './marks.ts';
import { RunView } from './view.ts';

/**
 * The way back to a running business while a pause is on record and Complete has not been sent. Where the source is
 * seen to be written it says so, and offers that way on the spot.
 */
@customElement('dts-resume')
export class Resume extends RunView {
  /** offered even while nothing is seen to be written */
  @property({ type: Boolean }) always = false;

  protected override render() {
    const { completion, downtime, refused, source } = this.snapshot;
    const maySend = completion.state === 'none' || completion.state === 'rejected' || completion.state === 'failed';
    if (downtime.since === null || refused.recordResume || !maySend) return nothing;
    const writes = this.isWritten(source, downtime.since);
    if (!writes && !this.always) return nothing;
    return html`${
        writes
          ? notice(
              'warn',
              t(
                sentence('Somebody writes to the source, although the business is said to be stopped since {time}.', {
                  time: formatTime(downtime.since),
                }),
              ),
              t(
                sentence(
                  'If the business runs again, say so: the downtime ends without a switch. If not, find out below who it is.',
                ),
              ),
            )
          : nothing
      }
      <div class="actions">
        <dts-action
          .label=${t(sentence('The business writes to the source again'))}
          icon="debug-start"
          .run=${() => this.host.intent({ kind: 'recordResume' })}
        ></dts-action>
      </div>`;
  }

  /** By what was written since the pause, or by a session that is at work right now; not by a look from before it. */
  private isWritten({ sessions, sessionsAt, writtenSince }: SideView, pausedAt: number): boolean {
    if ((writtenSince?.objects.length ?? 0) > 0) return true;
    if (sessionsAt === null || sessionsAt < pausedAt || this.isStale(sessionsAt)) return false;
    return sessions.some(
      (session) =>
        (session.class === 'business' || session.class === 'unknown') &&
        (session.state === 'executing' || session.state === 'open transaction'),
    );
  }
}
