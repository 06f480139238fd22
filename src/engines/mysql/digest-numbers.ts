/** Where the numbers that the server gives by itself go on: AUTO_INCREMENT, and MariaDB's sequences. */
import type { SchemaObject } from '../../comparison/port.ts';
import type { Trait } from '../../comparison/traits.ts';
import type { Cell, Snapshot } from './digest-snapshot.ts';
import { fillerCondition } from './digest-catalog.ts';
import { quoteName, quoteText } from './text.ts';

export async function readNumbers(snapshot: Snapshot, signal: AbortSignal): Promise<SchemaObject[]> {
  return [...(await autoIncrements(snapshot, signal)), ...(await sequences(snapshot, signal))];
}

async function autoIncrements(snapshot: Snapshot, signal: AbortSignal): Promise<SchemaObject[]> {
  const { database } = snapshot;
  const numbered = await snapshot.ask(
    // the number alone says nothing: MySQL keeps one for the hidden column of a FULLTEXT index as well
    `SELECT t.TABLE_NAME, COALESCE(t.AUTO_INCREMENT, 1), ${fillerCondition('c')} FROM information_schema.TABLES t
       JOIN information_schema.COLUMNS c ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME
      WHERE t.TABLE_SCHEMA = ${quoteText(database)} AND c.TABLE_SCHEMA = ${quoteText(database)} AND c.EXTRA LIKE '%auto_increment%'`,
    signal,
  );
  return numbered.map(([table, next, filler]): SchemaObject => ({
    ...(filler === '1' ? { part: true } : {}),
    kind: 'auto increment',
    schema: null,
    table: { database, schema: null, name: table ?? '' },
    name: 'AUTO_INCREMENT',
    definition: '',
    next: { value: BigInt(next ?? 1), ascending: true },
  }));
}

/** On MySQL there are none. Reading one takes no number from it. */
async function sequences(snapshot: Snapshot, signal: AbortSignal): Promise<SchemaObject[]> {
  const { database } = snapshot;
  const names = await snapshot.ask(
    `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${quoteText(database)} AND TABLE_TYPE = 'SEQUENCE'`,
    signal,
  );
  const found: SchemaObject[] = [];
  for (const [name] of names) {
    const [row] = await snapshot.ask(
      `SELECT next_not_cached_value, start_value, increment, cache_size, minimum_value, maximum_value, cycle_option FROM ${quoteName(database)}.${quoteName(name ?? '')}`,
      signal,
    );
    found.push({
      kind: 'sequence',
      schema: null,
      table: null,
      name: name ?? '',
      definition: '',
      next: row && nextOf(row.map((cell) => BigInt(cell ?? 0))),
      traits: row ? limitsOf(row) : [],
    });
  }
  return found;
}

/** Where it ends, and what it does then. From where it began matters to a RESTART only. */
function limitsOf([, start, increment, cache, least, most, cycles]: readonly Cell[]): readonly Trait[] {
  const trait = (name: string, value: Cell | undefined, weight: Trait['weight']) => ({
    ...{ name, value: value ?? '', weight },
  });
  return [
    trait('INCREMENT', increment, 'counts'),
    trait('MINVALUE', least, 'counts'),
    trait('MAXVALUE', most, 'counts'),
    trait('CYCLE', cycles === '1' ? 'yes' : 'no', 'counts'),
    trait('START', start, 'told'),
    trait('CACHE', cache, 'told'),
  ];
}

/**
 * The server reserves numbers in blocks; how many of the last block it has given, it keeps in memory. With an increment
 * of 0 the server's own setting counts, at least 1.
 */
function nextOf([value = 0n, start = 0n, increment = 0n, cache = 0n]: readonly bigint[]): SchemaObject['next'] {
  const step = increment === 0n ? 1n : increment;
  const exact = { value, ascending: step > 0n };
  if (cache <= 1n) return exact;
  const block = step * cache;
  return value === start ? { ...exact, block } : { ...exact, block, nearest: value - block };
}
