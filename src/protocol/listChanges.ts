/**
 * A long list as it crosses to the panel: whole once, afterwards what changed. Nearly all of what stood in the last
 * picture stands in the next one, and need not be told again.
 */
export interface ListChanges<Row> {
  /** keys of what is there no more */
  readonly gone: readonly string[];
  /** what is new or different */
  readonly set: readonly Row[];
  /** how many there are now */
  readonly size: number;
}

export type KeyOf<Row> = (row: Row) => string;

/** By key, numbers in their order: an order of which both sides are sure without telling each other. */
export function ordered<Row>(rows: readonly Row[], keyOf: KeyOf<Row>): readonly Row[] {
  return rows
    .map((row) => ({ row, key: keyOf(row) }))
    .sort((a, b) => a.key.length - b.key.length || (a.key < b.key ? -1 : Number(a.key > b.key)))
    .map(({ row }) => row);
}

/**
 * What makes the one list of the other; null where it is the same one. Undefined where a key stands for two rows: then
 * only the whole list will do.
 */
export function changesBetween<Row>(
  before: readonly Row[],
  after: readonly Row[],
  keyOf: KeyOf<Row>,
  isSame: (before: Row, after: Row) => boolean = isEqual,
): ListChanges<Row> | null | undefined {
  if (before === after) return null;
  const old = byKey(before, keyOf);
  const now = byKey(after, keyOf);
  if (old.size !== before.length || now.size !== after.length) return undefined;
  const isNews = (row: Row) => {
    const same = old.get(keyOf(row));
    return same === undefined || !isSame(same, row);
  };
  return {
    gone: [...old.keys()].filter((key) => !now.has(key)),
    set: after.filter(isNews),
    size: after.length,
  };
}

/** The list after the changes, in order. Undefined where they do not fit the list they are applied to. */
export function applyChanges<Row>(
  before: readonly Row[],
  changes: ListChanges<Row> | null,
  keyOf: KeyOf<Row>,
): readonly Row[] | undefined {
  if (changes === null) return before;
  const rows = byKey(before, keyOf);
  for (const key of changes.gone) rows.delete(key);
  for (const row of changes.set) rows.set(keyOf(row), row);
  return rows.size === changes.size ? ordered([...rows.values()], keyOf) : undefined;
}

const byKey = <Row>(rows: readonly Row[], keyOf: KeyOf<Row>) => new Map(rows.map((row) => [keyOf(row), row]));

/** Plain data: texts, numbers, and sentences with what fills them. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return left.length === right.length && left.every(([key, value]) => isEqual(value, Reflect.get(b, key)));
}
