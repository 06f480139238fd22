import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { inRepository } from '../../scripts/paths.ts';
import { startPostgres, type PostgresServer } from '../../sandbox/postgres.ts';
import { until } from '../support/postgres.ts';
import { available, MYSQL_PRODUCTS, NAMES, startProduct } from '../support/pairs.ts';

interface Document {
  readonly verdict?: string;
  readonly remarks?: readonly string[];
  readonly tables?: readonly {
    readonly source: string | null;
    readonly target: string | null;
    readonly verdict: string;
  }[];
  readonly error?: { readonly reason: string; readonly message: string };
}

interface Ended {
  readonly code: number | null;
  readonly document: Document;
  readonly problems: string;
}

function begin(args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const command = ['--import', 'tsx', inRepository('scripts/engine.ts'), 'compare', ...args];
  const child = spawn(process.execPath, command, { cwd: inRepository(), stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  let problems = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (problems += piece));
  const ended = once(child, 'close').then(([code]: (number | null)[]): Ended => {
    assert.ok(text.startsWith('{'), problems);
    return { code: code ?? null, document: JSON.parse(text) as Document, problems };
  });
  return { child, ended };
}

const run = (...args: string[]) => begin(args).ended;
const pairs = ({ tables }: Document) =>
  (tables ?? []).map(({ source, target, verdict }) => `${source ?? '-'} > ${target ?? '-'}: ${verdict}`).sort();

describe('npm run engine -- compare: names, and what ends it early', function () {
  this.timeout(90_000);
  let source: PostgresServer;
  let target: PostgresServer;
  const both = (...more: string[]) => run(source.url(), target.url(), ...more);

  before(async () => {
    [source, target] = await Promise.all([startPostgres({ version: '17' }), startPostgres({ version: '18' })]);
    for (const server of [source, target]) {
      await server.run(`CREATE TABLE "Odd ""name"".with 'dots'" (id int PRIMARY KEY, "a""b" int, "select" int, "😀
        line" text); INSERT INTO "Odd ""name"".with 'dots'" VALUES (1, 1, 1, 'x');
        CREATE SCHEMA "S.1"; CREATE TABLE "S.1"."T.2" (id int PRIMARY KEY);
        CREATE TABLE "select" (id int PRIMARY KEY, v int); CREATE TABLE old (id int PRIMARY KEY, v int)`);
    }
    await source.run('INSERT INTO old VALUES (1, 1)');
    await target.run('INSERT INTO "select" VALUES (1, 1)');
  });
  after(() => Promise.all([source?.stop(), target?.stop()]));

  it('takes any name as it is written', async () => {
    const odd = `public.Odd "name".with 'dots'`;
    assert.deepEqual(pairs((await both('--tables', `${odd},S.1.T.2`)).document), [
      `S.1.T.2 > S.1.T.2: same`,
      `${odd} > ${odd}: same`,
    ]);
    await target.run(`UPDATE "Odd ""name"".with 'dots'" SET "a""b" = 2`);
    const { code, document } = await both('--tables', odd);
    assert.equal(code, 1);
    assert.deepEqual(pairs(document), [`${odd} > ${odd}: different`]);
    await target.run(`UPDATE "Odd ""name"".with 'dots'" SET "a""b" = 1`);
  });

  for (const [written, tables] of [
    ['old=select', 'old'],
    [' old = select ', 'old'],
    ['public.old=select', 'old'],
    ['public.old=public.select', 'public.old'],
  ] as const) {
    it(`follows a new name written as "${written}"`, async () => {
      const { code, document, problems } = await both('--map', written, '--tables', tables);
      assert.deepEqual(pairs(document), ['public.old > public.select: same'], problems);
      assert.equal(code, 0);
    });
  }

  it('follows new names of schemas and tables that have dots in them', async () => {
    await target.run('ALTER SCHEMA "S.1" RENAME TO "S.9"; ALTER TABLE "S.9"."T.2" RENAME TO "T.3"');
    const { document } = await both('--map', 'S.1.T.2=S.9.T.3', '--tables', 'S.1.T.2');
    await target.run('ALTER TABLE "S.9"."T.3" RENAME TO "T.2"');
    const schema = await both('--map', 'S.1=S.9', '--tables', 'S.1.T.2');
    await target.run('ALTER SCHEMA "S.9" RENAME TO "S.1"');
    assert.deepEqual(pairs(document), ['S.1.T.2 > S.9.T.3: same']);
    assert.deepEqual(pairs(schema.document), ['S.1.T.2 > S.9.T.2: same']);
  });

  for (const written of ['nothing=select', 'Old=select', 'nowhere.old=select', 'old.public=select'])
    it(`compares nothing when the source does not have what "${written}" renames`, async () => {
      const { code, document } = await both('--map', written, '--tables', 'old');
      assert.equal(code, 2);
      assert.equal(document.error?.reason, 'bad-input');
      assert.match(document.error.message, new RegExp(`no table or schema ${written.split('=')[0] ?? ''}`));
    });

  it('says in one sentence why it cannot begin, with 2 and without the password', async () => {
    const secret = source.url('postgres', 'not-the-password');
    const attempts = {
      refused: [source.url(), 'postgres://postgres:not-the-password@127.0.0.1:1/postgres'],
      'authentication-failed': [secret, target.url()],
      'database-missing': [source.url(), target.url('postgres', 'postgres', 'nowhere')],
      'bad-input': [source.url(), 'mysql://root:not-the-password@127.0.0.1:1/lab'],
    };
    for (const [reason, urls] of Object.entries(attempts)) {
      const { code, document, problems } = await run(...urls);
      assert.equal(code, 2, reason);
      assert.equal(document.error?.reason, reason);
      assert.ok(problems.includes(document.error.message));
      assert.doesNotMatch(JSON.stringify(document) + problems, /not-the-password/);
    }
  });

  it('ends with 2 at Ctrl-C, leaves no statement behind and does not call anything the same that it did not see', async () => {
    const holder = await target.connect();
    await holder.query('BEGIN; LOCK TABLE old IN ACCESS EXCLUSIVE MODE');
    const waiting = () =>
      target.run("SELECT 1 FROM pg_stat_activity WHERE application_name = 'DTS Cutover' AND wait_event_type = 'Lock'");
    const { child, ended } = begin([source.url(), target.url(), '--workers', '1', '--timeout', '60']);
    await until('a statement that waits for the lock', async () => (await waiting()).length > 0, 60_000);
    child.kill('SIGINT');
    const { code, document } = await ended;
    assert.equal(code, 2);
    assert.equal(document.verdict, 'incomplete');
    assert.ok(document.remarks?.includes('The comparison was cancelled.'));
    assert.equal(document.tables?.find((table) => table.source === 'public.old')?.verdict, 'skipped');
    assert.deepEqual(await waiting(), []);
    await holder.end();
  });

  for (const wanted of MYSQL_PRODUCTS)
    it(`ends with 2 at Ctrl-C on ${NAMES[wanted]} too, and takes names with dots, quotes and backticks`, async function () {
      const product = await available(this, wanted);
      const [mine, theirs] = await Promise.all([
        startProduct(product),
        startProduct(product, { settings: { 'sql-mode': 'ANSI_QUOTES' } }),
      ]);
      try {
        for (const server of [mine, theirs]) {
          await server.query('CREATE DATABASE `d"b.``1`');
          await server.query(
            'CREATE TABLE `t.``"1` (`i``d.#` int PRIMARY KEY, `select` int); CREATE TABLE old (id int PRIMARY KEY)',
            'd"b.`1',
          );
          await server.query('INSERT INTO `t.``"1` VALUES (1, 1)', 'd"b.`1');
        }
        await theirs.query('RENAME TABLE `t.``"1` TO `new.t`; UPDATE `new.t` SET `select` = 2', 'd"b.`1');
        const urls = [mine.urlOf('d"b.`1'), theirs.urlOf('d"b.`1')] as const;
        const named = await run(...urls, '--map', 't.`"1=new.t', '--tables', 't.`"1');
        assert.deepEqual(pairs(named.document), ['t.`"1 > new.t: different'], named.problems);
        const holder = await theirs.connect({ database: 'd"b.`1' });
        await holder.query('LOCK TABLES old WRITE');
        const { child, ended } = begin([...urls, '--workers', '1']);
        const waiting = async () =>
          (await theirs.query('SHOW PROCESSLIST')).filter((row) => /^Waiting for table/.test(String(row['State'])));
        await until('a statement that waits for the lock', async () => (await waiting()).length > 0, 60_000);
        child.kill('SIGINT');
        const { code, document } = await ended;
        assert.equal(code, 2);
        assert.equal(document.verdict, 'incomplete');
        assert.deepEqual(await waiting(), []);
        await holder.end();
      } finally {
        await Promise.all([mine.stop(), theirs.stop()]);
      }
    });
});
