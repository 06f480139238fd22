import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { environmentOf, settingsOf } from '../../sandbox/serve.ts';
import { startWorld, type World } from '../../sandbox/world.ts';
import { useSession } from './support/session.ts';

const themes = { dark: 'Default Dark Modern', light: 'Default Light Modern' };
/** `DTS_CUTOVER_TEST_THEME=light` takes the pictures in the light theme. */
const theme = process.env['DTS_CUTOVER_TEST_THEME'] === 'light' ? 'light' : 'dark';

/** A whole cutover by clicking, in a real VS Code, over real PostgreSQL servers with a business that writes. */
describe('a cutover by clicking', function () {
  this.timeout(240_000);
  let world: World;
  const session = useSession(async () => {
    world = await startWorld({ engine: 'postgres' });
    return {
      settings: { ...settingsOf(world), 'workbench.colorTheme': themes[theme] },
      env: environmentOf(world),
      viewport: { width: 1440, height: 1000 },
    };
  });
  after(async () => {
    await world?.stop();
  });

  let panel: FrameLocator;
  const button = (name: string): Locator => panel.getByRole('button', { name, exact: true }).first();
  const step = (name: string | RegExp): Locator => panel.locator('dts-step-bar').getByRole('button', { name });
  const see = (text: string | RegExp, timeout = 20_000): Promise<void> =>
    panel.getByText(text).first().waitFor({ timeout });

  /** A picture of this moment, for people. */
  const look = (name: string) => session().vscode.screenshot(`cutover ${name} ${theme}`);

  it('finds the task in the tree and opens its panel', async () => {
    const { vscode } = session();
    await vscode.openContainer('DTS Cutover');
    const row = vscode.treeRow('shop to the new server');
    await row.waitFor({ timeout: 60_000 });
    await look('0 tree');
    await row.click();
    await vscode.runAndPick('DTS Cutover: Open Cutover Panel', 'shop to the new server');
    panel = vscode.webview();
    await see('shop to the new server');
    await look('0 not started');
  });

  it('step 1: checks what it can and takes the user’s word for the rest', async () => {
    await button('Start the cutover').click();
    for (const left of [2, 1, 0]) {
      await panel.getByRole('button', { name: 'Confirm…' }).first().click();
      await button('Confirm').click();
      await panel.getByRole('button', { name: 'Confirm…' }).nth(left).waitFor({ state: 'detached' });
    }
    await see(/Step 3: Pause/);
    await step(/Prepare/).click();
    await look('1 prepare');
    await step(/Catch up/).click();
    await look('2 catch up');
  });

  it('step 3: the pause is recorded; a pool that stays connected keeps the source from being quiet', async () => {
    await world.business.pause({ keepPool: true, keepBackground: true });
    await step(/Pause/).click();
    await look('3 pause');
    await button('The business has stopped writing').click();
    await see(/shop_app from 127\.0\.0\.1 is still connected/);
    await look('4 not quiet');
  });

  it('step 4: with everybody gone the window runs its full length', async () => {
    await world.business.pause();
    await step(/Quiet/).click();
    await see(/Quiet for \d+ s of 60 s/);
    await look('4 quiet');
    await see(/Step 5: Verify|Step 6: Complete/, 90_000);
  });

  it('step 5: the rows are proven by themselves while the windows run', async () => {
    await step(/Verify/).click();
    await see(/All rows of 4 tables are the same on both sides|All 4 tables and the objects around them/, 60_000);
    await look('5 verified');
    await step(/Complete/).click();
  });

  it('step 6: Complete waits for its dwell, asks for the task’s id and ends in success', async () => {
    const { vscode } = session();
    await look('6 dwell');
    await panel
      .locator('vscode-button[aria-disabled="false"]', { hasText: 'Complete the task…' })
      .click({ timeout: 90_000 });
    await vscode.dialog('cannot be undone').waitFor();
    await look('6 dialog');
    await vscode.pressInDialog('cannot be undone', 'Complete');
    await vscode.answer(world.task.jobId, world.task.jobId);
    await see(/Step 7: Switch/, 60_000);
    assert.equal(world.backend.phase, 'finished');
  });

  it('step 7: the final check passes by itself; counts agree, which would not be enough', async () => {
    await see(/The final check has passed/, 60_000);
    await step(/Verify/).click();
    await button('Count rows only').click();
    await see(/Row counts agree in all 4 tables/, 30_000);
    await step(/Switch/).click();
    await see(/Equal counts do not prove equal data/);
    await button('Compare all data').click();
    await see(/The final check has passed/, 60_000);
    await look('7 final check');
  });

  it('step 7: the switch is recorded, the business is seen on the target, and the clock stops', async () => {
    const client = await world.control.servers.target.connect({ database: world.target.database });
    const ledger = await world.business.ledger.check(client).finally(() => client.end());
    assert.deepEqual(ledger.missing, []);
    await step(/Switch/).click();
    await world.business.resume({ to: 'target' });
    await button('The business runs on the target').click();
    await see(/Business sessions seen on the target: shop_app/);
    await look('7 switch');
    await button('Finish the cutover…').click();
    await session().vscode.pressInDialog('Finish the cutover of', 'Finish the cutover');
    await see('The cutover is finished.');
    await look('7 finished');
  });

  it('the record tells the whole story, and survives a reload of the window', async () => {
    const { vscode } = session();
    await session().reload();
    panel = vscode.webview();
    await see('The cutover is finished.', 60_000);
    await see(/Complete was sent to DTS/);
  });

  it('the report is saved as Markdown', async () => {
    const { vscode, workspace } = session();
    await button('Export report').click();
    await vscode.quickInput.waitFor();
    await vscode.page.keyboard.press('Enter');
    const tab = vscode.page.locator('.tab').filter({ hasText: /^cutover-.*\.md/ });
    await tab.waitFor();
    const file = path.join(workspace, `cutover-${world.task.jobId}-${new Date().toISOString().slice(0, 10)}.md`);
    const text = await readFile(file, 'utf8');
    assert.match(text, /Cutover report: shop to the new server/);
    assert.match(text, /5\. \*\*Verify\*\*: done/);
    for (const secret of [world.dts.secretKey, ...Object.values(world.connections.passwords)]) {
      assert.ok(!text.includes(secret));
    }
  });
});
