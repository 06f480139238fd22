/** Where a sequence of PostgreSQL ends, and what it does then. */
import type { Trait } from '../../comparison/traits.ts';
import type { Cell } from './digest-snapshot.ts';

/** Columns over `pg_sequence AS s`: type, smallest, largest, whether it starts again, numbers reserved at once. */
export const SEQUENCE_LIMITS = 's.seqtypid::regtype::text, s.seqmin, s.seqmax, s.seqcycle, s.seqcache, s.seqstart';

const BITS: Readonly<Record<string, number>> = { smallint: 16, integer: 32, bigint: 64 };

/** A limit that comes from the type alone is not counted: a column that became wider on the way has a wider sequence. */
export function limitsOf(increment: Cell | undefined, limits: readonly (Cell | undefined)[]): readonly Trait[] {
  const [type, least, most, cycles, cache, start] = limits;
  const half = 2n ** BigInt((BITS[type ?? ''] ?? 64) - 1);
  const unlessOfType = (limit: Cell | undefined, end: bigint) =>
    limit === String(end) ? 'of its type' : (limit ?? '');
  return [
    { name: 'INCREMENT', value: increment ?? '', weight: 'counts' },
    { name: 'MINVALUE', value: unlessOfType(least, -half), weight: 'counts' },
    { name: 'MAXVALUE', value: unlessOfType(most, half - 1n), weight: 'counts' },
    { name: 'CYCLE', value: cycles === 't' ? 'yes' : 'no', weight: 'counts' },
    // of those that serve a column, the column tells as well
    { name: 'AS', value: type ?? '', weight: type === 'bigint' ? 'counts' : 'told' },
    // where ALTER SEQUENCE … RESTART goes
    { name: 'START', value: start ?? '', weight: 'told' },
    { name: 'CACHE', value: cache ?? '', weight: 'told' },
  ];
}

/** What it gives after `last`: one with CYCLE begins again at its other end. */
export function afterwards(last: bigint, step: bigint, limits: readonly (Cell | undefined)[]): bigint {
  const [, least, most, cycles] = limits;
  const next = last + step;
  if (cycles !== 't' || least == null || most == null) return next;
  if (next > BigInt(most)) return BigInt(least);
  return next < BigInt(least) ? BigInt(most) : next;
}

/** No number that the sequence could give. */
export function isBeyond(value: bigint, traits: readonly Trait[]): boolean {
  const trait = (name: string) => traits.find((each) => each.name === name)?.value ?? '';
  const half = 2n ** BigInt((BITS[trait('AS')] ?? 64) - 1);
  const limit = (name: string, ofType: bigint) => (/^-?\d+$/.test(trait(name)) ? BigInt(trait(name)) : ofType);
  return value > limit('MAXVALUE', half - 1n) || value < limit('MINVALUE', -half);
}
