import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import {
  inOrder,
  STEP_TITLES,
  withChanges,
  type RunSnapshot,
  type StepId,
  type ToPanel,
} from '../../protocol/index.ts';
import { sentence } from '../../util/sentence.ts';
import { HostLink } from '../hostLink.ts';
import { COMPLETION_STATES } from '../labels.ts';
import { setLanguage, t } from '../language.ts';
import './liveValues.ts';
import { notice } from './marks.ts';
import './panelHeader.ts';
import './stepBar.ts';
import './stepCard.ts';
import './timeline.ts';
import { PlainElement } from './view.ts';

/** The whole panel: takes the host's pictures, and shows the step the user looks at. */
@customElement('dts-cutover-panel')
export class CutoverPanel extends PlainElement {
  @state() private snapshot: RunSnapshot | null = null;
  @state() private problem: string | null = null;
  @state() private announcement = '';
  @state() private now = Date.now();
  /** the host's clock minus the browser's, ms: the host may be another machine */
  private clockOffset = 0;
  /** a whole picture is on its way */
  private askedWhole = false;
  private tick: ReturnType<typeof setTimeout> | undefined;
  private readonly host = new HostLink(
    (message) => this.receive(message),
    (where) => (this.problem = where),
  );

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('visibilitychange', this.onVisibility);
    this.onVisibility();
    this.host.ready();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('visibilitychange', this.onVisibility);
    clearTimeout(this.tick);
  }

  protected override render() {
    return html`<div class="only-heard" role="status" aria-live="polite">${this.announcement}</div>
      ${this.problem === null ? nothing : this.renderProblem(this.problem)}
      ${
        this.snapshot
          ? this.renderRun(this.snapshot)
          : html`<p class="muted waiting">${t(sentence('Waiting for the first reading…'))}</p>`
      }`;
  }

  private renderRun(snapshot: RunSnapshot) {
    const { host, now } = this;
    const shown = host.memory.choice?.step ?? snapshot.current;
    return html`<dts-panel-header .snapshot=${snapshot} .host=${host} .now=${now}></dts-panel-header>
      <dts-step-bar
        .snapshot=${snapshot}
        .shown=${shown}
        @step-chosen=${(event: CustomEvent<StepId>) => this.look(event.detail)}
      ></dts-step-bar>
      <main class="columns">
        <dts-step-card
          .snapshot=${snapshot}
          .host=${host}
          .now=${now}
          .shown=${shown}
          @follow=${() => this.look(snapshot.current)}
        ></dts-step-card>
        ${
          snapshot.incremental === false
            ? nothing
            : html`<dts-live-values .snapshot=${snapshot} .host=${host} .now=${now}></dts-live-values>`
        }
      </main>
      <dts-timeline .snapshot=${snapshot} .host=${host}></dts-timeline>`;
  }

  private renderProblem(where: string) {
    return html`<div role="alert">
      ${notice(
        'bad',
        t(
          sentence('The extension sent something this panel cannot read ({where}); what is shown may be old.', {
            where,
          }),
        ),
        t(sentence('Close the panel and open it again.')),
      )}
    </div>`;
  }

  private receive(message: Extract<ToPanel, { type: 'init' | 'snapshot' | 'changes' }>): void {
    if (message.type === 'init') {
      setLanguage(message.language, message.bundle);
      this.clockOffset = message.now - Date.now();
      this.snapshot = null; // a run told anew counts its pictures anew
      this.askedWhole = false;
      return;
    }
    const before = this.snapshot;
    if (before && message.snapshot.revision <= before.revision) return;
    const snapshot = wholeOf(message, before);
    if (!snapshot) {
      if (!this.askedWhole) this.host.whole();
      this.askedWhole = true;
      return;
    }
    this.askedWhole = false;
    this.snapshot = snapshot;
    this.host.memory.moved(message.snapshot);
    this.problem = null;
    this.now = Date.now() + this.clockOffset;
    if (before) this.announce(before, message.snapshot);
  }

  /** Only what changes where one is; numbers change every second and would drown everything else. */
  private announce(before: RunSnapshot, after: RunSnapshot): void {
    if (after.completion.state !== before.completion.state && after.completion.state !== 'none') {
      this.announcement = t(COMPLETION_STATES[after.completion.state].text);
    } else if (after.finishedAt !== null && before.finishedAt === null) {
      this.announcement = t(sentence('The cutover is finished.'));
    } else if (after.current !== before.current) {
      const number = after.steps.findIndex(({ id }) => id === after.current) + 1;
      this.announcement = t(sentence('Now at step {number}: {step}', { number, step: t(STEP_TITLES[after.current]) }));
    }
  }

  private look(step: StepId): void {
    if (this.snapshot) this.host.memory.look(step, this.snapshot.current);
    this.requestUpdate();
  }

  /** Clocks run only while somebody can see them. */
  private readonly onVisibility = (): void => {
    clearTimeout(this.tick);
    if (document.visibilityState === 'hidden') return;
    this.now = Date.now() + this.clockOffset;
    this.tick = setTimeout(this.onVisibility, 1000);
  };
}

/** The picture with its long lists; undefined where it builds on another one than the panel has. */
function wholeOf(
  message: Extract<ToPanel, { type: 'snapshot' | 'changes' }>,
  before: RunSnapshot | null,
): RunSnapshot | undefined {
  if (message.type === 'snapshot') return inOrder(message.snapshot);
  return before?.revision === message.base ? withChanges(before, message) : undefined;
}
