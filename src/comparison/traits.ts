/** Properties of an object that are compared one by one: which differ between the sides, and does it matter? Pure. */
import type { Sentence } from '../util/sentence.ts';

export interface Trait {
  /** as one would write it in a statement; unique within the object */
  readonly name: string;
  readonly value: string;
  /** of the source: whether it matters that the target has another; `spelled`: between servers that spell alike */
  readonly weight: 'counts' | 'spelled' | 'told';
  /** values of one likeness do nearly the same: another of them is told, and counts only where `choices` say so */
  readonly likeness?: string;
  /** what one could have chosen on this server; `of` says which servers' choices can be compared */
  readonly choices?: { readonly of: string; readonly all: ReadonlySet<string> };
  /** what has more of it takes all that has less: more of it on the target is told only */
  readonly room?: number;
  /** compared only where this is the same on both sides */
  readonly onlyWith?: string;
  /** of the source: said by itself instead of the two values */
  readonly remark?: Sentence;
}

export interface TraitDifference {
  readonly source: Trait;
  readonly target: Trait;
  readonly counts: boolean;
  /** the target could not have the source's value */
  readonly unavoidable: boolean;
  /** the two may be the same, spelled differently */
  readonly uncertain: boolean;
}

/** A property that only one of two versions knows is not compared. */
export function differingTraits(
  source: readonly Trait[],
  target: readonly Trait[],
  sameSpelling: boolean,
): TraitDifference[] {
  const theirs = new Map(target.map((trait) => [trait.name, trait]));
  return source.flatMap((mine) => {
    const other = theirs.get(mine.name);
    if (!other || mine.value === other.value || mine.onlyWith !== other.onlyWith) return [];
    const unavoidable = other.choices !== undefined && !other.choices.all.has(mine.value);
    const counts = matters(mine, other, sameSpelling, unavoidable);
    const uncertain = mine.weight === 'spelled' && !sameSpelling;
    return [{ source: mine, target: other, counts, unavoidable, uncertain }];
  });
}

function matters(source: Trait, target: Trait, sameSpelling: boolean, unavoidable: boolean): boolean {
  if (source.weight === 'told') return false;
  if (source.weight === 'spelled' && !sameSpelling) return false;
  if ((target.room ?? 0) > (source.room ?? Infinity)) return false;
  if (source.likeness === undefined || source.likeness !== target.likeness) return true;
  return source.choices !== undefined && source.choices.of === target.choices?.of && !unavoidable;
}

/** `NAME value, NAME value` of one side. */
export const spelledOut = (differences: readonly TraitDifference[], side: 'source' | 'target'): string =>
  differences.map((difference) => `${difference[side].name} ${difference[side].value}`.trim()).join(', ');
