/** Statements that would make the target's rows what the source's are. For reading and editing; nothing runs them. */
import type { ObjectName } from '../cutover/facts.ts';
import { documentStatements } from './documentRepair.ts';
import type { ColumnShape, DocumentRepair, RepairDialect, TableShape } from './port.ts';
import type { RowDifference } from './result.ts';

export interface RepairParts {
  /** in an order in which they can run: deletions first, so that unique values are free */
  readonly now: readonly string[];
  /** deletions of rows that rows of other tables may still need: after all that is done in those */
  readonly late: readonly string[];
}

type Target = Pick<TableShape, 'columns' | 'repair'> & { readonly name: ObjectName };

/** One statement per differing row. Rows without a key and values that were cut give a comment instead. */
export function repairStatements(
  dialect: RepairDialect | DocumentRepair,
  target: Target,
  differences: readonly RowDifference[],
): string[] {
  const { now, late } = repairParts(dialect, target, differences);
  return [...now, ...late];
}

export function repairParts(
  dialect: RepairDialect | DocumentRepair,
  target: Target,
  differences: readonly RowDifference[],
): RepairParts {
  if ('collection' in dialect) return { now: documentStatements(dialect, target.name, differences), late: [] };
  const columns = new Map(target.columns.map((column) => [column.name, column]));
  const rank = { extra: 0, changed: 1, missing: 2 } as const;
  const statements = (kinds: readonly RowDifference[]) =>
    [...kinds]
      .sort((a, b) => rank[a.kind] - rank[b.kind])
      .map((difference) => statement(dialect, target, columns, difference));
  const held = (target.repair?.referencedBy ?? []).length > 0;
  const written = target.columns.length === 0 ? differences : replaced(differences, target);
  const inserts = statements(written.filter(({ kind }) => kind === 'missing'));
  const around = inserts.length > 0 ? dialect.aroundInserts?.(target.name, target.columns) : null;
  const now = [
    ...statements(written.filter(({ kind }) => kind === 'changed' || (kind === 'extra' && !held))),
    ...(around ? [around.before, ...inserts, around.after] : inserts),
  ];
  const late = held ? statements(written.filter(({ kind }) => kind === 'extra')) : [];
  const whole = written.length > differences.length;
  const alsoRuns = target.repair?.alsoRuns ?? [];
  if (alsoRuns.length > 0 && written.length > 0) {
    now.unshift(
      comment(
        `${dialect.table(target.name)} has triggers, which may change what is written here or do more: ${alsoRuns.join(', ')}. Compare again afterwards`,
      ),
    );
  }
  return { now: enclosed(dialect, target, now, whole), late: enclosed(dialect, target, late, false) };
}

/** @param whole all of them or none */
function enclosed(
  { transaction }: RepairDialect,
  { repair }: Target,
  statements: readonly string[],
  whole: boolean,
): readonly string[] {
  const stopped = repair?.around ?? [];
  if (statements.length === 0 || !transaction || (!whole && stopped.length === 0)) return statements;
  const before = stopped.map((each) => each.before);
  return [transaction.begin, ...before, ...statements, ...stopped.map((each) => each.after), transaction.commit];
}

/**
 * A row whose unique value another row is to have is in its way: it is removed first and written anew at the end. Where
 * rows of other tables refer to it, that would take them along: then the statements fail, and change nothing.
 */
function replaced(differences: readonly RowDifference[], { columns, repair }: Target): readonly RowDifference[] {
  const uniques = repair?.uniques ?? [];
  if (uniques.length === 0 || (repair?.referencedBy ?? []).length > 0) return differences;
  const inTheWay = new Set<RowDifference>();
  for (const unique of uniques) {
    const valueOf = (row: RowDifference['source']) => {
      const values = unique.map((name) => (row && Object.hasOwn(row, name) ? row[name] : null));
      return values.includes(null) ? null : JSON.stringify(values);
    };
    const wanted = new Map(differences.map((each) => [valueOf(each.source), each]));
    for (const each of differences) {
      const value = valueOf(each.target);
      const by = value === null ? undefined : wanted.get(value);
      if (each.kind === 'changed' && by && by !== each && each.source && !each.cut) inTheWay.add(each);
    }
  }
  // what only the target has of a row would be lost with it
  const known = (row: RowDifference) =>
    columns.every(({ name, generated }) => generated || Object.hasOwn(row.source ?? {}, name));
  return differences.flatMap((each): RowDifference[] =>
    inTheWay.has(each) && known(each)
      ? [
          { ...each, kind: 'extra', source: null },
          { ...each, kind: 'missing', target: null },
        ]
      : [each],
  );
}

/** Of equal rows of a table without a key. */
const MOST_COPIES = 1000;

function statement(
  dialect: RepairDialect,
  { name, repair }: Target,
  columns: ReadonlyMap<string, ColumnShape>,
  { kind, key, source, target, copies, cut, digest }: RowDifference,
): string {
  const table = dialect.table(name);
  const rows = repair?.only === true && dialect.only !== undefined ? `${dialect.only} ${table}` : table;
  // the server computes it
  const given = (column: string) => columns.get(column)?.generated !== true;
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
  if (kind === 'extra') {
    const free = (repair?.referencedBy ?? []).map(({ table: other, columns: pairs }) => {
      const refers = pairs.map(
        ([there, here]) =>
          `r.${dialect.identifier(there)} = ${literal(here, target && Object.hasOwn(target, here) ? (target[here] ?? null) : null) ?? 'NULL'}`,
      );
      return ` AND NOT EXISTS (SELECT 1 FROM ${dialect.table(other)} AS r WHERE ${refers.join(' AND ')})`;
    });
    return `DELETE FROM ${rows} WHERE ${where(dialect, key, literal)}${free.join('')};`;
  }
  if (!source || (cut ?? []).length > 0) {
    return comment(`${table} ${label}: a value is too long to be written here (${(cut ?? []).join(', ')})`);
  }
  if (digest) {
    return comment(`${table} ${label}: both sides read alike; no statement is certain to make what is stored the same`);
  }
  if (kind === 'changed') {
    const changed = Object.keys(source).filter((column) => !target || source[column] !== target[column]);
    // not known how it differs: write all but the key
    const touched = Object.keys(source).filter(
      (column) => columns.get(column)?.touched && !changed.includes(column) && !Object.hasOwn(key, column),
    );
    const written =
      changed.length > 0
        ? [...changed, ...touched]
        : Object.keys(source).filter((column) => !Object.hasOwn(key, column));
    if (written.length > 0 && !written.some(given)) {
      return comment(`${table} ${label}: the server computes ${written.join(', ')} otherwise; compare the expressions`);
    }
    const set = written
      .filter(given)
      .map((column) => [column, literal(column, source[column] ?? null)] as const)
      .filter(([, value]) => value !== null)
      .map(([column, value]) => `${dialect.identifier(column)} = ${value ?? ''}`);
    return `UPDATE ${rows} SET ${set.join(', ')} WHERE ${where(dialect, key, literal)};`;
  }
  const values = Object.entries(source)
    .filter(([column]) => given(column))
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
