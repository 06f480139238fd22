/** Columns whose names only differ in a way that the servers do not tell apart. Pure. */
import type { ColumnShape, KeyShape, TableShape } from './port.ts';

/**
 * The target's table with the names of its columns as the source spells them, which its server understands as well.
 * @param fold gives the same for two names of one column
 */
export function spelledAsOn<T extends TableShape>(source: TableShape, target: T, fold: (name: string) => string): T {
  const names = new Map(source.columns.map(({ name }) => [fold(name), name]));
  const spelled = (name: string) => names.get(fold(name)) ?? name;
  if (target.columns.every(({ name }) => spelled(name) === name)) return target;
  return {
    ...target,
    columns: target.columns.map((column): ColumnShape => ({ ...column, name: spelled(column.name) })),
    keys: target.keys.map((key): KeyShape => ({ ...key, columns: key.columns.map(spelled) })),
  };
}
