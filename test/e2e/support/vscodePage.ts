import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { inRepository } from '../../../scripts/paths.ts';

const screenshots = inRepository('test-results');

/** The workbench as a user meets it: the palette, pickers, dialogs, trees, panels. */
export class VsCodePage {
  constructor(readonly page: Page) {}

  /** Runs a command from the palette, by its title with the category. */
  async runCommand(title: string, timeoutMs = 30_000): Promise<void> {
    const row = this.quickInput.locator('.monaco-list-row').filter({ hasText: title }).first();
    // An open palette does not learn of commands that are registered later: it is opened again until the row is there.
    for (const end = Date.now() + timeoutMs; ;) {
      await this.page.keyboard.press('F1');
      try {
        await this.quickInputBox.fill(`>${title}`, { timeout: 5000 });
        await row.click({ timeout: 3000 });
        return;
      } catch (error) {
        if (Date.now() > end) throw new Error(`The palette offers no "${title}".`, { cause: error });
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** What the palette offers for a text, as it shows it. */
  async commandsFor(text: string): Promise<string[]> {
    await this.page.keyboard.press('F1');
    await this.quickInputBox.fill(`>${text}`);
    await this.quickInput.locator('.monaco-list-row').first().waitFor();
    const names = await this.quickInput.locator('.monaco-list-row .label-name').allTextContents();
    await this.page.keyboard.press('Escape');
    return names;
  }

  /** The picker or input box that is open. */
  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget:not([style*="display: none"])');
  }

  get quickInputBox(): Locator {
    return this.quickInput
      .locator('.quick-input-filter input[type="text"], .quick-input-filter input[type="password"]')
      .first();
  }

  /**
   * Runs a command that asks, and chooses from its picker. On a busy machine the palette may give the focus back to where
   * it was only after the picker has opened, which closes the picker: the command is run again then.
   */
  async runAndPick(title: string, text: string | RegExp, timeoutMs = 60_000): Promise<void> {
    for (const end = Date.now() + timeoutMs; ;) {
      await this.runCommand(title);
      try {
        await this.quickInput.locator('.monaco-list-row').filter({ hasText: text }).first().click({ timeout: 5000 });
        return;
      } catch (error) {
        if (Date.now() > end) throw error;
      }
    }
  }

  /** Answers the open input box; `prompt` is part of what it says. */
  async answer(prompt: string | RegExp, text: string): Promise<void> {
    await this.quickInput.filter({ hasText: prompt }).waitFor();
    await this.quickInputBox.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** The modal dialog with this text. */
  dialog(text: string | RegExp): Locator {
    return this.page.locator('.monaco-dialog-box').filter({ hasText: text });
  }

  /** Waits for the modal dialog with this text and presses one of its buttons. */
  async pressInDialog(text: string | RegExp, button: string): Promise<void> {
    await this.dialog(text).getByRole('button', { name: button, exact: true }).click();
  }

  /** A notification, as a toast or in the notification centre. */
  notification(text: string | RegExp): Locator {
    return this.page
      .locator('.notifications-toasts, .notifications-center')
      .locator('.notification-list-item')
      .filter({ hasText: text });
  }

  /** Opens a view container by the name in the activity bar. */
  async openContainer(name: string): Promise<void> {
    const action = this.page.locator('.activitybar').getByRole('tab', { name });
    await action.waitFor();
    if ((await action.getAttribute('aria-expanded')) !== 'true') await action.click();
  }

  /** A row of the tree in the side bar. */
  treeRow(text: string | RegExp): Locator {
    return this.page.locator('.part.sidebar .monaco-list-row').filter({ hasText: text }).first();
  }

  /** Chooses from the context menu of a row (or of anything else). */
  async chooseFromContextMenu(target: Locator, item: string): Promise<void> {
    await target.click({ button: 'right' });
    await this.page.locator('.monaco-menu').getByRole('menuitem', { name: item }).click();
  }

  /** The document of an extension's webview, by its place in the page. */
  webview(index = 0): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').nth(index).frameLocator('iframe#active-frame');
  }

  statusBarItem(text: string | RegExp): Locator {
    return this.page.locator('.part.statusbar .statusbar-item').filter({ hasText: text });
  }

  /** Into test-results/; gives the file. */
  async screenshot(name: string): Promise<string> {
    await mkdir(screenshots, { recursive: true });
    const file = path.join(screenshots, `${name.replace(/[^\p{L}\p{N}]+/gu, '-')}.png`);
    await this.page.screenshot({ path: file });
    return file;
  }
}
