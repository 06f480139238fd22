/**
 * Private MariaDB servers for tests, the demo and the bench: each with a temporary data folder, a free port on
 * 127.0.0.1, ROW binary logging, and nothing of the machine's own configuration. Uses the installed `mariadbd`.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { inRepository } from '../scripts/paths.ts';
import { asRoot, startMysqlServer, templateData, type MysqlOptions, type MysqlServer } from './mysqlProcess.ts';

const run = promisify(execFile);

export type MariaDbOptions = MysqlOptions;
export type MariaDb = MysqlServer;

/** Whether a MariaDB server is installed here. */
export function haveMariaDb(): boolean {
  return binary('mariadbd') !== null;
}

/** Starts one server; the first call on a machine makes the data template (a few seconds), later ones take about one. */
export async function startMariaDb(options: MariaDbOptions = {}): Promise<MariaDb> {
  const mariadbd = binary('mariadbd');
  const installer = binary('mariadb-install-db');
  if (!mariadbd || !installer) throw new Error('mariadbd is not installed (Debian: apt-get install mariadb-server)');
  const { stdout } = await run(mariadbd, ['--no-defaults', '--version']);
  const version = /Ver ([\w.-]+)/.exec(stdout)?.[1] ?? 'unknown';
  const template = await templateData(inRepository('.sandbox'), `mariadb-${version}`, (folder) =>
    run(installer, [
      '--no-defaults',
      ...asRoot,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      `--datadir=${folder}`,
    ]),
  );
  const settings = { 'innodb-log-file-size': '16M' };
  return startMysqlServer({ name: 'mariadb', command: [mariadbd], template, settings }, options);
}

function binary(name: string): string | null {
  const folders = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin'];
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file)) ?? null;
}
