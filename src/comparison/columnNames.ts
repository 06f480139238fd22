/** Columns whose names only differ in a way that the servers do not tell apart. Pure. */
import type { ColumnShape, KeyShape, RepairFacts, TableShape } from './port.ts';

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
    ...(target.repair ? { repair: spelledFacts(target.repair, spelled) } : {}),
    keys: target.keys.map((key): KeyShape => ({ ...key, columns: key.columns.map(spelled) })),
  };
}

const spelledFacts = (facts: RepairFacts, spelled: (name: string) => string): RepairFacts => ({
  ...facts,
  ...(facts.uniques ? { uniques: facts.uniques.map((columns) => columns.map(spelled)) } : {}),
  ...(facts.referencedBy
    ? {
        referencedBy: facts.referencedBy.map(({ table, columns }) => ({
          table,
          columns: columns.map(([there, here]) => [there, spelled(here)] as const),
        })),
      }
    : {}),
});
