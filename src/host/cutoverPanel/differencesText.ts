import * as vscode from 'vscode';
import type { ComparisonResult, RowDifference, TableResult } from '../../comparison/result.ts';
import { objectKindName, TABLE_VERDICT_NAMES } from '../../cutover/words.ts';
import { plainInMarkdown } from '../../util/markdown.ts';
import { tell } from '../errors.ts';
import { nameText, tableText } from './markdown.ts';

/** Rows shown of one table: a document that takes minutes to render helps nobody. */
const MOST_ROWS = 200;

/** The differing rows side by side, and the objects that differ, as Markdown. */
export function differencesText({ tables, objects }: ComparisonResult): string[] {
  const differing = tables.filter((table) => table.differences.length > 0);
  const off = objects.filter(({ verdict }) => verdict !== 'same');
  return [
    ...differing.flatMap(tableDifferences),
    ...(off.length === 0
      ? []
      : [
          `## ${vscode.l10n.t('Objects')}`,
          tableText(
            [vscode.l10n.t('Kind'), vscode.l10n.t('Name'), vscode.l10n.t('Verdict'), vscode.l10n.t('Statement')],
            off.map(({ kind, name, verdict, detail, statement }) => [
              tell(objectKindName(kind)),
              name,
              [TABLE_VERDICT_NAMES[verdict], ...(detail ? [detail] : [])].map(tell).join(': '),
              statement ?? '',
            ]),
          ),
        ]),
  ];
}

function tableDifferences(table: TableResult): string[] {
  const { differences, differenceCount } = table;
  const shown = differences.slice(0, MOST_ROWS);
  return [
    `## ${plainInMarkdown(nameText(table.source ?? table.target))}`,
    vscode.l10n.t('{shown} of {total} differing rows.', {
      shown: shown.length,
      total: differenceCount ?? differences.length,
    }),
    tableText(
      [vscode.l10n.t('Key'), vscode.l10n.t('Column'), vscode.l10n.t('Source'), vscode.l10n.t('Target')],
      shown.flatMap(rowLines),
    ),
  ];
}

/** One line for each column that differs; a row that is only on one side is one line. */
function rowLines({ kind, key, source, target }: RowDifference): string[][] {
  const label = Object.entries(key)
    .map(([column, value]) => `${column} = ${value}`)
    .join(', ');
  if (kind === 'missing') return [[label, '', vscode.l10n.t('there'), vscode.l10n.t('missing')]];
  if (kind === 'extra') return [[label, '', vscode.l10n.t('missing'), vscode.l10n.t('there')]];
  return Object.keys(source ?? {})
    .filter((column) => source?.[column] !== target?.[column])
    .map((column) => [label, column, valueText(source?.[column]), valueText(target?.[column])]);
}

const valueText = (value: string | null | undefined) => (value == null ? 'NULL' : JSON.stringify(value));
