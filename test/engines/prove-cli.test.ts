import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPostgres, type PostgresServer } from '../../sandbox/postgres.ts';
import { inRepository } from '../../scripts/paths.ts';

interface Document {
  readonly tables: readonly { readonly source: string | null; readonly state: string; readonly why: string | null }[];
  readonly source: { readonly complete: boolean; readonly grain: string; readonly written: readonly string[] };
  readonly store?: string;
  readonly error?: { readonly message: string };
}

describe('npm run engine -- prove and written', function () {
  this.timeout(120_000);
  let server: PostgresServer;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dts-cutover-proofs-'));
    server = await startPostgres({ version: '18' });
    for (const database of ['here', 'there']) {
      await server.run(`CREATE DATABASE ${database}`);
      const name = database === 'here' ? 'orders' : 'bestellungen';
      await server.run(
        `CREATE TABLE cold (id int PRIMARY KEY); INSERT INTO cold VALUES (1); CREATE TABLE ${name} (id int PRIMARY KEY, v int); INSERT INTO ${name} VALUES (1, 1)`,
        database,
      );
    }
  });
  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function call(
    command: string,
    ...more: readonly string[]
  ): Promise<{ code: number | null; document: Document }> {
    const address = (database: string) => server.url(undefined, undefined, database);
    const args = [
      '--import',
      'tsx',
      inRepository('scripts/engine.ts'),
      command,
      address('here'),
      address('there'),
      ...more,
    ];
    const child = spawn(process.execPath, args, { cwd: inRepository(), stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, document: JSON.parse(text) as Document };
  }
  const stored = (command: string) => call(command, '--store', folder, '--map', 'orders=bestellungen');
  const states = ({ tables }: Document) =>
    Object.fromEntries(tables.map(({ source, state }) => [source ?? '', state] as const));

  it('keeps proofs from call to call, drops those of tables that were written, and compares only these again', async () => {
    const first = await stored('prove');
    assert.deepEqual([first.code, states(first.document)], [0, { 'public.cold': 'proven', 'public.orders': 'proven' }]);
    await server.run('UPDATE bestellungen SET v = 2', 'there');
    const second = await stored('written');
    assert.deepEqual(
      [second.code, states(second.document)],
      [2, { 'public.cold': 'proven', 'public.orders': 'unproven' }],
    );
    const third = await stored('prove');
    assert.deepEqual(
      [third.code, states(third.document)],
      [1, { 'public.cold': 'proven', 'public.orders': 'different' }],
    );
    await server.run('UPDATE orders SET v = 2', 'here');
    const fourth = await stored('prove');
    assert.equal(fourth.code, 0);
    assert.deepEqual(fourth.document.source, {
      ...fourth.document.source,
      complete: true,
      grain: 'table',
      written: ['public.orders'],
    });
  });

  it('takes nothing from a store that is damaged or about other tables, and says so', async () => {
    const other = await call('written', '--store', folder);
    assert.equal(other.code, 2);
    assert.match(other.document.store ?? '', /other servers/);
    await stored('prove');
    const file = path.join(folder, 'proofs');
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace('"different"', '"proven"').replace('proven', 'Proven'),
    );
    const damaged = await stored('written');
    assert.deepEqual(
      [damaged.code, states(damaged.document)],
      [2, { 'public.cold': 'unproven', 'public.orders': 'unproven' }],
    );
    assert.match(damaged.document.store ?? '', /damaged/);
    const without = await call('prove');
    assert.equal(without.code, 2);
    assert.match(without.document.error?.message ?? '', /--store/);
  });
});
