/** Tables that were created, dropped or changed while their rows were compared: what was found says nothing of them. */
import type { TableShape } from './port.ts';
import { identity, type TablePairs } from './scope.ts';

/** A table of the source with that of the target; null where a side has none. */
export interface SidesOfTable {
  readonly source: TableShape | null;
  readonly target: TableShape | null;
}

/** One name for the same table before and after, whichever sides have it. */
export const tableId = ({ source, target }: SidesOfTable): string =>
  source ? `source ${identity(source.name)}` : target ? `target ${identity(target.name)}` : '';

/** Tables that are not what they were, by `tableId`, as they are now; those that are gone as they were. */
export function reshaped(before: TablePairs, now: TablePairs): ReadonlyMap<string, SidesOfTable> {
  const [old, current] = [byId(before), byId(now)];
  const found = new Map<string, SidesOfTable>();
  for (const [id, tables] of [...old, ...current]) {
    const [was, is] = [old.get(id), current.get(id)];
    if (!was || !is || text(was) !== text(is)) found.set(id, tables);
  }
  return found;
}

function byId({ pairs, missing, extra }: TablePairs): Map<string, SidesOfTable> {
  const all: SidesOfTable[] = [
    ...pairs,
    ...missing.map(({ source }) => ({ source, target: null })),
    ...extra.map((target) => ({ source: null, target })),
  ];
  return new Map(all.map((tables) => [tableId(tables), tables]));
}

/** All but the number of rows, which is an estimate. */
function text({ source, target }: SidesOfTable): string {
  const shape = (table: TableShape | null) => table && [table.name, table.columns, table.keys, table.unreadable];
  return JSON.stringify([shape(source), shape(target)]);
}
