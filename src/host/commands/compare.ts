import * as vscode from 'vscode';
import type { ObjectName, TaskRef } from '../../cutover/facts.ts';
import { tell } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { cancellable } from '../ui/progress.ts';
import { askTables, fullName } from './chooseTables.ts';
import { perform } from './perform.ts';

/** Compares source and target: counts of tables, or all rows; of all tables or of some. */
export async function checkConsistency(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<void> {
  const methods = [
    {
      label: vscode.l10n.t('Row counts'),
      detail: vscode.l10n.t('Counts the rows of every migrated table on both sides. Quick, and blind to changed rows.'),
      method: 'counts' as const,
    },
    {
      label: vscode.l10n.t('Full comparison'),
      detail: vscode.l10n.t('Compares every row of every migrated table, and the objects around them.'),
      method: 'digest' as const,
    },
  ];
  const chosen = await vscode.window.showQuickPick(methods, { title: vscode.l10n.t('Compare source and target') });
  if (!chosen) return;
  const run = await parts.runs.open(ref);
  const tables = await askTables(parts, ref, [], signal);
  const unwatch = run.watch();
  try {
    await cancellable(vscode.l10n.t('Comparing …'), signal, async (either, report) => {
      const stop = run.onChange(({ verification: { running } }) => {
        if (!running) return;
        const { tablesDone: done, tablesTotal: total, current } = running;
        report(vscode.l10n.t('{done} of {total} tables, {current}', { done, total, current }));
      });
      try {
        await perform(parts, ref, { kind: 'compare', method: chosen.method, tables: named(tables) }, either);
      } finally {
        stop();
      }
    });
  } finally {
    unwatch();
  }
  const latest = run.snapshot().verification.latest;
  if (latest) showVerdict(ref, latest.verdict === 'same', tell(latest.summary));
}

function showVerdict(ref: TaskRef, same: boolean, text: string): void {
  const open = vscode.l10n.t('Open Panel');
  const shown = same ? vscode.window.showInformationMessage(text, open) : vscode.window.showWarningMessage(text, open);
  void shown.then((answer) => {
    if (answer === open) void vscode.commands.executeCommand('dtsCutover.openPanel', ref);
  });
}

/** Compares all data of the tables that the user picks; those that were not the same last time are suggested. */
export async function compareChosen(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<void> {
  const latest = (await parts.runs.open(ref)).snapshot().verification.latest;
  const suggested = (latest?.tables ?? []).flatMap(({ source, verdict }) =>
    source && verdict !== 'same' ? [source] : [],
  );
  const tables = await askTables(parts, ref, suggested, signal);
  await perform(parts, ref, { kind: 'compare', method: 'digest', tables: named(tables) }, signal);
}

const named = (tables: 'all' | readonly ObjectName[]) => (tables === 'all' ? null : tables.map(fullName));
