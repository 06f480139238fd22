import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { inRepository } from '../../scripts/paths.ts';
import { startPostgres, type PostgresServer } from '../../sandbox/postgres.ts';

interface Document {
  readonly verdict: string;
  readonly source: { readonly server: string; readonly endpoint: string };
  readonly tables: readonly {
    readonly source: string | null;
    readonly target: string | null;
    readonly verdict: string;
    readonly differenceCount: number | null;
    readonly truncated: boolean;
    readonly differences: readonly {
      readonly kind: string;
      readonly key: object;
      readonly source: object | null;
      readonly target: object | null;
    }[];
  }[];
}

describe('npm run engine -- compare', function () {
  this.timeout(90_000);
  let source: PostgresServer;
  let target: PostgresServer;

  before(async () => {
    [source, target] = await Promise.all([startPostgres({ version: '17' }), startPostgres({ version: '18' })]);
    for (const server of [source, target]) {
      await server.run(
        "CREATE TABLE a (id bigint PRIMARY KEY, v text); INSERT INTO a VALUES (9007199254740993, 'x'); CREATE TABLE b (id int PRIMARY KEY)",
      );
    }
  });
  after(() => Promise.all([source?.stop(), target?.stop()]));

  async function run(
    args: readonly string[],
    node: readonly string[] = [],
  ): Promise<{ code: number | null; document: Document; text: string }> {
    const child = spawn(
      process.execPath,
      [...node, '--import', 'tsx', inRepository('scripts/engine.ts'), 'compare', source.url(), target.url(), ...args],
      { cwd: inRepository(), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let text = '';
    let problems = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    child.stderr.setEncoding('utf8').on('data', (piece: string) => (problems += piece));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    assert.ok(text.startsWith('{'), problems);
    return { code, document: JSON.parse(text) as Document, text };
  }

  it('ends with 0 when all is the same, and never prints a password', async () => {
    const { code, document, text } = await run([]);
    assert.equal(code, 0, text);
    assert.equal(document.verdict, 'same');
    assert.match(document.source.server, /^PostgreSQL 17/);
    assert.doesNotMatch(text, /postgres:postgres/);
  });

  it('ends with 1 when something differs, with both values and 64-bit numbers as text', async () => {
    await target.run("UPDATE a SET v = 'y'");
    const { code, document } = await run(['--tables', 'a']);
    assert.equal(code, 1);
    assert.equal(document.verdict, 'different');
    assert.deepEqual(
      document.tables.map(({ source: name, verdict, differences }) => ({ name, verdict, differences })),
      [
        {
          name: 'public.a',
          verdict: 'different',
          differences: [
            {
              kind: 'changed',
              key: { id: '9007199254740993' },
              source: { id: '9007199254740993', v: 'x' },
              target: { id: '9007199254740993', v: 'y' },
            },
          ],
        },
      ],
    );
    await target.run("UPDATE a SET v = 'x'");
  });

  it('ends with 2 when a table that was asked for is not there', async () => {
    const { code, document } = await run(['--tables', 'a,nothing']);
    assert.equal(code, 2);
    assert.equal(document.verdict, 'incomplete');
  });

  it('follows new names', async () => {
    await target.run('ALTER TABLE a RENAME TO renamed');
    const { code, document } = await run(['--map', 'a=renamed', '--workers', '1']);
    assert.equal(code, 0);
    assert.deepEqual(document.tables.map((table) => table.target).sort(), ['public.b', 'public.renamed']);
    await target.run('ALTER TABLE renamed RENAME TO a');
    for (const [server, schema] of [
      [source, 'old'],
      [target, 'new'],
    ] as const) {
      await server.run(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.t (id int PRIMARY KEY)`);
    }
    const schemas = await run(['--map', 'old=new']);
    assert.equal(schemas.code, 0, schemas.text);
    assert.ok(schemas.document.tables.some((table) => table.source === 'old.t' && table.target === 'new.t'));
    await source.run('DROP SCHEMA old CASCADE');
    await target.run('DROP SCHEMA new CASCADE');
  });

  it('needs no more memory for very many differences', async () => {
    for (const [server, offset] of [
      [source, 0],
      [target, 1],
    ] as const) {
      await server.run(`CREATE TABLE many (k text PRIMARY KEY, n int UNIQUE NOT NULL, v text);
        INSERT INTO many SELECT 'k' || s, s, repeat('x', 100) || s + ${offset} FROM generate_series(1, 300000) s; ANALYZE many`);
    }
    const { code, document } = await run(['--tables', 'many'], ['--max-old-space-size=80']);
    const [many] = document.tables;
    assert.equal(code, 1);
    assert.equal(many?.differenceCount, 300_000);
    assert.equal(many.truncated, true);
    assert.equal(many.differences.length, 1000);
    for (const server of [source, target]) await server.run('DROP TABLE many');
  });
});
