/** How texts are compared: exact names where one product has both, what they tell apart between products. */
import type { Trait } from '../../comparison/traits.ts';
import type { Snapshot } from './digest-snapshot.ts';

export interface Collations {
  /** what decides which values are equal; `counts` also for another name that does nearly the same */
  trait(name: string, collation: string | null | undefined, weight: 'counts' | 'nearly'): readonly Trait[];
}

export async function readCollations(
  snapshot: Pick<Snapshot, 'dialect' | 'ask'>,
  signal: AbortSignal,
): Promise<Collations> {
  // MariaDB has names without a character set since 10.10, and whole ones in a column of their own
  const cells = await snapshot.ask('SELECT * FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY', signal);
  const all = new Set(cells.flat().map((cell) => plainName(cell ?? '')));
  const product = snapshot.dialect.mariaDb ? 'MariaDB' : 'MySQL';
  return {
    trait(name, collation, weight) {
      if (collation == null || collation === '') return [];
      const value = plainName(collation);
      const charset = value.split('_')[0] ?? '';
      return [
        {
          ...{ name, value, weight: 'counts', likeness: tellsApart(value) },
          ...(weight === 'counts' ? { choices: { of: `${product} ${charset}`, all } } : {}),
        },
      ];
    },
  };
}

/** `utf8` is the old name of what is `utf8mb3` now. */
export const plainName = (name: string) => name.toLowerCase().replace(/^utf8(?=_|$)/, 'utf8mb3');

/** Case and accents. Where the name says nothing of accents, they go with the case (manual: collation names). */
export function tellsApart(collation: string): 'all' | 'case' | 'accents' | 'neither' {
  if (collation === 'binary' || collation.endsWith('_bin')) return 'all';
  const parts = collation.split('_');
  const cases = parts.includes('cs');
  const accents = parts.includes('as') || (cases && !parts.includes('ai'));
  if (cases) return accents ? 'all' : 'case';
  return accents ? 'accents' : 'neither';
}
