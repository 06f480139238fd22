import * as vscode from 'vscode';
import type { TaskRef } from '../../cutover/facts.ts';
import type { DtsClient } from '../../dts/api.ts';
import type { ComparisonReport, DifferentChunk, DifferentRow, GtidReport } from '../../dts/comparison.ts';
import { asFailure } from '../../util/failure.ts';
import { tell } from '../errors.ts';
import { tableText } from '../cutoverPanel/markdown.ts';

/** Entries of each list, read page by page; what is beyond is counted, not listed. */
const MOST = 1000;
const PAGE = 100;
/** Tables whose differing rows are read, and rows of each: one request for each table. */
const MOST_TABLES = 20;

/** DTS's report in full, as Markdown: its numbers, what differs, what it skipped and why, and the GTID sets. */
export async function dtsReportText(client: DtsClient, ref: TaskRef, id: string, signal: AbortSignal): Promise<string> {
  const report = await wholeReport(client, ref, id, signal);
  return [
    `# ${vscode.l10n.t('DTS’s comparison {id}', { id })}`,
    numbers(report),
    ...chunks(report),
    ...skipped(report),
    ...others(report),
    ...(await rows(client, ref, id, report.different.items, signal)),
    ...(await gtids(client, ref, signal)),
    vscode.l10n.t('DTS does not compare views, routines, triggers, events or accounts.'),
    '',
  ].join('\n\n');
}

async function wholeReport(
  client: DtsClient,
  ref: TaskRef,
  id: string,
  signal: AbortSignal,
): Promise<ComparisonReport> {
  const pageAt = (offset: number) => ({ limit: PAGE, offset });
  const read = (offset: number) =>
    client.readComparisonReport(ref, id, { differences: pageAt(offset), skipped: pageAt(offset) }, signal);
  const first = await read(0);
  const [different, left] = [[...first.different.items], [...first.skipped.items]];
  const longest = Math.max(first.different.total ?? 0, first.skipped.total ?? 0);
  for (let offset = PAGE; offset < Math.min(longest, MOST); offset += PAGE) {
    const next = await read(offset);
    different.push(...next.different.items);
    left.push(...next.skipped.items);
  }
  return {
    ...first,
    different: { total: first.different.total, items: different },
    skipped: { total: first.skipped.total, items: left },
  };
}

function numbers(report: ComparisonReport): string {
  const said = (value: number | null) => value ?? '?';
  return tableText(
    [
      vscode.l10n.t('Conclusion'),
      vscode.l10n.t('Tables'),
      vscode.l10n.t('Compared'),
      vscode.l10n.t('Different'),
      vscode.l10n.t('Skipped'),
      vscode.l10n.t('Differing rows'),
    ],
    [
      [
        report.rawConclusion || '–',
        said(report.totalTables),
        said(report.checkedTables),
        said(report.differentTables),
        said(report.skippedTables),
        said(report.differentRows),
      ],
    ],
  );
}

const nameText = (place: { database: string; schema: string; table: string }) =>
  [place.database, place.schema, place.table].filter(Boolean).join('.');

function section(title: string, total: number | null, listed: number, table: string): string[] {
  if (listed === 0 && !total) return [];
  const more = (total ?? 0) - listed;
  return [`## ${title}`, table, ...(more > 0 ? [vscode.l10n.t('{count} more are not listed.', { count: more })] : [])];
}

function chunks({ different: { items, total } }: ComparisonReport): string[] {
  const head = [
    vscode.l10n.t('Table'),
    vscode.l10n.t('Chunk'),
    vscode.l10n.t('Key range'),
    vscode.l10n.t('Source'),
    vscode.l10n.t('Target'),
  ];
  const lines = items.map((chunk) => [
    nameText(chunk),
    chunk.chunk ?? '',
    [chunk.lowerBoundary, chunk.upperBoundary].filter(Boolean).join(' … '),
    chunk.source,
    chunk.target,
  ]);
  return section(vscode.l10n.t('Chunks that differ'), total, items.length, tableText(head, lines));
}

function skipped({ skipped: { items, total } }: ComparisonReport): string[] {
  const head = [vscode.l10n.t('Table'), vscode.l10n.t('Reason')];
  const lines = items.map((table) => [nameText(table), table.reason]);
  return section(
    vscode.l10n.t('Skipped by DTS: nothing is known of these'),
    total,
    items.length,
    tableText(head, lines),
  );
}

function others({ others: items }: ComparisonReport): string[] {
  const head = [vscode.l10n.t('Kind'), vscode.l10n.t('Name'), vscode.l10n.t('Source'), vscode.l10n.t('Target')];
  const lines = items.map(({ kind, name, source, target }) => [kind, name, source, target]);
  return section(vscode.l10n.t('Other differences'), items.length, items.length, tableText(head, lines));
}

async function rows(
  client: DtsClient,
  ref: TaskRef,
  id: string,
  items: readonly DifferentChunk[],
  signal: AbortSignal,
): Promise<string[]> {
  const tables = [...new Map(items.map((chunk) => [nameText(chunk), chunk])).values()].slice(0, MOST_TABLES);
  const texts: string[] = [];
  for (const { database, schema, table } of tables) {
    const place = { database, schema: schema || undefined, table, limit: PAGE, offset: 0 };
    const page = await client.readDifferences(ref, id, place, signal);
    const head = [vscode.l10n.t('Row'), vscode.l10n.t('Column'), vscode.l10n.t('Source'), vscode.l10n.t('Target')];
    texts.push(
      ...section(
        nameText({ database, schema, table }),
        page.total,
        page.rows.length,
        tableText(head, page.rows.flatMap(rowLines)),
      ),
    );
  }
  return texts;
}

function rowLines({ identifier, kind, columns, source, target }: DifferentRow): string[][] {
  if (kind === 'missingOnTarget') return [[identifier, '', vscode.l10n.t('there'), vscode.l10n.t('missing')]];
  if (kind === 'missingOnSource') return [[identifier, '', vscode.l10n.t('missing'), vscode.l10n.t('there')]];
  const text = (value: string | null | undefined) => (value == null ? 'NULL' : JSON.stringify(value));
  const differing = columns.flatMap((column, index) =>
    source[index] === target[index] ? [] : [[identifier, column, text(source[index]), text(target[index])]],
  );
  return differing.length > 0
    ? differing
    : [[identifier, '', source.map(text).join(', '), target.map(text).join(', ')]];
}

/** MySQL's own; other databases have none, and DTS says so in an error. */
async function gtids(client: DtsClient, ref: TaskRef, signal: AbortSignal): Promise<string[]> {
  let report: GtidReport;
  try {
    report = await client.readGtidReport(ref, signal);
  } catch (error) {
    const failure = asFailure(error);
    if (failure.reason === 'cancelled') throw failure;
    return [vscode.l10n.t('There is no comparison of GTID sets: {why}', { why: tell(failure.what) })];
  }
  const head = [
    vscode.l10n.t('Result'),
    vscode.l10n.t('Only on the source'),
    vscode.l10n.t('Only on the target'),
    vscode.l10n.t('Touches migrated tables'),
  ];
  const touches = (known: boolean | null) =>
    known === null ? '?' : known ? vscode.l10n.t('yes') : vscode.l10n.t('no');
  const lines = report.details.map((each) => [
    each.result,
    each.onlyOnSource,
    each.onlyOnTarget,
    [touches(each.touchesMigratedTables), ...each.tables].join(' '),
  ]);
  const title = vscode.l10n.t('GTID sets: {conclusion}', { conclusion: report.conclusion || report.status || '–' });
  return section(title, lines.length, lines.length, tableText(head, lines));
}
