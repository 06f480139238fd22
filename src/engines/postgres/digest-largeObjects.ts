/** Large objects: no table holds them, only their numbers. Those of the whole database are added up. */
import type { SchemaObject } from '../../comparison/port.ts';
import { sentence } from '../../util/sentence.ts';
import type { Snapshot } from './digest-snapshot.ts';

/** Their numbers show to everybody, their pages only to superusers and members of `pg_read_all_data`. */
const COUNT = `SELECT count(*), has_table_privilege('pg_largeobject', 'SELECT') FROM pg_largeobject_metadata`;

const PAGES = `
  SELECT COALESCE(sum(('x' || left(md5(loid::text || ':' || pageno || ':' || md5(data)), 16))::bit(64)::bigint), 0)
    FROM pg_largeobject`;
const NUMBERS = `
  SELECT COALESCE(sum(('x' || left(md5(oid::text), 16))::bit(64)::bigint), 0) FROM pg_largeobject_metadata`;

export async function readLargeObjects(snapshot: Snapshot, signal: AbortSignal): Promise<SchemaObject[]> {
  const [row] = await snapshot.ask(COUNT, signal);
  const count = Number(row?.[0] ?? 0);
  if (count === 0) return [];
  const readable = row?.[1] === 't';
  const sums = [];
  for (const sql of readable ? [NUMBERS, PAGES] : [NUMBERS]) sums.push((await snapshot.query(sql, signal))[0]?.[0]);
  const object = { kind: 'large objects', schema: null, table: null, name: 'large objects' } as const;
  const found = { ...object, definition: `${count}: ${sums.join(' ')}`, exact: true };
  if (readable) return [found];
  return [
    found,
    {
      ...object,
      definition: '',
      unseen: sentence(
        '{endpoint} has {count} large objects, and this account may not read them: they were not compared. Grant pg_read_all_data to it.',
        { endpoint: snapshot.endpoint, count },
      ),
    },
  ];
}
