import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import { html, nothing, type TemplateResult } from 'lit';
import type { WindowView } from '../../protocol/index.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import { formatDuration, formatTime, t } from '../language.ts';
import { icon } from './marks.ts';

export function progressBar(label: string, value: number, max: number): TemplateResult {
  return html`<vscode-progress-bar aria-label=${label} .value=${value} .max=${max}></vscode-progress-bar>`;
}

/** A sustained condition: how much of it has been proven, and what last broke it. */
export function windowProgress(label: Sentence, view: WindowView): TemplateResult {
  const held = formatDuration(view.heldSeconds * 1000);
  const required = formatDuration(view.requiredSeconds * 1000);
  return html`<div class="window">
    <div class="window-head">
      <span>${view.reached ? icon('pass-filled', 'good') : icon('clockface', 'busy')} ${t(label)}</span>
      <span class="digits">${t(sentence('{held} of {required}', { held, required }))}</span>
    </div>
    ${progressBar(t(label), Math.min(view.heldSeconds, view.requiredSeconds), view.requiredSeconds)}
    ${
      view.lastReset
        ? html`<div class="muted">
            ${t(sentence('Last started over at {time}:', { time: formatTime(view.lastReset.at) }))}
            ${t(view.lastReset.why)}
          </div>`
        : nothing
    }
  </div>`;
}
