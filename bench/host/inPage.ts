/** What is measured in the page, where the user sees it. Scripts are texts: this project's own types know no page here. */
import type { Page } from 'playwright-core';

export interface TreeTimes {
  /** epoch milliseconds of the press that opened the view; null when it was open from the start */
  readonly pressedAt: number | null;
  /** when the page began to load */
  readonly loadedAt: number;
  /** the first row of the view, and the first one of a task, drawn */
  readonly firstRowAt: number;
  readonly firstTaskAt: number;
}

/** A task of the local service is called like `orders-prod-17`. */
const WATCH_TREE = `
  (() => {
    if (window !== window.top) return;
    const now = () => performance.timeOrigin + performance.now();
    const times = { pressedAt: null, loadedAt: performance.timeOrigin, firstRowAt: null, firstTaskAt: null };
    addEventListener('mousedown', () => (times.pressedAt ??= now()), true);
    window.dtsCutoverTree = new Promise((resolve) => {
      const look = () => {
        const rows = [...document.querySelectorAll('.part.sidebar .customview-tree .monaco-list-row')];
        if (rows.length > 0) times.firstRowAt ??= now();
        if (!rows.some((row) => /[a-z]+-[a-z]+-\\d+/.test(row.textContent))) return;
        observer.disconnect();
        requestAnimationFrame(() => {
          times.firstTaskAt = now();
          resolve(times);
        });
      };
      const observer = new MutationObserver(look);
      observer.observe(document, { childList: true, subtree: true, characterData: true });
    });
  })()`;

/** From now on, also after a reload, the page notes when the tree has content. */
export async function watchTree(page: Page): Promise<void> {
  await page.addInitScript({ content: WATCH_TREE });
  await page.evaluate(WATCH_TREE);
}

export const treeTimes = (page: Page) => page.evaluate<TreeTimes>('window.dtsCutoverTree');

/** How many rows of tasks are drawn now. */
export const rowsOnScreen = (page: Page) =>
  page.evaluate<number>(`document.querySelectorAll('.part.sidebar .customview-tree .monaco-list-row').length`);

export interface PictureTimes {
  /** epoch milliseconds: made by the host, arrived in the page, checked and rendered, drawn */
  readonly takenAt: number;
  readonly arrivedAt: number;
  readonly renderedAt: number;
  readonly drawnAt: number;
}

const WATCH_PICTURES = `
  window.dtsCutoverPictures = [];
  addEventListener('message', (event) => {
    const { type, snapshot, changes } = event.data ?? {};
    // whole, or what changed of them
    const seen = type === 'snapshot' ? snapshot.source.sessions : type === 'changes' ? changes.sessions.source?.ages : null;
    if (!seen || seen.length < 5000) return;
    const { takenAt } = snapshot;
    const renderedAt = Date.now();
    const arrivedAt = renderedAt - (performance.now() - event.timeStamp);
    requestAnimationFrame(() => setTimeout(() => {
      dtsCutoverPictures.push({ takenAt, arrivedAt, renderedAt, drawnAt: Date.now() });
    }));
  });`;

/** Times of the next pictures with all sessions that reach the panel. */
export async function watchPictures(page: Page, count: number): Promise<PictureTimes[]> {
  const outer = page.locator('iframe.webview.ready').first();
  await outer.waitFor({ timeout: 60_000 });
  const inner = await (await outer.elementHandle())?.contentFrame();
  const frame = await (await inner?.waitForSelector('iframe#active-frame'))?.contentFrame();
  if (!frame) throw new Error('The panel has no page.');
  await frame.waitForSelector('dts-cutover-panel', { timeout: 60_000 });
  await frame.evaluate(WATCH_PICTURES);
  // The page's policy lets nothing there wait for a text to become true, so it is asked.
  for (const end = Date.now() + 120_000; ; await new Promise((wake) => setTimeout(wake, 500))) {
    const times = await frame.evaluate<PictureTimes[]>('dtsCutoverPictures');
    if (times.length >= count) return times;
    if (Date.now() > end) throw new Error(`Only ${times.length} pictures reached the panel.`);
  }
}
