import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { DtsService } from '../../sandbox/dts/service.ts';
import { createRun } from '../../src/cutover/createRun.ts';
import { DEFAULT_SETTINGS } from '../../src/cutover/settings.ts';
import type { CutoverRun } from '../../src/cutover/run.ts';
import { CutoverPanel } from '../../src/host/cutoverPanel/panel.ts';
import { fileJournal } from '../../src/host/runs/journalStore.ts';
import { runPorts } from '../../src/host/runs/ports.ts';
import { passwords } from '../../src/host/connections/passwords.ts';
import { parseToPanel } from '../../src/protocol/schemas.ts';
import { systemClock } from '../../src/util/clock.ts';
import { isRecord } from '../../src/util/record.ts';
import { region, settingsFor, startService, task, viewParts, withSettings, type ViewParts } from './support/parts.ts';

const ref = { region, jobId: 'dts-panel' };

/** A page of the test's own in place of the panel's: sends what it is told to and hands back all that it gets. */
const page = (messages: readonly unknown[]) => `<!DOCTYPE html><html><body><script>
const api = acquireVsCodeApi();
window.addEventListener('message', (event) => api.postMessage({ echo: event.data }));
for (const message of ${JSON.stringify(messages)}) api.postMessage(message);
api.postMessage({ echo: 'sent' });
</script></body></html>`;

describe('the cutover panel', () => {
  let service: DtsService;
  let parts: ViewParts;
  let run: CutoverRun;
  let folder: string;
  let restore: () => Promise<void>;
  let panel: vscode.WebviewPanel;
  const acted: string[] = [];

  beforeEach(async () => {
    service = await startService([task(ref.jobId, { phase: 'incremental', gapMb: 3, lagSeconds: 2 })]);
    restore = await withSettings(settingsFor(service));
    parts = viewParts();
    folder = await mkdtemp(path.join(tmpdir(), 'cutover-journal-'));
    run = await createRun({
      ref,
      ports: runPorts(ref, {
        cloud: parts.cloud,
        settings: parts.settings,
        passwords: passwords(parts.storage.secrets, parts.storage.memento, parts.log),
      }),
      journal: fileJournal(path.join(folder, 'journal.jsonl')),
      settings: DEFAULT_SETTINGS,
      clock: systemClock,
    });
    acted.length = 0;
    panel = vscode.window.createWebviewPanel('dtsCutover.test', 'test', vscode.ViewColumn.One, { enableScripts: true });
    const shown = new CutoverPanel(panel, {
      run,
      extension: vscode.Uri.file('/nonexistent'),
      log: parts.log,
      act: (action) => Promise.resolve(void acted.push(action.kind)),
    });
    assert.deepEqual(shown.ref, ref);
  });
  afterEach(async () => {
    panel.dispose();
    await run.dispose();
    await parts.dispose();
    await restore();
    await service.stop();
    await rm(folder, { recursive: true });
  });

  /** Everything the page got, until `enough` says so. */
  function echoes(enough: (received: readonly unknown[]) => boolean): Promise<readonly unknown[]> {
    const received: unknown[] = [];
    return new Promise((resolve) => {
      panel.webview.onDidReceiveMessage((message: unknown) => {
        if (isRecord(message) && 'echo' in message) received.push(message['echo']);
        if (enough(received)) resolve(received);
      });
    });
  }
  const typesIn = (received: readonly unknown[]) =>
    received.flatMap((message) => (isRecord(message) ? [message['type']] : []));

  it('has a page that may run one script and fetch nothing', () => {
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(panel.webview.html)?.[1] ?? '';
    const directives = new Map(
      policy.split('; ').map((part): [string, string] => [part.split(' ')[0] ?? '', part.slice(part.indexOf(' ') + 1)]),
    );
    assert.deepEqual(
      [...directives.keys()],
      ['default-src', 'script-src', 'style-src', 'font-src', 'require-trusted-types-for', 'trusted-types'],
    );
    assert.equal(directives.get('default-src'), "'none'");
    assert.match(directives.get('script-src') ?? '', /^'nonce-[\w+/=]{20,}'$/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(panel.webview.html.match(/<script/g)?.length, 1);
  });

  it('sends nothing before the page is ready, then the language and whole pictures that the page can read', async () => {
    const early = echoes((received) => received.includes('sent'));
    panel.webview.html = page([]);
    assert.deepEqual(typesIn(await early), []);
    const got = echoes((received) => typesIn(received).includes('snapshot'));
    panel.webview.html = page([{ type: 'ready' }]);
    const messages = (await got).filter(isRecord);
    assert.equal(messages[0]?.['type'], 'init');
    for (const message of messages) {
      const parsed = parseToPanel(message);
      assert.ok(parsed.ok, parsed.ok ? '' : parsed.problem);
    }
  });

  it('refuses what is no message, with one line in the log each, and goes on', async () => {
    const nonsense = [
      null,
      'ready',
      { type: 'unheard of' },
      { type: 'intent', id: 1, intent: { kind: 'dropDatabase' } },
      { type: 'intent', id: 'x', intent: { kind: 'complete' } },
      { type: 'intent', id: 2, intent: { kind: 'terminateSession', side: 'middle', id: '1' } },
      { type: 'action', id: 3, action: { kind: 'openFile', path: '/etc/passwd' } },
    ];
    const got = echoes((received) => typesIn(received).includes('answer'));
    panel.webview.html = page([...nonsense, { type: 'action', id: 9, action: { kind: 'openLog' } }]);
    const answers = (await got).filter((message) => isRecord(message) && message['type'] === 'answer');
    assert.deepEqual(answers, [{ type: 'answer', id: 9, result: { ok: true } }]);
    assert.deepEqual(acted, ['openLog']);
    const warnings = parts.lines.filter((line) => line.includes('what no message is') && !line.includes('echo'));
    // the page's own echoes are refused as well
    assert.ok(warnings.length >= nonsense.length, `${warnings.length} warnings`);
    assert.ok(!service.control.calls.some(({ action }) => action === 'CompleteMigrateJob'));
  });

  it('answers an intent that the run refuses with the reason, and completes nothing', async () => {
    const got = echoes((received) => typesIn(received).includes('answer'));
    panel.webview.html = page([{ type: 'intent', id: 4, intent: { kind: 'complete' } }]);
    const answer = (await got).find((message) => isRecord(message) && message['type'] === 'answer');
    assert.ok(isRecord(answer) && isRecord(answer['result']));
    assert.equal(answer['id'], 4);
    assert.equal(answer['result']['ok'], false);
    assert.equal(answer['result']['declined'], false);
    assert.ok(!service.control.calls.some(({ action }) => action === 'CompleteMigrateJob'));
  });
});
