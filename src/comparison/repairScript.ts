/** All repair statements of a comparison as one text to read, edit and run by other means. Nothing here runs anything. */
import type { DocumentRepair, RepairDialect } from './port.ts';
import { repairParts } from './repair.ts';
import { identity } from './scope.ts';
import type { ComparisonResult, TableResult } from './result.ts';

export interface RepairTexts {
  /** lines of the heading: the task, the target, the time, and that nothing runs this by itself */
  readonly heading: readonly string[];
  /** what only a part of the differing rows is known of */
  truncated(listed: number, total: number): string;
  /** a table that cannot be repaired row by row */
  unlisted(table: string, verdict: TableResult['verdict']): string;
  readonly objects: string;
  readonly nothing: string;
}

/** For these tables of a result, and for the sequences and counters when `objects` are wanted. */
export function repairScript(
  dialect: RepairDialect | DocumentRepair,
  { tables, objects }: Pick<ComparisonResult, 'tables' | 'objects'>,
  texts: RepairTexts,
): string {
  const comment = commentOf(dialect);
  const made = referredFirst(tables.filter(({ verdict }) => verdict !== 'same')).map((table) =>
    tablePart(dialect, table, texts),
  );
  // those that others refer to lose rows last
  const parts = [...made.map(({ now }) => now), ...made.map(({ late }) => late).reverse()].filter(
    (part) => part !== '',
  );
  const statements = objects.flatMap(({ statement }) => (statement === null ? [] : [statement]));
  if (statements.length > 0) parts.push([comment(texts.objects), ...statements].join('\n'));
  if (parts.length === 0) parts.push(comment(texts.nothing));
  const repaired = tables.some(({ verdict, differences }) => verdict === 'different' && differences.length > 0);
  const settings = repaired && 'settings' in dialect ? [(dialect.settings ?? []).join('\n')] : [];
  return [texts.heading.map(comment).join('\n'), ...settings, ...parts, ''].join('\n\n');
}

/** A table after all that its foreign keys lead to, as far as they lead in no circle. */
function referredFirst(tables: readonly TableResult[]): readonly TableResult[] {
  const ordered = new Set<TableResult>();
  const entered = new Set<TableResult>();
  const parentsOf = (table: TableResult) =>
    tables.filter(({ targetRepair }) =>
      targetRepair?.referencedBy?.some((by) => table.target && identity(by.table) === identity(table.target)),
    );
  const enter = (table: TableResult) => {
    if (entered.has(table)) return;
    entered.add(table);
    parentsOf(table).forEach(enter);
    ordered.add(table);
  };
  tables.forEach(enter);
  return [...ordered];
}

interface TablePart {
  readonly now: string;
  readonly late: string;
}

function tablePart(dialect: RepairDialect | DocumentRepair, table: TableResult, texts: RepairTexts): TablePart {
  const { target, differences, differenceCount, truncated, targetColumns, targetRepair } = table;
  const comment = commentOf(dialect);
  const name = target ?? table.source;
  const label = name ? ('collection' in dialect ? dialect.collection(name) : dialect.table(name)) : '?';
  if (table.verdict !== 'different' || !target) return { now: comment(texts.unlisted(label, table.verdict)), late: '' };
  const repair = targetRepair ? { repair: targetRepair } : {};
  const { now, late } = repairParts(dialect, { name: target, columns: targetColumns, ...repair }, differences);
  const head = [
    comment(label),
    ...(truncated ? [comment(texts.truncated(differences.length, differenceCount ?? differences.length))] : []),
    ...(differences.length === 0 ? [comment(texts.unlisted(label, table.verdict))] : []),
  ];
  return { now: [...head, ...now].join('\n'), late: late.length === 0 ? '' : [comment(label), ...late].join('\n') };
}

/** Names and addresses come from outside: nothing of them may begin a line of its own. */
function commentOf(dialect: RepairDialect | DocumentRepair): (text: string) => string {
  const sign = 'collection' in dialect ? '//' : '--';
  return (text) => `${sign} ${text.replace(/[\r\n\u2028\u2029]+/g, ' ')}`;
}
