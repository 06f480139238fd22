/** Statements that would make the target's rows what the source's are. For reading and editing; nothing runs them. */
import type { ObjectName } from '../cutover/facts.ts';
import { documentStatements } from './documentRepair.ts';
import type { ColumnShape, DocumentRepair, RepairDialect, TableShape } from './port.ts';
import type { RowDifference } from './result.ts';

/**
 * One statement per differing row, in an order in which they can run: deletions first, so that unique values are free.
 * Rows without a key and values that were cut give a comment instead.
 */
export function repairStatements(
  dialect: RepairDialect | DocumentRepair,
  target: Pick<TableShape, 'columns'> & { readonly name: ObjectName },
  differences: readonly RowDifference[],
): string[] {
  if ('collection' in dialect) return documentStatements(dialect, target.name, differences);
  const columns = new Map(target.columns.map((column) => [column.name, column]));
  const rank = { extra: 0, changed: 1, missing: 2 } as const;
  const statements = (kinds: readonly RowDifference[]) =>
    [...kinds]
      .sort((a, b) => rank[a.kind] - rank[b.kind])
      .map((difference) => statement(dialect, target.name, columns, difference));
  const inserts = statements(differences.filter(({ kind }) => kind === 'missing'));
  const around = inserts.length > 0 ? dialect.aroundInserts?.(target.name, target.columns) : null;
  return [
    ...statements(differences.filter(({ kind }) => kind !== 'missing')),
    ...(around ? [around.before, ...inserts, around.after] : inserts),
  ];
}

/** Of equal rows of a table without a key. */
const MOST_COPIES = 1000;

function statement(
  dialect: RepairDialect,
  name: ObjectName,
  columns: ReadonlyMap<string, ColumnShape>,
  { kind, key, source, target, copies, cut }: RowDifference,
): string {
  const table = dialect.table(name);
  const literal = (column: string, value: string | null) => {
    const shape = columns.get(column);
    return shape ? dialect.literal(value, shape) : null;
  };
  const exact = (row: Readonly<Record<string, string | null>>) =>
    Object.entries(row).every(([column, value]) => !columns.has(column) || literal(column, value) !== null);
  const keyNames = Object.keys(key);
  const label = keyNames.map((column) => `${column} = ${key[column] ?? ''}`).join(', ');
  if (keyNames.length === 0 && kind !== 'missing') {
    return comment(`${table} has no key: ${copies ?? 1} row(s) too many, to be removed by hand`);
  }
  if (!exact(key) || (kind !== 'extra' && source && !exact(source))) {
    return comment(`${table} ${label}: a value cannot be written here exactly`);
  }
  if (kind === 'extra') return `DELETE FROM ${table} WHERE ${where(dialect, key, literal)};`;
  if (!source || (cut ?? []).length > 0) {
    return comment(`${table} ${label}: a value is too long to be written here (${(cut ?? []).join(', ')})`);
  }
  if (kind === 'changed') {
    const changed = Object.keys(source).filter((column) => !target || source[column] !== target[column]);
    // equal as text and different as stored, e.g. trailing zeros of a number: write all but the key
    const written = changed.length > 0 ? changed : Object.keys(source).filter((column) => !(column in key));
    const set = written
      .map((column) => [column, literal(column, source[column] ?? null)] as const)
      .filter(([, value]) => value !== null)
      .map(([column, value]) => `${dialect.identifier(column)} = ${value ?? ''}`);
    return `UPDATE ${table} SET ${set.join(', ')} WHERE ${where(dialect, key, literal)};`;
  }
  const values = Object.entries(source)
    .map(([column, value]) => [column, literal(column, value)] as const)
    .filter(([, value]) => value !== null);
  const names = values.map(([column]) => dialect.identifier(column)).join(', ');
  const override = dialect.insertOverride === '' ? '' : ` ${dialect.insertOverride}`;
  const insert = `INSERT INTO ${table} (${names})${override} VALUES (${values.map(([, value]) => value).join(', ')});`;
  const written = Math.min(copies ?? 1, MOST_COPIES);
  const left = (copies ?? 1) - written;
  return [
    ...Array.from({ length: written }, () => insert),
    ...(left > 0 ? [comment(`${table}: the row above is missing ${left} more times; insert it as often by hand`)] : []),
  ].join('\n');
}

function where(
  dialect: RepairDialect,
  key: Readonly<Record<string, string>>,
  literal: (column: string, value: string | null) => string | null,
): string {
  return Object.entries(key)
    .map(([column, value]) => `${dialect.identifier(column)} = ${literal(column, value) ?? 'NULL'}`)
    .join(' AND ');
}

/** On one line, whatever the text: a value must not end the comment. */
const comment = (text: string) => `-- ${text.replace(/[\r\n]+/g, ' ')}`;
