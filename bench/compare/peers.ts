/** Tools of others, where they are installed. What they find is not checked here, only how long they take. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import pg from 'pg';
import { both, type Lab, type Which } from './lab.ts';
import { columnsOf, type TableName } from './tables.ts';

export interface Peer {
  readonly name: string;
  /** why it cannot be measured here; null when it can */
  readonly missing: string | null;
  /** tables it can do */
  readonly tables: readonly TableName[];
  run(lab: Lab, table: TableName): Promise<void>;
}

const installed = (program: string) => existsSync(`/usr/bin/${program}`);
const absent = (program: string) => (installed(program) ? null : `${program} is not installed`);

export const peers: Readonly<Record<Lab['flavour'], readonly Peer[]>> = {
  mysql: [
    {
      name: 'pt-table-checksum, both sides',
      missing: absent('pt-table-checksum'),
      tables: ['narrow', 'wide', 'uuidpk', 'nopk'],
      run: async (lab, table) => {
        await both((which) =>
          finish('pt-table-checksum', [
            `${dsn(lab, which)}`,
            '--databases=lab',
            `--tables=${table}`,
            '--recursion-method=none',
            '--no-check-replication-filters',
            '--no-check-binlog-format',
            '--replicate=lab.checksums',
            '--quiet',
            '--no-version-check',
          ]),
        );
      },
    },
    {
      name: 'pt-table-sync --print',
      missing: absent('pt-table-sync'),
      tables: ['narrow', 'wide', 'uuidpk'],
      // exit code 2: differences found
      run: (lab, table) =>
        finish(
          'pt-table-sync',
          [
            '--print',
            '--no-check-triggers',
            '--no-version-check',
            `${dsn(lab, 'source')},D=lab,t=${table}`,
            dsn(lab, 'target'),
          ],
          [0, 2],
        ),
    },
  ],
  postgres: [
    {
      name: 'pg_comparator',
      missing: absent('pg_comparator'),
      tables: ['narrow', 'wide', 'uuidpk'],
      run: async (lab, table) => {
        await both((which) => lab.run(which, 'CREATE EXTENSION IF NOT EXISTS pgcmp'));
        const keys = table === 'uuidpk' ? ['tenant', 'uid'] : ['id'];
        const rest = columnsOf[table].filter((column) => !keys.includes(column));
        const place = (which: Which) => {
          const { username, password, host, pathname } = new URL(lab.urls[which]);
          return `pgsql://${username}:${password}@${host}${pathname}/${table}?${keys.join(',')}:${rest.join(',')}`;
        };
        await finish('pg_comparator', [place('source'), place('target')], [0, 1, 2, 3]);
      },
    },
    {
      // stands in for the tool, whose version in Debian 12 has no such command: what its source had sent to both sides
      // before SHA256 took the place of MD5, at once and with the
      // servers' own settings, as the tool does it, but without its processes, its catalogs and its files
      name: 'the statement of pgcopydb compare data',
      missing: null,
      tables: ['narrow', 'wide', 'uuidpk', 'nopk'],
      run: async (lab, table) => {
        const row = `(${columnsOf[table].join(', ')})::text`;
        const sql = `SELECT count(1), md5(format('%s-%s', sum(hashtext(${row})::bigint), count(1)))::uuid FROM ONLY ${table}`;
        await both(async (which) => {
          const client = new pg.Client(lab.urls[which]);
          await client.connect();
          try {
            await client.query(`BEGIN; ${sql}; COMMIT`);
          } finally {
            await client.end();
          }
        });
      },
    },
  ],
};

function dsn(lab: Lab, which: Which): string {
  const { username, password, hostname, port } = new URL(lab.urls[which]);
  return `h=${hostname},P=${port},u=${username},p=${password}`;
}

function finish(program: string, args: readonly string[], good: readonly number[] = [0]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code !== null && good.includes(code)) resolve();
      else reject(new Error(`${program} ended with ${String(code)}: ${said}`));
    });
  });
}
