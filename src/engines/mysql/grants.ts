/** What an account may do where, from the lines of SHOW GRANTS. Pure. A line that cannot be read grants nothing. */

export interface Grants {
  /** on whatever this database holds or will hold */
  onDatabase(privilege: string, database: string): boolean;
  /** the same by a grant on everything, as some rights on the server's own tables are judged */
  everywhere(privilege: string, database: string): boolean;
  onTable(privilege: string, database: string, table: string): boolean;
}

interface Line {
  readonly revoked: boolean;
  readonly privileges: ReadonlySet<string>;
  /** a name that may hold wildcards; null for all */
  readonly database: string | null;
  readonly table: string | null;
}

const NAME = '(\\*|`(?:[^`]|``)*`)';
const LINE = new RegExp(`^(GRANT|REVOKE) (.+?) ON ${NAME}\\.${NAME} (?:TO|FROM) `, 'is');

export function grantsOf(lines: readonly string[]): Grants {
  const known = lines.flatMap(lineOf);
  const held = (privilege: string, database: string, test: (line: Line) => boolean) => {
    const about = known.filter(({ privileges }) => privileges.has(privilege) || privileges.has('ALL PRIVILEGES'));
    // MySQL 8 may take back on one database what it gave on all of them
    const revoked = about.some((line) => line.revoked && line.table === null && covers(line.database, database));
    return !revoked && about.some((line) => !line.revoked && test(line));
  };
  return {
    onDatabase: (privilege, database) =>
      held(privilege, database, (line) => line.table === null && covers(line.database, database)),
    everywhere: (privilege, database) =>
      held(privilege, database, (line) => line.table === null && line.database === null),
    onTable: (privilege, database, table) =>
      held(
        privilege,
        database,
        (line) => (line.table === null || line.table === table) && covers(line.database, database),
      ),
  };
}

function lineOf(text: string): Line[] {
  const [, verb = '', privileges = '', database = '', table = ''] = LINE.exec(text) ?? [];
  if (verb === '') return [];
  return [
    {
      revoked: verb.toUpperCase() === 'REVOKE',
      privileges: new Set(privileges.split(',').map((each) => each.trim().toUpperCase())),
      database: unquoted(database),
      table: unquoted(table),
    },
  ];
}

const unquoted = (name: string) => (name === '*' ? null : name.slice(1, -1).replaceAll('``', '`'));

/** `%` and `_` in a grant stand for any characters unless escaped. */
function covers(pattern: string | null, database: string): boolean {
  if (pattern === null) return true;
  const regular = pattern.replace(
    /\\([%_])|[%_]|[.*+?^${}()|[\]\\]/g,
    (found, escaped?: string) => escaped ?? (found === '%' ? '.*' : found === '_' ? '.' : `\\${found}`),
  );
  return new RegExp(`^${regular}$`, 's').test(database);
}
