import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { CompareOutcome, TableOutcome } from '../../sandbox/dts/backend.ts';
import type { DtsService } from '../../sandbox/dts/service.ts';
import { openDtsReport, startDtsComparison } from '../../src/host/commands/dtsComparison.ts';
import { createDocuments, type Documents } from '../../src/host/documents.ts';
import { isFailure } from '../../src/util/failure.ts';
import { answering } from './support/answers.ts';
import { region, settingsFor, startService, task, viewParts, withSettings, type ViewParts } from './support/parts.ts';

const ref = { region, jobId: 'dts-compared' };
const never = new AbortController().signal;

const table = (name: string, rest: Partial<TableOutcome>): TableOutcome => ({
  source: { database: 'shop', schema: 'public', table: name },
  target: { database: 'shop', schema: 'public', table: name },
  ...{ conclusion: 'same', reason: '', sourceRows: 10, targetRows: 10, differences: [] },
  ...rest,
});
const outcome: CompareOutcome = {
  tables: [
    table('orders', {
      conclusion: 'different',
      differences: [
        { identifier: 'id=7', kind: 'data', columns: ['id', 'note'], source: ['7', 'gift'], target: ['7', 'plain'] },
      ],
    }),
    table('log', {
      conclusion: 'skipped',
      reason: 'The table has no primary key.',
      sourceRows: null,
      targetRows: null,
    }),
  ],
};

describe('DTS’s own comparison', () => {
  let service: DtsService;
  let parts: ViewParts;
  let documents: Documents;
  let folder: string;
  let restore: () => Promise<void>;

  beforeEach(async () => {
    service = await startService([task(ref.jobId, { phase: 'incremental', gapMb: 0, lagSeconds: 0, outcome })]);
    restore = await withSettings(settingsFor(service));
    folder = await mkdtemp(path.join(tmpdir(), 'cutover-compared-'));
    parts = viewParts(undefined, folder);
    documents = createDocuments();
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    documents.dispose();
    await parts.dispose();
    await restore();
    await service.stop();
    await rm(folder, { recursive: true });
  });

  /** Of the document in front, rendered or not. */
  async function textShown(): Promise<string> {
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    assert.ok(input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom);
    return (await vscode.workspace.openTextDocument(input.uri)).getText();
  }

  async function letDtsCompare(...answers: readonly string[]) {
    const run = await parts.runs.open(ref);
    assert.ok((await run.perform({ kind: 'start' }, never)).ok);
    const ended = new Promise<void>((resolve) => {
      run.onChange(({ dtsComparison: { latest } }) => latest?.outcome && resolve());
    });
    const unwatch = run.watch();
    try {
      assert.deepEqual(await answering(answers, () => startDtsComparison(parts, ref, never)), []);
      await ended;
      return run.snapshot().dtsComparison.latest;
    } finally {
      unwatch();
    }
  }

  it('is asked for by questions, followed to its end, and its report says what differs and what was skipped', async () => {
    const found = await letDtsCompare('All that the task moves', '3', 'All rows');
    assert.equal(found?.outcome?.verdict, 'different');
    await openDtsReport({ ...parts, documents }, ref, never, found.id);
    const text = await textShown();
    for (const said of [found.id, 'orders', 'gift', 'plain', 'log', 'The table has no primary key.']) {
      assert.ok(text.includes(said), `${said} in ${text}`);
    }
  });

  it('is no longer read once Cancel is pressed', async () => {
    service.control.faults.add({ action: 'DescribeCompareReport', fault: { kind: 'hang' } });
    let reading = true;
    const read = openDtsReport({ ...parts, documents }, ref, never, 'dts-compared-cmp-1').finally(
      () => (reading = false),
    );
    const pressed = (async () => {
      while (reading) {
        await vscode.commands.executeCommand('notification.acceptPrimaryAction');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    await assert.rejects(read, (error) => isFailure(error) && error.reason === 'cancelled');
    await pressed;
  });

  it('has no report before it was ever made', async () => {
    await assert.rejects(openDtsReport({ ...parts, documents }, ref, never), (error) => {
      assert.ok(isFailure(error));
      return error.reason === 'not-allowed-now' && /has not compared anything/.test(error.what.text);
    });
  });
});
