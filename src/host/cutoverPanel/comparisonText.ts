import * as vscode from 'vscode';
import type { ComparisonResult } from '../../comparison/result.ts';
import type { ComparisonFacts, TableComparison } from '../../cutover/facts.ts';
import { COMPARISON_METHOD_NAMES, TABLE_VERDICT_NAMES } from '../../cutover/words.ts';
import { plainInMarkdown } from '../../util/markdown.ts';
import { tell } from '../errors.ts';
import { differencesText } from './differencesText.ts';
import { nameText, tableText } from './markdown.ts';

/**
 * A comparison as a Markdown document: what was found, what was left out, every table with its verdict, and the differing
 * rows while they are still at hand.
 */
export function comparisonText(comparison: ComparisonFacts, details: ComparisonResult | undefined): string {
  const { summary, method, startedAt, finishedAt, skipped, tables } = comparison;
  const different = tables.filter(({ verdict }) => verdict !== 'same');
  const same = tables.filter(({ verdict }) => verdict === 'same');
  return [
    `# ${plainInMarkdown(tell(summary))}`,
    vscode.l10n.t('Method: {method}, from {start} to {end}.', {
      method: tell(COMPARISON_METHOD_NAMES[method]),
      start: new Date(startedAt).toISOString(),
      end: new Date(finishedAt).toISOString(),
    }),
    ...(skipped.length > 0
      ? [`## ${vscode.l10n.t('Left out, or noted')}`, skipped.map((s) => `- ${plainInMarkdown(tell(s))}`).join('\n')]
      : []),
    `## ${vscode.l10n.t('Tables')}`,
    verdictTable([...different, ...same]),
    ...(details ? differencesText(details) : []),
    '',
  ].join('\n\n');
}

function verdictTable(tables: readonly TableComparison[]): string {
  const head = [
    vscode.l10n.t('Table'),
    vscode.l10n.t('Verdict'),
    vscode.l10n.t('Reason'),
    vscode.l10n.t('Differing rows'),
    vscode.l10n.t('Rows on the source'),
    vscode.l10n.t('Rows on the target'),
  ];
  return tableText(
    head,
    tables.map(({ source, target, verdict, rows, differenceCount, reason, notes = [] }) => [
      // both names where they differ: a task may rename
      [...new Set([source, target].flatMap((name) => (name ? [nameText(name)] : [])))].join(' → '),
      tell(TABLE_VERDICT_NAMES[verdict]),
      [...(reason ? [reason] : []), ...notes].map(tell).join(' '),
      differenceCount ?? '',
      rows.source ?? '',
      rows.target ?? '',
    ]),
  );
}
