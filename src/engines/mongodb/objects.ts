/** Databases, their collections, views and indexes, and exact counts, without the server's own and DTS's. */
import type { ObjectName } from '../../cutover/facts.ts';
import { DTS_FOOTPRINT, type ObjectFacts } from '../engine.ts';
import { optional, type Link } from './link.ts';
import { isSystemDatabase, numberOf, stringOf } from './text.ts';

/** A count of a large collection is one long scan; the signal ends it earlier. */
const COUNT_LIMIT_MS = 60 * 60_000;

export async function listDatabases(link: Link, signal: AbortSignal): Promise<readonly string[]> {
  return (await listAllDatabases(link, signal)).filter((name) => !DTS_FOOTPRINT.mongodb.databases.includes(name));
}

/** With those of DTS. An account without listDatabases sees the ones it has a right on. */
export async function listAllDatabases(link: Link, signal: AbortSignal): Promise<readonly string[]> {
  const answer = await link.command('admin', { listDatabases: 1, nameOnly: true }, signal);
  const databases: unknown = answer['databases'];
  const names = Array.isArray(databases) ? databases.map((each: { name?: unknown }) => stringOf(each.name)) : [];
  return names.filter((name) => name !== '' && !isSystemDatabase(name)).sort();
}

/** Time series are listed as collections under their own name; the buckets behind them are not. */
export async function listObjects(link: Link, database: string, signal: AbortSignal): Promise<readonly ObjectFacts[]> {
  const objects: ObjectFacts[] = [];
  const all = await link.listCollections(database, signal);
  const add = (kind: ObjectFacts['kind'], name: string, estimatedRows: number | null) =>
    objects.push({ kind, object: { database, schema: null, name }, estimatedRows });
  for (const { type, name: listed } of all) {
    const name = stringOf(listed);
    if (name.startsWith('system.')) continue;
    if (type === 'view') {
      add('view', name, null);
      continue;
    }
    add('collection', name, type === 'timeseries' ? null : await estimate(link, database, name, signal));
    // gone again since it was listed: no indexes
    for (const index of (await optional(link.listIndexes(database, name, signal))) ?? []) {
      // index names are unique within a collection only
      add('index', `${name}.${stringOf(index['name'])}`, null);
    }
  }
  return objects;
}

/** By the collection's own bookkeeping; over a mongos the sum of the shards. */
async function estimate(link: Link, database: string, name: string, signal: AbortSignal): Promise<number | null> {
  const answer = await optional(link.aggregate(database, name, [{ $collStats: { count: {} } }], signal));
  const counts = answer?.map((shard) => numberOf(shard['count'])) ?? [];
  return counts.length === 0 || counts.includes(null) ? null : counts.reduce<number>((sum, n) => sum + (n ?? 0), 0);
}

export async function countRows(link: Link, table: ObjectName, signal: AbortSignal): Promise<number> {
  return link.countDocuments(table.database, table.name, COUNT_LIMIT_MS, signal);
}
