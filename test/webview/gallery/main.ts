/** `npx tsx test/webview/gallery/main.ts [scene …]` takes pictures of every scene; `--serve` shows them in a browser. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { inRepository } from '../../../scripts/paths.ts';
import { ensureChromium } from '../../../scripts/provision.ts';
import { SCENES } from './scenes.ts';
import { startGallery } from './server.ts';

/** Every look of a scene that somebody has. */
const LOOKS = {
  dark: { theme: 'dark', width: 1280, scale: 1 },
  light: { theme: 'light', width: 1280, scale: 1 },
  hc: { theme: 'hc', width: 1280, scale: 1 },
  'hc-light': { theme: 'hc-light', width: 1280, scale: 1 },
  narrow: { theme: 'dark', width: 400, scale: 1 },
  zoomed: { theme: 'light', width: 640, scale: 2 },
} as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { serve: { type: 'boolean', default: false }, look: { type: 'string' } },
});

const gallery = await startGallery();
if (values.serve) {
  process.stdout.write(`${gallery.url}\n`);
} else {
  await shoot();
  await gallery.stop();
}

async function shoot(): Promise<void> {
  const folder = inRepository('test-results/panel');
  await mkdir(folder, { recursive: true });
  const browser = await chromium.launch({ executablePath: await ensureChromium(), args: ['--no-sandbox'] });
  try {
    for (const [look, { theme, width, scale }] of Object.entries(LOOKS)) {
      if (values.look && values.look !== look) continue;
      const page = await browser.newPage({ viewport: { width, height: 900 }, deviceScaleFactor: scale });
      for (const name of positionals.length > 0 ? positionals : Object.keys(SCENES)) {
        await page.goto(`${gallery.url}/scene?name=${name}&theme=${theme}`);
        await page.locator('dts-step-card').waitFor();
        await page.evaluate(() => document.fonts.ready);
        await page.screenshot({ path: path.join(folder, `${name}.${look}.png`), fullPage: true });
      }
      await page.close();
    }
  } finally {
    await browser.close();
  }
}
