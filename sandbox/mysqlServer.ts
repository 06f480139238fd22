/**
 * Private servers of MySQL proper, like those of `mariadb.ts`: the server that scripts/servers unpacked, on a copy of a
 * data folder that is initialised once on a machine (half a minute).
 */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { serversFolder } from '../scripts/servers/folder.ts';
import { ensureMySql } from '../scripts/servers/mysql.ts';
import { asRoot, startMysqlServer, templateData, type MysqlOptions, type MysqlServer } from './mysqlProcess.ts';

const run = promisify(execFile);

/** Starts one server, installing MySQL at first. Rejects with one line where it cannot be had. */
export async function startMySql(options: MysqlOptions = {}): Promise<MysqlServer> {
  const { root, command, version } = await ensureMySql();
  const mysqld = command('mysqld');
  const [program, ...first] = mysqld;
  const places = {
    basedir: path.join(root, 'usr'),
    'lc-messages-dir': path.join(root, 'usr/share/mysql'),
    'character-sets-dir': path.join(root, 'usr/share/mysql/charsets'),
    'plugin-dir': path.join(root, 'usr/lib/mysql/plugin'),
    'secure-file-priv': 'NULL',
    'innodb-redo-log-capacity': '16M',
  };
  const template = await templateData(serversFolder(), `mysql-${version}-data`, (folder) =>
    run(program, [
      ...first,
      '--no-defaults',
      ...asRoot,
      ...Object.entries(places).map(([name, value]) => `--${name}=${value}`),
      '--initialize-insecure',
      `--datadir=${folder}`,
    ]),
  );
  return startMysqlServer(
    { name: 'mysql', command: mysqld, template, settings: { ...places, mysqlx: 'OFF' } },
    options,
  );
}
