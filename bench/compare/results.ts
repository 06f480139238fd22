/** What a run measured, kept as JSON, and the chart drawn from it. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { TABLES } from './tables.ts';

/** Medians: seconds, and times the floor "every value looked at" of the same round. */
const figure = z.object({ what: z.string(), seconds: z.number(), ratio: z.number() });
const usage = z.object({
  /** MB more than before */
  grown: z.number(),
  /** ms by which a turn of the event loop was late, which other work on the machine can be the reason for */
  longest: z.number(),
  /** ms of the host's processor time, all its threads, from one turn to the next: what ourselves can be the reason for */
  busiest: z.number(),
});
const tableFigures = z.object({ table: z.enum(TABLES), rows: z.number(), figures: z.array(figure), usage });
const results = z.object({ flavour: z.string(), product: z.string(), tables: z.array(tableFigures) });

export type Figure = z.infer<typeof figure>;
export type Usage = z.infer<typeof usage>;
export type TableFigures = z.infer<typeof tableFigures>;
type Results = z.infer<typeof results>;

const JSON_FILE = new URL('./results.json', import.meta.url);
const CHART_FILE = new URL('./results.svg', import.meta.url);

/** Takes the place of an earlier result of the same engine. */
export async function saveResults(result: Results): Promise<void> {
  const earlier = existsSync(JSON_FILE) ? z.array(results).parse(JSON.parse(await readFile(JSON_FILE, 'utf8'))) : [];
  const all = [...earlier.filter(({ flavour }) => flavour !== result.flavour), result];
  all.sort((a, b) => (a.flavour < b.flavour ? 1 : -1));
  await writeFile(JSON_FILE, `${JSON.stringify(all, null, 1)}\n`);
  await writeFile(CHART_FILE, chart(all));
}

const WIDTH = 760;
const LEFT = 300;
const ROW = 20;

/** One bar for each figure of the narrow table, as long as its ratio to the floor. Grey on any background. */
function chart(all: readonly Results[]): string {
  const lines: string[] = [];
  let y = 0;
  for (const { product, tables } of all) {
    const narrow = tables.find(({ table }) => table === 'narrow');
    if (!narrow) continue;
    const figures = narrow.figures.filter(({ what }) => !what.startsWith('naive'));
    const most = Math.max(...figures.map(({ ratio }) => ratio));
    y += ROW * 2;
    lines.push(
      `<text x="0" y="${y - 6}" class="head">${product}: ${narrow.rows.toLocaleString('en')} rows, times the floor</text>`,
    );
    for (const { what, ratio } of figures) {
      const kind = what.startsWith('ours') ? 'ours' : what.startsWith('floor') ? 'floor' : 'peer';
      const length = Math.max(1, (ratio / most) * (WIDTH - LEFT - 50));
      lines.push(
        `<text x="${LEFT - 8}" y="${y + 14}" text-anchor="end">${what}</text>`,
        `<rect x="${LEFT}" y="${y + 3}" width="${length.toFixed(1)}" height="${ROW - 6}" class="${kind}"/>`,
        `<text x="${(LEFT + length + 6).toFixed(1)}" y="${y + 14}">${ratio.toFixed(1)}</text>`,
      );
      y += ROW;
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 8}" width="${WIDTH}" role="img" aria-label="Comparing data: times the scan floor">
<style>text { font: 13px system-ui, sans-serif; fill: #7d7d7d } .head { font-weight: 600 } .ours { fill: #2f81f7 } .floor { fill: #8c8c8c } .peer { fill: #d18616 }</style>
${lines.join('\n')}
</svg>
`;
}
