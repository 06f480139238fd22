/** What a MySQL or MariaDB database holds besides rows, with definitions that read alike on both sides. */
import type { SchemaObject } from '../../comparison/port.ts';
import type { Snapshot } from './digest-snapshot.ts';
import { documentsIn, readChecks } from './digest-checks.ts';
import { readCollations } from './digest-collations.ts';
import { createdOn } from './digest-created.ts';
import { readColumns } from './digest-columns.ts';
import { readDefiners } from './digest-definers.ts';
import { readForeignKeys, readIndexes } from './digest-indexes.ts';
import { readNumbers } from './digest-numbers.ts';
import { readOptions } from './digest-options.ts';
import { readPrograms } from './digest-programs.ts';
import { unseenObjects } from './digest-unseen.ts';
import { fromCatalog, normalised, quotingOf } from './digest-spelling.ts';
import { quoteName, quoteText } from './text.ts';

export async function readObjects(snapshot: Snapshot, signal: AbortSignal): Promise<SchemaObject[]> {
  const { database } = snapshot;
  const expression = (text: string) => normalised(snapshot.dialect.mariaDb ? text : fromCatalog(text), database);
  // a statement that came among others keeps the ; that ended it
  const program = (text: string, modes = '') => normalised(text, database, quotingOf(modes)).replace(/[;\s]+$/, '');
  const collations = await readCollations(snapshot, signal);
  const definers = await readDefiners(snapshot, signal);
  const created = createdOn(snapshot, signal);
  const checks = await readChecks({ snapshot, created, normalised: expression }, signal);
  const documents = documentsIn(checks);
  return [
    ...(await readPrograms({ snapshot, collations, definers, created, normalised: program }, signal)),
    ...(await readIndexes({ snapshot, created, normalised: expression }, signal)),
    ...(await readForeignKeys(snapshot, signal)),
    ...(await readGrants(snapshot, signal)),
    ...checks,
    ...(await readColumns({ snapshot, collations, created, normalised: expression, documents }, signal)),
    ...(await readOptions({ snapshot, collations, created, checks }, signal)),
    ...(await readNumbers(snapshot, signal)),
    ...(await unseenObjects(snapshot, signal)),
  ];
}

async function readGrants(snapshot: Snapshot, signal: AbortSignal): Promise<SchemaObject[]> {
  const { database } = snapshot;
  const rows = await snapshot.ask(
    `SELECT TABLE_NAME, GRANTEE, GROUP_CONCAT(PRIVILEGE_TYPE ORDER BY PRIVILEGE_TYPE SEPARATOR ', ')
       FROM information_schema.TABLE_PRIVILEGES WHERE TABLE_SCHEMA = ${quoteText(database)} GROUP BY TABLE_NAME, GRANTEE`,
    signal,
  );
  return rows.map(([table, grantee, privileges]) => ({
    ...{ kind: 'grant', schema: null, table: { database, schema: null, name: table ?? '' } },
    ...{ name: grantee ?? '', definition: privileges ?? '' },
  }));
}

export function raiseStatement(object: SchemaObject, database: string, next: bigint): string {
  if (object.kind === 'sequence') {
    return `ALTER SEQUENCE ${quoteName(database)}.${quoteName(object.name)} RESTART ${next};`;
  }
  const table = `${quoteName(database)}.${quoteName(object.table?.name ?? object.name)}`;
  return `ALTER TABLE ${table} AUTO_INCREMENT = ${next};`;
}
