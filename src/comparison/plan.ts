/** How one pair of tables is compared: columns by name, values in comparable forms, rows by a key both sides have. */
import { sentence, type Sentence } from '../util/sentence.ts';
import type { ColumnMatch, ColumnShape, PlannedColumn, TablePlan, TableShape } from './port.ts';

export type Planned =
  | {
      readonly plan: TablePlan;
      /** columns that only one side has: the tables differ, whatever their rows say */
      readonly columnDifferences: readonly ColumnDifference[];
      readonly notes: readonly Sentence[];
    }
  | { readonly plan: null; readonly why: Sentence };

export interface ColumnDifference {
  readonly name: string;
  readonly only: 'source' | 'target';
}

export function planTable(
  source: TableShape,
  target: TableShape,
  match: (source: ColumnShape, target: ColumnShape) => ColumnMatch,
): Planned {
  const unreadable = source.unreadable ?? target.unreadable;
  if (unreadable) return { plan: null, why: unreadable };
  const others = new Map(target.columns.map((column) => [column.name, column]));
  const columns: PlannedColumn[] = [];
  const columnDifferences: ColumnDifference[] = [];
  const notes: Sentence[] = [];
  for (const column of source.columns) {
    const other = others.get(column.name);
    others.delete(column.name);
    // computed on both sides from values that are compared, each time they are read; computed on one side only, its values still count
    const stored = column.stored === true && other?.stored === true;
    if (column.generated && !stored && (!other || other.generated)) {
      notes.push(sentence('{column} is generated and left out.', { column: column.name }));
    } else if (!other && column.filler) {
      notes.push(onOneSide(column));
    } else if (!other) {
      columnDifferences.push({ name: column.name, only: 'source' });
    } else {
      const { form, note } = match(column, other);
      if (form === null)
        return { plan: null, why: note ?? sentence('{column} cannot be compared.', { column: column.name }) };
      if (note) notes.push(note);
      columns.push({ name: column.name, form, source: column, target: other });
    }
  }
  for (const other of others.values()) {
    if (other.generated) notes.push(sentence('{column} is generated and left out.', { column: other.name }));
    else if (other.filler) notes.push(onOneSide(other));
    else columnDifferences.push({ name: other.name, only: 'target' });
  }
  // rows of tables without any column are counted
  const none = source.columns.length + target.columns.length === 0;
  if (columns.length === 0 && !none) return { plan: null, why: sentence('The two tables have no column in common.') };
  const key = commonKey(source, target, columns);
  // the same order on both sides, whatever the tables' own; the key first
  const order = (column: PlannedColumn) => (key.includes(column.name) ? key.indexOf(column.name) : key.length);
  columns.sort((a, b) => order(a) - order(b) || (a.name < b.name ? -1 : 1));
  return { plan: { source, target, columns, key }, columnDifferences, notes };
}

const onOneSide = ({ name }: ColumnShape): Sentence =>
  sentence('{column} was made by the server for want of a key, on one side only: it is left out.', { column: name });

/** The source's primary key, else one of its unique keys, that is a key on the target too. */
function commonKey(source: TableShape, target: TableShape, columns: readonly PlannedColumn[]): readonly string[] {
  const compared = new Set(columns.map((column) => column.name));
  const setOf = (names: readonly string[]) => JSON.stringify([...names].sort());
  const theirs = new Set(target.keys.map((key) => setOf(key.columns)));
  const found = source.keys.find(
    (key) => theirs.has(setOf(key.columns)) && key.columns.every((name) => compared.has(name)),
  );
  return found?.columns ?? [];
}
