import * as vscode from 'vscode';
import { repairScript } from '../../comparison/repairScript.ts';
import type { ComparisonResult, TableResult } from '../../comparison/result.ts';
import { identity } from '../../comparison/scope.ts';
import { sideBySide } from '../../comparison/sideBySide.ts';
import type { ObjectName, TaskRef } from '../../cutover/facts.ts';
import { TABLE_VERDICT_NAMES } from '../../cutover/words.ts';
import { cancelled, Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { keyOf } from '../cloud/details.ts';
import { nameText } from '../cutoverPanel/markdown.ts';
import { tell } from '../errors.ts';
import type { Parts } from '../parts.ts';

type Shown = Pick<Parts, 'runs' | 'documents'>;

/** Which comparison and which source table: asked for when the panel did not say. */
export interface Chosen<Table> {
  readonly id: string;
  readonly source: Table;
}

/** The differing rows of one table in the diff editor. */
export async function openDifferences(parts: Shown, ref: TaskRef, chosen?: Chosen<ObjectName>): Promise<void> {
  const { id, result } = await resultOf(parts, ref, chosen?.id);
  const differing = result.tables.filter(({ differences }) => differences.length > 0);
  const table = chosen ? tableIn(result, chosen.source) : await pickTable(differing);
  if (table.differences.length === 0) {
    throw new Failure('bad-input', sentence('No differing rows are listed for {table}.', { table: nameOf(table) }));
  }
  const counts = { table: nameOf(table), shown: table.differences.length, total: table.differenceCount ?? '?' };
  const words = {
    absent: vscode.l10n.t('(this row is not here)'),
    cut: vscode.l10n.t('(too long: only the beginning is shown)'),
    omitted: (count: number) => vscode.l10n.t('… {count} characters …', { count }),
    stored: (digest: string) => vscode.l10n.t('What is stored differs and reads alike; its hash: {digest}', { digest }),
    reordered: vscode.l10n.t('(the same values, in another order)'),
    verbatim: result.engine === 'mongodb',
  };
  await parts.documents.compare(
    `${id}/${inPath(nameOf(table))}.txt`,
    vscode.l10n.t('{table}: source ↔ target ({shown} of {total} differing rows)', counts),
    sideBySide(table, words),
  );
}

/**
 * Statements that would repair the target, to be read and saved elsewhere; nothing runs them. They hold customers' rows:
 * an untitled file would be backed up on disk before anybody asked for that.
 */
export async function openRepair(parts: Shown, ref: TaskRef, chosen?: Chosen<ObjectName | null>): Promise<void> {
  const { id, result } = await resultOf(parts, ref, chosen?.id);
  const { loadDigestEngine } = await import('../../engines/loadDigest.ts');
  const { repair } = await loadDigestEngine(result.engine);
  const source = chosen?.source ?? null;
  const table = source && tableIn(result, source);
  const part = table ? { tables: [table], objects: [] } : result;
  const content = repairScript(repair, part, {
    heading: heading(ref, result),
    truncated: (listed, total) =>
      vscode.l10n.t('Only {listed} of {total} differing rows are known here.', { listed, total }),
    unlisted: (table, verdict) =>
      vscode.l10n.t('{table}: {verdict}; no statement is made for it.', {
        table,
        verdict: tell(TABLE_VERDICT_NAMES[verdict]),
      }),
    objects: vscode.l10n.t('Sequences and counters that would give numbers twice'),
    nothing: vscode.l10n.t('There is nothing to repair.'),
  });
  // statements of the MongoDB shell are JavaScript
  const extension = result.engine === 'mongodb' ? 'js' : 'sql';
  const name = table ? inPath(nameOf(table)) : ref.jobId;
  await parts.documents.show(`${id}/repair-${name}.${extension}`, content);
}

function heading(ref: TaskRef, { target, startedAt, finishedAt }: ComparisonResult): string[] {
  return [
    vscode.l10n.t('Statements that would make the target what the source was.'),
    vscode.l10n.t('Task {task}', { task: keyOf(ref) }),
    vscode.l10n.t('Target {endpoint} ({server})', { endpoint: target.endpoint, server: target.server }),
    vscode.l10n.t('Compared from {start} to {end}.', {
      start: new Date(startedAt).toISOString(),
      end: new Date(finishedAt).toISOString(),
    }),
    vscode.l10n.t('DTS Cutover never executes these statements. Read every line before you run it yourself.'),
    vscode.l10n.t(
      'This text is nowhere on disk. To keep or change it, save it as a file; it holds rows of your tables.',
    ),
    vscode.l10n.t('Foreign keys and triggers may ask for another order.'),
  ];
}

async function resultOf(
  parts: Shown,
  ref: TaskRef,
  wanted: string | undefined,
): Promise<{ id: string; result: ComparisonResult }> {
  const id = wanted ?? (await parts.runs.open(ref)).snapshot().verification.latest?.id ?? '';
  const result = parts.runs.comparisons.find(keyOf(ref), id);
  if (result) return { id, result };
  throw new Failure(
    'not-allowed-now',
    sentence(
      'The differing rows are no longer at hand: they are customers’ data and are kept in memory only, never on disk.',
    ),
    sentence('Compare this table again, or all data, to read them anew.'),
  );
}

function tableIn({ tables }: ComparisonResult, source: ObjectName): TableResult {
  const found = tables.find((table) => table.source && identity(table.source) === identity(source));
  if (found) return found;
  throw new Failure('bad-input', sentence('{table} is not part of this comparison.', { table: nameText(source) }));
}

async function pickTable(tables: readonly TableResult[]): Promise<TableResult> {
  if (tables.length === 0) {
    throw new Failure('not-allowed-now', sentence('No table has differing rows in the last comparison.'));
  }
  const picks = tables.map((table) => ({
    table,
    label: nameOf(table),
    description: vscode.l10n.t('{count} differing rows', { count: table.differenceCount ?? '?' }),
  }));
  const chosen = await vscode.window.showQuickPick(picks, { title: vscode.l10n.t('Which table?') });
  if (!chosen) throw cancelled();
  return chosen.table;
}

const nameOf = ({ source, target }: TableResult) => nameText(source ?? target);

/** A table's name as part of a path: readable, and no two alike. */
const inPath = (name: string) => name.replace(/[%/\\?#]/g, encodeURIComponent);
