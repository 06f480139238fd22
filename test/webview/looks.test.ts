import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { inRepository } from '../../scripts/paths.ts';
import { ensureChromium } from '../../scripts/provision.ts';
import { SCENES } from './gallery/scenes.ts';
import { startGallery, type Gallery } from './gallery/server.ts';
import { THEMES } from './gallery/themes.ts';

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** Every recorded picture in a real browser, under the editor's content policy. */
describe('the panel in a browser', function () {
  this.timeout(120_000);
  let gallery: Gallery;
  let browser: Browser;
  let page: Page;
  let axe: string;
  const errors: string[] = [];

  before(async () => {
    gallery = await startGallery();
    axe = await readFile(inRepository('node_modules/axe-core/axe.min.js'), 'utf8');
    browser = await chromium.launch({ executablePath: await ensureChromium(), args: ['--no-sandbox'] });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
  });
  after(async () => {
    await browser?.close();
    await gallery?.stop();
  });
  beforeEach(() => {
    errors.length = 0;
  });

  async function open(name: string, theme = 'dark'): Promise<void> {
    await page.goto(`${gallery.url}/scene?name=${name}&theme=${theme}`);
    await page.locator('dts-step-card h2').waitFor();
    await page.evaluate(() => document.fonts.ready);
  }

  /** Run through the debugger, which no content policy stops; axe itself adds styles, so it comes after the policy. */
  async function accessibility(options: object): Promise<string[]> {
    const run = `${axe}; axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`;
    const findings = await page.evaluate<Finding[]>(run);
    return findings.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
  }

  /** By how many pixels the page is wider than a window of this width; 640 is half a screen, or a whole one at 200 %. */
  async function tooWide(width: number): Promise<number> {
    await page.setViewportSize({ width, height: 900 });
    const over = await page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth));
    await page.setViewportSize({ width: 1280, height: 900 });
    return over;
  }

  for (const name of Object.keys(SCENES)) {
    it(`is accessible, within the content policy and never too wide: ${name}`, async () => {
      await open(name);
      assert.deepEqual(await page.evaluate('violations'), []);
      assert.deepEqual(errors, []);
      assert.deepEqual(await accessibility({ runOnly: RULES }), []);
      for (const width of [640, 400]) assert.equal(await tooWide(width), 0, `at ${width} px`);
    });
  }

  for (const theme of Object.keys(THEMES)) {
    it(`can be read in ${theme}`, async () => {
      for (const name of ['1-prepare', '2-stale', '4-many-sessions', '6-complete-shut', '5-incomplete-stale']) {
        await open(name, theme);
        if (name === '4-many-sessions') await page.locator('dts-sessions .row-button').first().click();
        assert.deepEqual(await accessibility({ runOnly: ['color-contrast'] }), [], name);
      }
    });
  }

  it('carries no style and no script in its markup', async () => {
    for (const name of ['4-many-sessions', '5-different']) {
      await open(name);
      const html = await page.evaluate(() => document.querySelector('dts-cutover-panel')?.innerHTML ?? '');
      const beforeScripting = html.replaceAll(/ style="(height|width|left|top|margin|transform)[^"]*"/g, '');
      assert.doesNotMatch(beforeScripting, /<script|<style| style=| on\w+=/);
    }
  });

  it('is worked with the keyboard alone', async () => {
    await open('4-many-sessions');
    const focused = () =>
      page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent?.trim());
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'step-quiet');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    assert.match(await page.locator('#card-title').innerText(), /Step 3/);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const first = page.locator('dts-sessions .row-button').first();
    await first.focus();
    for (let row = 0; row < 40; row++) await page.keyboard.press('ArrowDown');
    assert.equal(await focused(), '10040');
    const rows = await page.locator('dts-sessions tbody tr').count();
    assert.ok(rows < 60, `${rows} rows`);
    await page.keyboard.press('Tab');
    assert.match(String(await focused()), /^End session 10040…/);
    await page.keyboard.press('Enter');
    const sent = await page.evaluate<{ intent: unknown }>('sent.at(-1)');
    assert.deepEqual(sent.intent, { kind: 'terminateSession', side: 'source', id: '10040' });
  });

  for (const [width, height] of [
    [1280, 420],
    [400, 420],
  ] as const) {
    it(`keeps what can be done about a session in sight at ${width} × ${height}`, async () => {
      await page.setViewportSize({ width, height });
      try {
        await open('4-many-sessions');
        const table = page.locator('dts-sessions .data-table');
        await table.evaluate((element) => element.scrollIntoView({ block: 'start' }));
        await page.locator('dts-sessions .row-button').nth(2).click();
        const end = await page.getByRole('button', { name: 'End session 10002…' }).boundingBox();
        assert.ok(end && end.y >= 0 && end.y + end.height <= height, JSON.stringify(end));
        // on top of the rows, not under them
        const hit = await page.evaluate(([x, y]) => document.elementFromPoint(x, y)?.closest('dts-action') !== null, [
          end.x + end.width / 2,
          end.y + end.height / 2,
        ] as const);
        assert.equal(hit, true);
        await page.evaluate(() => scrollBy(0, -200));
        for (const key of ['ArrowDown', 'ArrowUp'] as const) {
          for (let row = 0; row < 25; row++) await page.keyboard.press(key);
          const inSight = await page.evaluate(() => {
            const row = document.activeElement?.closest('tr')?.getBoundingClientRect();
            const seen = row && document.elementFromPoint(row.left + 20, row.top + row.height / 2);
            return seen?.closest('tr')?.classList.contains('chosen') ?? false;
          });
          assert.equal(inSight, true, `after ${key}`);
        }
      } finally {
        await page.setViewportSize({ width: 1280, height: 900 });
      }
    });
  }

  it('leaves the focus where it is when the next picture comes', async () => {
    await open('4-quiet');
    await page.getByRole('button', { name: 'Go on anyway…' }).press('Enter');
    await page.keyboard.type('because');
    await page.evaluate(() => {
      const [, picture] = Reflect.get(window, 'messages') as [unknown, { snapshot: { revision: number } }];
      window.postMessage({ type: 'snapshot', snapshot: { ...picture.snapshot, revision: 2 } });
    });
    await page.keyboard.type(' of reports');
    assert.equal(await page.locator('.ask-form textarea').inputValue(), 'because of reports');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.ask-form').count(), 0);
    const opener = page.getByRole('button', { name: 'Go on anyway…' });
    assert.equal(await opener.evaluate((element) => element === document.activeElement), true);
  });

  it('draws gap and lag', async () => {
    await open('6-complete-open');
    const colours = await page.locator('.lag-chart canvas').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
      const seen = new Set<string>();
      for (let at = 0; at < data.length; at += 4)
        if (data[at + 3] === 255) seen.add(`${data[at]},${data[at + 1]},${data[at + 2]}`);
      return [...seen];
    });
    assert.ok(colours.includes('89,164,249'), 'the gap, in the theme’s blue');
    assert.ok(colours.includes('177,128,215'), 'the lag, in the theme’s purple');
  });
});

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];
