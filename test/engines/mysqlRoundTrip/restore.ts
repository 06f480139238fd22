/** Dumping a database and restoring it by the vendors' own clients. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { MysqlServer } from '../../../sandbox/mysqlProcess.ts';
import { ensureMySql } from '../../../scripts/servers/mysql.ts';

/** Runs a client of the server's product; its output. @throws Error with what it said */
export async function client(
  server: MysqlServer,
  kind: 'client' | 'dump',
  args: readonly string[],
  input = '',
): Promise<string> {
  const [program, ...first] =
    server.product === 'mysql'
      ? (await ensureMySql()).command(kind === 'dump' ? 'mysqldump' : 'mysql')
      : [kind === 'dump' ? 'mariadb-dump' : 'mariadb'];
  const { host, port, user, password } = server.root;
  const login = [
    '--no-defaults',
    `--host=${host}`,
    `--port=${port}`,
    `--user=${user}`,
    '--default-character-set=utf8mb4',
  ];
  const env = { ...process.env, MYSQL_PWD: password };
  const child = spawn(program ?? '', [...first, ...login, ...args], { env });
  const [out, said]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (data: Buffer) => out.push(data));
  child.stderr.on('data', (data: Buffer) => said.push(data));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(Buffer.concat(said).toString());
  return Buffer.concat(out).toString();
}

export async function restore(source: MysqlServer, target: MysqlServer, database: string): Promise<void> {
  const own = source.product === 'mysql' ? ['--set-gtid-purged=OFF'] : [];
  const dump = await client(source, 'dump', [...own, '--routines', '--events', '--triggers', database]);
  // MariaDB tells its own client on the first line to be careful
  const statements = dump.replace(/^\/\*M!999999.*\n/, '');
  await client(target, 'client', [database], statements);
}
