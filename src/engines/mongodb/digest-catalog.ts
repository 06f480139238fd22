/** The collections of a database as tables: one key, `_id`, and the document. */
import type { Document } from 'mongodb';
import type { ColumnShape, TableShape } from '../../comparison/port.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import { CODE, errorNumber } from './errors.ts';
import { optional, type Link } from './link.ts';
import { at, numberOf, stringOf, textOf } from './text.ts';

export interface CollectionFacts {
  readonly name: string;
  readonly type: 'collection' | 'view' | 'timeseries';
  readonly options: Document;
  readonly indexes: readonly Document[];
  readonly estimatedRows: number | null;
  /** bytes, by the server's statistics */
  readonly averageSize: number | null;
}

export interface Catalog {
  readonly collections: readonly CollectionFacts[];
  /** false: only what this account has a right on is listed, and no options */
  readonly complete: boolean;
}

export async function readCatalog(link: Link, database: string, signal: AbortSignal): Promise<Catalog> {
  const { listed, complete } = await list(link, database, signal);
  const collections: CollectionFacts[] = [];
  for (const each of listed) {
    const name = stringOf(each['name']);
    // the server's own: bucket collections of time series, definitions of views
    if (name.startsWith('system.')) continue;
    const type = (['view', 'timeseries'] as const).find((other) => other === each['type']) ?? 'collection';
    const plain = type === 'collection';
    const indexes = type === 'view' ? null : await optional(link.listIndexes(database, name, signal));
    collections.push({
      name,
      type,
      options: (each['options'] ?? {}) as Document,
      indexes: indexes ?? [],
      ...(plain ? await sizes(link, database, name, signal) : { estimatedRows: null, averageSize: null }),
    });
  }
  return { collections, complete };
}

async function list(
  link: Link,
  database: string,
  signal: AbortSignal,
): Promise<{ readonly listed: readonly Document[]; readonly complete: boolean }> {
  try {
    return { listed: await link.listCollections(database, signal), complete: true };
  } catch (error) {
    if (errorNumber(error) !== CODE.unauthorized) throw error;
    const seen = await listAuthorized(link, database, signal);
    // nothing at all is no list
    if (seen.length === 0) throw error;
    return { listed: seen, complete: false };
  }
}

async function listAuthorized(link: Link, database: string, signal: AbortSignal): Promise<readonly Document[]> {
  const command = { listCollections: 1, nameOnly: true, authorizedCollections: true, cursor: { batchSize: 100_000 } };
  const batch: unknown = at(await link.command(database, command, signal), 'cursor', 'firstBatch');
  return Array.isArray(batch) ? (batch as Document[]) : [];
}

/** By the collection's own bookkeeping; over a mongos the sum of the shards. */
async function sizes(
  link: Link,
  database: string,
  name: string,
  signal: AbortSignal,
): Promise<Pick<CollectionFacts, 'estimatedRows' | 'averageSize'>> {
  const stages = [{ $collStats: { count: {}, storageStats: {} } }];
  const shards = await optional(link.aggregate(database, name, stages, signal));
  const counts = (shards ?? []).map((shard) => numberOf(shard['count']));
  const bytes = (shards ?? []).map((shard) => numberOf(at(shard, 'storageStats', 'size')));
  const total = (numbers: readonly (number | null)[]) =>
    numbers.length === 0 || numbers.includes(null) ? null : numbers.reduce<number>((sum, n) => sum + (n ?? 0), 0);
  const [estimatedRows, size] = [total(counts), total(bytes)];
  return { estimatedRows, averageSize: estimatedRows && size !== null ? size / estimatedRows : null };
}

/** Views are compared by their definition, not by their rows. */
export function tablesOf({ collections }: Catalog, database: string): TableShape[] {
  return collections
    .filter(({ type }) => type !== 'view')
    .map(({ name, type, options, estimatedRows }) => ({
      name: { database, schema: null, name },
      columns: [
        column('_id', options['collation'] === undefined ? null : textOf(options['collation'])),
        column('document', null),
      ],
      keys: [{ name: '_id_', primary: true, columns: ['_id'] }],
      estimatedRows,
      unreadable:
        type === 'timeseries'
          ? sentence(
              '{name} is a time series: its measurements have no _id, and servers put them into buckets in their own way.',
              { name },
            )
          : null,
    }));
}

const column = (name: string, collation: string | null): ColumnShape => ({
  name,
  type: 'bson',
  declared: 'bson',
  nullable: false,
  generated: false,
  scale: null,
  collation,
  charset: null,
});

/** Without the right to list all databases, a server names only those that the account has a right on. */
export async function unseenDatabases(link: Link, signal: AbortSignal): Promise<Sentence | null> {
  try {
    await link.command('admin', { listDatabases: 1, nameOnly: true, authorizedDatabases: false }, signal);
    return null;
  } catch (error) {
    if (errorNumber(error) !== CODE.unauthorized) throw error;
  }
  return sentence('{account} may not list all databases: there may be more than were compared.', {
    account: link.where.user,
  });
}

export function blindSpotOf({ complete }: Catalog, link: Link, database: string): Sentence | null {
  if (complete) return null;
  return sentence('{account} may not list the collections of {database}: there may be more than were compared.', {
    account: link.where.user,
    database,
  });
}
