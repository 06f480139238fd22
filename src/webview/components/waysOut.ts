import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { sentence } from '../../util/sentence.ts';
import { t } from '../language.ts';
import './action.ts';
import './ask.ts';
import { RunView } from './view.ts';

/** What may be done instead of going on, from every step of a run: back to the source, or an end with a reason. */
@customElement('dts-ways-out')
export class WaysOut extends RunView {
  protected override render() {
    const { refused, started, finishedAt, endsWithReason } = this.snapshot;
    if (!started || finishedAt !== null) return nothing;
    const back = refused.recordResume === undefined;
    if (!back && !endsWithReason) return nothing;
    return html`<details class="ways-out">
      <summary>${t(sentence('Not going on? Other ways from here'))}</summary>
      <div class="actions">
        ${
          back
            ? html`<dts-action
                .label=${t(sentence('Back to the business on the source…'))}
                icon="debug-start"
                .run=${() => this.host.intent({ kind: 'recordResume' })}
              ></dts-action>`
            : nothing
        }
        <dts-ask
          name="end"
          .memory=${this.host.memory}
          .label=${t(sentence('End this cutover as it stands…'))}
          icon="stop-circle"
          .prompt=${t(sentence('Why does it end here? The reason stands in the report.'))}
          .confirm=${t(sentence('End the cutover'))}
          .send=${(reason: string) => this.host.intent({ kind: 'finish', reason })}
        ></dts-ask>
      </div>
    </details>`;
  }
}
