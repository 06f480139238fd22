/** The catalog leaves out, without a word, what the account has no right to: which rights would show everything? */
import type { SchemaObject } from '../../comparison/port.ts';
import { sentence } from '../../util/sentence.ts';
import type { Snapshot } from './digest-snapshot.ts';
import { grantsOf, type Grants } from './grants.ts';
import { quoteName, quoteText } from './text.ts';

export async function unseenObjects(snapshot: Snapshot, signal: AbortSignal): Promise<SchemaObject[]> {
  const { database, endpoint } = snapshot;
  const grants = grantsOf((await snapshot.ask('SHOW GRANTS', signal)).map(([line]) => line ?? ''));
  const missing = ['TRIGGER', 'EVENT'].filter((privilege) => !grants.onDatabase(privilege, database));
  if (!grants.onDatabase('SHOW VIEW', database) && (await anyWithout(VIEW_TEXT, snapshot, signal))) {
    missing.push('SHOW VIEW');
  }
  const rights = missing.length > 0 ? [`${missing.join(', ')} ON ${quoteName(database)}.*`] : [];
  if (!(await seesRoutines(grants, snapshot, signal))) {
    rights.push(snapshot.dialect.mariaDb ? 'SELECT ON mysql.proc' : 'SELECT ON *.*');
  }
  if (rights.length === 0) return [];
  return [
    {
      kind: 'routine',
      schema: null,
      table: null,
      name: '',
      definition: '',
      unseen: sentence(
        'The account on {endpoint} may not see every trigger, event, view or routine; it lacks {rights}.',
        {
          endpoint,
          rights: rights.join('; '),
        },
      ),
    },
  ];
}

/** Their names show with any right on routines, their text only with a right to read the server's own list of them. */
async function seesRoutines(grants: Grants, snapshot: Snapshot, signal: AbortSignal): Promise<boolean> {
  const { database, dialect } = snapshot;
  if (grants.everywhere('SELECT', database) || grants.everywhere('SHOW_ROUTINE', database)) return true;
  if (dialect.mariaDb && grants.onTable('SELECT', 'mysql', 'proc')) return true;
  if (grants.onDatabase('SHOW CREATE ROUTINE', database)) return true;
  const named = ['EXECUTE', 'CREATE ROUTINE', 'ALTER ROUTINE'].some((right) => grants.onDatabase(right, database));
  return named && !(await anyWithout(ROUTINE_TEXT, snapshot, signal));
}

const VIEW_TEXT = ['VIEWS', 'TABLE_SCHEMA', 'VIEW_DEFINITION'] as const;
const ROUTINE_TEXT = ['ROUTINES', 'ROUTINE_SCHEMA', 'ROUTINE_DEFINITION'] as const;

async function anyWithout(
  [list, schema, text]: readonly [string, string, string],
  snapshot: Snapshot,
  signal: AbortSignal,
): Promise<boolean> {
  const rows = await snapshot.ask(
    `SELECT 1 FROM information_schema.${list} WHERE ${schema} = ${quoteText(snapshot.database)} AND COALESCE(${text}, '') = '' LIMIT 1`,
    signal,
  );
  return rows.length > 0;
}
