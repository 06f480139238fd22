/** Databases, their objects and exact counts, without the server's own and DTS's. */
import type { ObjectName } from '../../cutover/facts.ts';
import { DTS_FOOTPRINT, type ObjectFacts } from '../engine.ts';
import type { Link } from './link.ts';
import { countRows as countStatement, DATABASES, objects } from './sql/objects.ts';
import { quoteName } from './text.ts';

/** A count of a large table is one long scan; the signal ends it earlier. */
const COUNT_LIMIT_MS = 60 * 60_000;

export async function listDatabases(link: Link, signal: AbortSignal): Promise<readonly string[]> {
  const rows = await link.rows(DATABASES, signal);
  return rows.map((row) => row['name'] ?? '').filter((name) => !DTS_FOOTPRINT.sqlserver.databases.includes(name));
}

export async function listObjects(link: Link, database: string, signal: AbortSignal): Promise<readonly ObjectFacts[]> {
  const rows = await link.rows(objects(quoteName(database)), signal);
  return rows.flatMap((row) => {
    const kind = KINDS.find((known) => known === row['kind']);
    if (!kind) return [];
    const rowCount = row['row_count'] ?? null;
    return [
      {
        kind,
        object: { database, schema: row['schema_name'] ?? null, name: row['object_name'] ?? '' },
        estimatedRows: rowCount === null ? null : Number(rowCount),
      },
    ];
  });
}

const KINDS = ['table', 'view', 'routine', 'trigger', 'sequence', 'index', 'constraint'] as const;

export async function countRows(link: Link, table: ObjectName, signal: AbortSignal): Promise<number> {
  const name = [table.database, table.schema ?? 'dbo', table.name].map(quoteName).join('.');
  const [row] = await link.rows(countStatement(name), signal, COUNT_LIMIT_MS);
  return Number(row?.['row_count'] ?? NaN);
}
