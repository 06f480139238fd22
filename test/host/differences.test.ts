import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { NO_MEMORY } from '../../src/comparison/memory.ts';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { keyOf } from '../../src/host/cloud/details.ts';
import { openDifferences, openRepair } from '../../src/host/commands/differences.ts';
import { createDocuments, type Documents } from '../../src/host/documents.ts';
import { isFailure } from '../../src/util/failure.ts';
import { region, viewParts, type ViewParts } from './support/parts.ts';

const ref = { region, jobId: 'dts-differs' };
const source = { database: 'shop', schema: 'public', name: 'orders' };
const column = { nullable: true, generated: false, scale: null, collation: null, charset: null };
const side = { server: 'PostgreSQL 18', endpoint: 'target.example:5432/shop', position: { before: null, after: null } };
const result: ComparisonResult = {
  ...{ engine: 'postgres', verdict: 'different', startedAt: 1, finishedAt: 2, source: side, target: side, reused: 0 },
  tables: [
    {
      ...{ source, target: source, verdict: 'different', reason: null, rows: { source: 2, target: 2 } },
      ...{ differenceCount: 1, truncated: false, notes: [], method: 'm' },
      differences: [
        { kind: 'changed', key: { id: '1' }, source: { id: '1', note: 'new' }, target: { id: '1', note: 'old' } },
      ],
      targetColumns: [
        { name: 'id', type: 'int4', declared: 'integer', ...column },
        { name: 'note', type: 'text', declared: 'text', ...column },
      ],
    },
  ],
  ...{ objects: [], remarks: [], tokens: { source: null, target: null } },
};

describe('what a comparison found', () => {
  let parts: ViewParts;
  let documents: Documents;
  const shown = () => ({ runs: parts.runs, documents });

  beforeEach(async () => {
    parts = viewParts();
    documents = createDocuments();
    const memory = parts.runs.comparisons.memoryOf(keyOf(ref), NO_MEMORY.finished);
    await memory.keep('digest-1', result, { subject: '', whole: true });
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    documents.dispose();
    await parts.dispose();
  });

  it('opens in the diff editor, source beside target', async () => {
    await openDifferences(shown(), ref, { id: 'digest-1', source });
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    assert.ok(input instanceof vscode.TabInputTextDiff);
    const text = async (uri: vscode.Uri) => (await vscode.workspace.openTextDocument(uri)).getText();
    assert.equal(await text(input.original), '#1 id = "1"\n#1     note = "new"\n');
    assert.equal(await text(input.modified), '#1 id = "1"\n#1     note = "old"\n');
  });

  it('opens as statements for the target that say that nothing ran them, and that VS Code backs up nowhere', async () => {
    await openRepair(shown(), ref, { id: 'digest-1', source: null });
    const document = vscode.window.activeTextEditor?.document;
    assert.ok(document);
    assert.equal(document.isUntitled || document.isDirty, false);
    assert.notEqual(document.uri.scheme, 'file');
    assert.equal(document.languageId, 'sql');
    const lines = document.getText().split('\n');
    assert.ok(lines.includes(`UPDATE "public"."orders" SET "note" = 'new' WHERE "id" = 1;`), document.getText());
    const heading = lines.slice(0, 6).join('\n');
    for (const said of [ref.jobId, side.endpoint, 'never executes']) assert.ok(heading.includes(said), heading);
  });

  it('leaves words where a reload of the window opened a text again that is in memory no more', async () => {
    const lost = await vscode.workspace.openTextDocument(vscode.Uri.parse('dts-cutover:/comparison-dts-1.md'));
    assert.match(lost.getText(), /in memory only/);
  });

  it('says that the rows are gone, and shows no other task’s', async () => {
    const gone = (error: unknown) => isFailure(error) && error.reason === 'not-allowed-now';
    await assert.rejects(openDifferences(shown(), ref, { id: 'digest-0', source }), gone);
    await assert.rejects(openDifferences(shown(), { ...ref, jobId: 'dts-other' }, { id: 'digest-1', source }), gone);
  });
});
