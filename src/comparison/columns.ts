/** What a column takes, and what it does with a row that says nothing of it: the same on both sides? Pure. */

export interface ColumnRules {
  /** columns of one family take the same kind of values */
  readonly family: string;
  /** a column that has at least as much in every place takes all values of the other */
  readonly room: readonly number[];
  /** where these are all it takes, in their order */
  readonly labels?: readonly string[];
  readonly nullable: boolean;
  /** default, generation and the like in one normalised text; null without */
  readonly filled: string | null;
  /** every version spells `filled` like this */
  readonly plain: boolean;
  readonly generated: boolean;
}

/**
 * null when both do the same. `counts`: rows that the source takes, or makes, would be refused or become others on the
 * target. A target that merely takes more does no harm. `uncertain`: nobody knows whether two expressions are the same.
 * @param filledAlike whether two texts of `filled` that differ say the same; null where that cannot be told
 */
export function columnsDiffer(
  source: ColumnRules,
  target: ColumnRules,
  filledAlike: (source: string, target: string) => boolean | null,
): { readonly counts: boolean; readonly uncertain?: boolean } | null {
  const type = typeRelation(source, target);
  if (type === 'narrower' || source.nullable !== target.nullable) return { counts: true };
  if (source.filled !== target.filled) {
    if ((source.plain && target.plain) || source.filled === null || target.filled === null) return { counts: true };
    const alike = filledAlike(source.filled, target.filled);
    if (alike !== true) return alike === false ? { counts: true } : { counts: false, uncertain: true };
  }
  return type === 'wider' ? { counts: false } : null;
}

function typeRelation(source: ColumnRules, target: ColumnRules): 'same' | 'wider' | 'narrower' {
  if (source.family !== target.family || source.room.length !== target.room.length) return 'narrower';
  const [mine, theirs] = [new Set(source.labels), new Set(target.labels)];
  if ([...mine].some((label) => !theirs.has(label))) return 'narrower';
  // rows are sorted by the place of their label
  const kept = (target.labels ?? []).filter((label) => mine.has(label));
  if (kept.some((label, i) => label !== source.labels?.[i])) return 'narrower';
  if (source.room.some((room, i) => (target.room[i] ?? 0) < room)) return 'narrower';
  return theirs.size > mine.size || source.room.some((room, i) => (target.room[i] ?? 0) > room) ? 'wider' : 'same';
}

/** Largest and, negated, smallest number, and digits after the point, of DECIMAL(precision, scale). */
export const decimalRoom = (precision: number, scale: number, signed = true): readonly number[] => {
  const largest = 10 ** (precision - scale);
  return [largest, signed ? largest : 0, scale];
};

/** The same for an integer of so many bits. */
export const integerRoom = (bits: number, signed = true): readonly number[] =>
  signed ? [2 ** (bits - 1), 2 ** (bits - 1) + 1, 0] : [2 ** bits, 0, 0];

/** `0.00` and `0` are the same number. */
export const plainNumber = (text: string): string =>
  /^-?\d+(\.\d*)?$/.test(text)
    ? text
        .replace(/(\.\d*?)0+$/, '$1')
        .replace(/\.$/, '')
        .replace(/^(-?)0+(?=\d)/, '$1')
    : text;
