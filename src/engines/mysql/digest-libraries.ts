/** What MySQL 9 brought: libraries of JavaScript, routines that use them, and views that are documents. */
import type { SchemaObject } from '../../comparison/port.ts';
import type { Trait } from '../../comparison/traits.ts';
import type { Snapshot } from './digest-snapshot.ts';
import { quoteText } from './text.ts';

export interface Newer {
  readonly libraries: readonly SchemaObject[];
  /** by `FUNCTION name` or `PROCEDURE name` */
  readonly ofRoutines: ReadonlyMap<string, readonly Trait[]>;
  /** by the name of the view */
  readonly ofViews: ReadonlyMap<string, readonly Trait[]>;
}

export async function readNewer(snapshot: Snapshot, signal: AbortSignal): Promise<Newer> {
  const schema = quoteText(snapshot.database);
  const catalogs = await snapshot.ask(
    `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'information_schema'
        AND TABLE_NAME IN ('LIBRARIES', 'ROUTINE_LIBRARIES', 'JSON_DUALITY_VIEW_TABLES')`,
    signal,
  );
  const ask = async (catalog: string, sql: string) =>
    catalogs.some(([name]) => name === catalog) ? snapshot.ask(sql, signal) : [];
  const libraries = await ask(
    'LIBRARIES',
    `SELECT LIBRARY_NAME, LANGUAGE, LIBRARY_DEFINITION FROM information_schema.LIBRARIES WHERE LIBRARY_SCHEMA = ${schema}`,
  );
  const used = await ask(
    'ROUTINE_LIBRARIES',
    `SELECT CONCAT(ROUTINE_TYPE, ' ', ROUTINE_NAME), GROUP_CONCAT(CONCAT_WS('.', NULLIF(LIBRARY_SCHEMA, ${schema}), LIBRARY_NAME, LIBRARY_VERSION)
              ORDER BY LIBRARY_SCHEMA, LIBRARY_NAME SEPARATOR ', ')
       FROM information_schema.ROUTINE_LIBRARIES WHERE ROUTINE_SCHEMA = ${schema} GROUP BY 1`,
  );
  const documents = await ask(
    'JSON_DUALITY_VIEW_TABLES',
    `SELECT TABLE_NAME, GROUP_CONCAT(CONCAT_WS(' ', REFERENCED_TABLE_NAME, IF(ALLOW_INSERT, 'INSERT', NULL),
              IF(ALLOW_UPDATE, 'UPDATE', NULL), IF(ALLOW_DELETE, 'DELETE', NULL)) ORDER BY REFERENCED_TABLE_ID SEPARATOR ', ')
       FROM information_schema.JSON_DUALITY_VIEW_TABLES WHERE TABLE_SCHEMA = ${schema} GROUP BY TABLE_NAME`,
  );
  const trait = (name: string, value: string | null | undefined): readonly Trait[] => [
    { name, value: value ?? '', weight: 'counts' },
  ];
  return {
    libraries: libraries.map(([name, language, text]) => ({
      ...{ kind: 'routine', schema: null, table: null, name: `library ${name}` },
      ...{ definition: `${language} ${text ?? ''}`, spelledAlike: true },
    })),
    ofRoutines: new Map(used.map(([name, names]) => [name ?? '', trait('libraries', names)])),
    ofViews: new Map(documents.map(([name, tables]) => [name ?? '', trait('documents take', tables)])),
  };
}
