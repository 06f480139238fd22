import { html } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import UPlot from 'uplot';
import type { LagSample, WindowView } from '../../protocol/index.ts';
import { sentence } from '../../util/sentence.ts';
import { formatClock, formatGap, formatLag, formatNumber, formatTime, t } from '../language.ts';
import { icon } from './marks.ts';
import { PlainElement } from './view.ts';

const HEIGHT = 150;
const TABLE_ROWS = 20;

/** Gap and lag over time, with the zero both have to reach and the stretch they have stayed there. */
@customElement('dts-lag-chart')
export class LagChart extends PlainElement {
  @property({ attribute: false }) samples: readonly LagSample[] = [];
  @property({ attribute: false }) dwell!: WindowView;
  /** two samples further apart than this are not joined: nobody watched in between, seconds */
  @property({ type: Number }) breakAfter = 15;

  @query('.plot') private place!: HTMLElement;
  private plot: UPlot | null = null;
  private readonly resized = new ResizeObserver(() => this.fit());
  // the editor changes its theme by the body's class and variables
  private readonly themed = new MutationObserver(() => this.draw());

  override connectedCallback(): void {
    super.connectedCallback();
    this.resized.observe(this);
    this.themed.observe(document.body, { attributeFilter: ['class', 'data-vscode-theme-id'] });
    if (this.hasUpdated) this.draw();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resized.disconnect();
    this.themed.disconnect();
    this.plot?.destroy();
    this.plot = null;
  }

  protected override render() {
    const newest = this.samples.at(-1);
    return html`<figure class="lag-chart">
      <div class="plot" role="img" aria-label=${this.summary(newest)}></div>
      <figcaption class="legend">
        <span><i class="line line-gap"></i> ${t(sentence('Gap (MB, left)'))}</span>
        <span><i class="line line-lag"></i> ${t(sentence('Lag (s, right)'))}</span>
        <span><i class="line line-dwell"></i> ${t(sentence('stayed 0'))}</span>
      </figcaption>
      <details>
        <summary>${icon('chevron-right')} ${t(sentence('Values as a table'))}</summary>
        <div class="scroller" tabindex="0" role="region" aria-label=${t(sentence('Gap and lag'))}>
          <table>
            <caption class="only-heard">
              ${t(sentence('Gap and lag, newest first'))}
            </caption>
            <thead>
              <tr>
                <th scope="col">${t(sentence('Time'))}</th>
                <th scope="col">${t(sentence('Gap'))}</th>
                <th scope="col">${t(sentence('Lag'))}</th>
              </tr>
            </thead>
            <tbody>
              ${this.samples
                .slice(-TABLE_ROWS)
                .reverse()
                .map(
                  (sample) =>
                    html`<tr>
                      <td>${formatTime(sample.at)}</td>
                      <td>${formatGap(sample.gapMb)}</td>
                      <td>${formatLag(sample.lagSeconds)}</td>
                    </tr>`,
                )}
            </tbody>
          </table>
        </div>
      </details>
    </figure>`;
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    if (!this.plot) this.draw();
    else if (changed.has('samples') || changed.has('dwell')) this.plot.setData(this.data());
  }

  private summary(newest: LagSample | undefined): string {
    if (!newest) return t(sentence('Chart of gap and lag: no samples yet'));
    return t(
      sentence('Chart of gap and lag, {count} samples; newest at {time}: gap {gap}, lag {lag}', {
        count: this.samples.length,
        time: formatTime(newest.at),
        gap: formatGap(newest.gapMb),
        lag: formatLag(newest.lagSeconds),
      }),
    );
  }

  /** Seconds, gap, lag. A missing value is a hole, and so is a time nobody watched. */
  private data(): UPlot.AlignedData {
    const at: number[] = [];
    const gap: (number | null)[] = [];
    const lag: (number | null)[] = [];
    let before: LagSample | undefined;
    for (const sample of this.samples) {
      if (before && sample.at - before.at > this.breakAfter * 1000) {
        at.push((before.at + sample.at) / 2000);
        gap.push(null);
        lag.push(null);
      }
      at.push(sample.at / 1000);
      gap.push(sample.gapMb);
      lag.push(sample.lagSeconds);
      before = sample;
    }
    return [at, gap, lag];
  }

  private fit(): void {
    const width = this.place?.clientWidth ?? 0;
    if (width > 0 && this.plot && this.plot.width !== width) this.plot.setSize({ width, height: HEIGHT });
  }

  private draw(): void {
    this.plot?.destroy();
    const style = getComputedStyle(this);
    const colour = (name: string) => style.getPropertyValue(name).trim() || style.color;
    const axis = {
      stroke: colour('--vscode-foreground'),
      font: `11px ${style.fontFamily}`,
      grid: { stroke: colour('--chart-grid'), width: 1 },
      ticks: { show: false },
    };
    const values = (_: UPlot, splits: number[]) => splits.map((value) => formatNumber(value));
    const fromZero: UPlot.Range.Function = (_, __, max) => [0, Math.max(1, max * 1.1)];
    this.plot = new UPlot(
      {
        width: this.place.clientWidth || 300,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: { gap: { range: fromZero }, lag: { range: fromZero } },
        axes: [
          { ...axis, values: (_, splits) => splits.map((at) => formatClock(at * 1000)), space: 80, size: 26 },
          { ...axis, scale: 'gap', values, size: 45 },
          { ...axis, scale: 'lag', values, side: 1, size: 45, grid: { show: false } },
        ],
        series: [
          {},
          { scale: 'gap', stroke: colour('--chart-gap'), width: 2, points: { show: false } },
          { scale: 'lag', stroke: colour('--chart-lag'), width: 2, dash: [6, 3], points: { show: false } },
        ],
        hooks: { drawClear: [(plot) => this.drawZero(plot, colour('--chart-good'))] },
      },
      this.data(),
      this.place,
    );
  }

  /** The zero both must reach, and the time they have stayed there. */
  private drawZero(plot: UPlot, colour: string): void {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = colour;
    ctx.setLineDash([2, 4]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, bbox.top + bbox.height);
    ctx.lineTo(bbox.left + bbox.width, bbox.top + bbox.height);
    ctx.stroke();
    const { since, heldSeconds } = this.dwell;
    if (since !== null && heldSeconds > 0) {
      const from = Math.max(bbox.left, plot.valToPos(since / 1000, 'x', true));
      const to = Math.min(bbox.left + bbox.width, plot.valToPos(since / 1000 + heldSeconds, 'x', true));
      ctx.globalAlpha = 0.2;
      ctx.fillRect(from, bbox.top, Math.max(0, to - from), bbox.height);
    }
    ctx.restore();
  }
}
