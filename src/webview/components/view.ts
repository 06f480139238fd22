import { LitElement } from 'lit';
import { property } from 'lit/decorators.js';
import type { RunSnapshot, StepId, StepView } from '../../protocol/index.ts';
import type { HostLink } from '../hostLink.ts';

/** A component that renders into the page itself: one style sheet, and ids that labels can refer to. */
export class PlainElement extends LitElement {
  protected override createRenderRoot(): this {
    return this;
  }
}

/** A part of the panel that shows the run and may ask something of the host. */
export class RunView extends PlainElement {
  @property({ attribute: false }) snapshot!: RunSnapshot;
  @property({ attribute: false }) host!: HostLink;
  /** the host's clock, epoch milliseconds; moves every second */
  @property({ attribute: false }) now = 0;

  /** how long ago something was read, ms; null when it never was */
  protected age(readAt: number | null): number | null {
    return readAt === null ? null : Math.max(0, this.now - readAt);
  }

  /** older than the settings allow, or never read */
  protected isStale(readAt: number | null): boolean {
    const age = this.age(readAt);
    return age === null || age > this.snapshot.settings.staleAfterSeconds * 1000;
  }

  protected step(id: StepId): StepView {
    const step = this.snapshot.steps.find((view) => view.id === id);
    if (!step) throw new Error(`no step ${id} in the picture`);
    return step;
  }
}
