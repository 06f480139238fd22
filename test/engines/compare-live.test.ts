import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Context } from 'mocha';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { mysqlDigest } from '../../src/engines/mysql/digest.ts';
import { postgresDigest } from '../../src/engines/postgres/digest.ts';
import type { DigestEngine } from '../../src/comparison/port.ts';
import { startPostgres } from '../../sandbox/postgres.ts';
import { isFailure } from '../../src/util/failure.ts';
import { say } from '../../src/util/sentence.ts';
import { describeMysql, numbersTo, startLabs } from '../support/pairs.ts';
import { compare, everything, found, never, quiet, tableOf, written, type Compared } from './comparing.ts';

interface Servers {
  readonly engine: DigestEngine;
  readonly urls: { readonly source: string; readonly target: string };
  run(side: 'source' | 'target', sql: string): Promise<readonly Record<string, unknown>[]>;
  readonly numbers: (n: number) => string;
  /** whether somebody waits for a lock of a table */
  waits(side: 'source' | 'target'): Promise<boolean>;
  /** may not read t, and not see or open every database */
  limited(url: string): Promise<string>;
  /** what is said of the databases it does not see or may not open */
  readonly unseen: RegExp;
  /** before the name of a table */
  readonly schema: string;
  stop(): Promise<unknown>;
}

function behaviour(start: (context: Context) => Promise<Servers>): void {
  let servers: Servers;
  before(async function () {
    servers = await start(this);
  });
  after(() => servers?.stop());

  beforeEach(async () => {
    for (const side of ['source', 'target'] as const) {
      await servers.run(
        side,
        `DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t SELECT s, s ${servers.numbers(2000)};
         DROP TABLE IF EXISTS small; CREATE TABLE small (id int PRIMARY KEY); INSERT INTO small VALUES (1)`,
      );
    }
  });

  const run = (request: Partial<Compared> = {}): Promise<ComparisonResult> =>
    compare(servers.engine, { ...servers.urls, ...request });

  /** Thousands of rows in each group: what differs is found without looking at all of them. */
  for (const [what, gap] of [
    ['no gaps', 1],
    ['gaps', 7],
  ] as const) {
    it(`finds single rows, neighbours, missing and extra ones among many, with ${what} between the keys`, async () => {
      const rows = 9000;
      for (const side of ['source', 'target'] as const) {
        await servers.run(side, `DELETE FROM t; INSERT INTO t SELECT s * ${gap}, s ${servers.numbers(rows)}`);
        await servers.run(side, `DELETE FROM t WHERE v BETWEEN 5000 AND 5003`);
      }
      const changed = [2, 31, 32, 33, 64, 1024, 1025, 3000, 3001, 3500, 8191, 8192, rows - 1];
      const missing = [1, 40, 2048, 6000, ...Array.from({ length: 200 }, (_, i) => 7000 + i)];
      const extra = [0, 5001, rows + 1, rows + 500];
      await servers.run('target', `UPDATE t SET v = -v WHERE v IN (${changed.join(', ')})`);
      await servers.run('target', `DELETE FROM t WHERE v IN (${missing.join(', ')})`);
      await servers.run('target', `INSERT INTO t VALUES ${extra.map((s) => `(${s * gap}, ${s})`).join(', ')}`);
      const table = tableOf(await run({ options: { only: ['t'] } }), 't');
      const expected = Object.entries({ changed, missing, extra }).flatMap(([kind, places]) =>
        places.map((place) => `${kind} ${place * gap}`),
      );
      assert.deepEqual(found(table), expected.sort());
      assert.equal(table.differenceCount, expected.length);
    });
  }

  it('finds what was written after the first look, even where nothing differed then', async () => {
    const result = await run({
      positions: { source: written(['t', 'public.t', 'lab.t'], 2), target: quiet },
      options: { settle: async () => void (await servers.run('source', 'UPDATE t SET v = -1 WHERE id = 3')) },
    });
    assert.deepEqual(found(tableOf(result, 't')), ['changed 3']);
    assert.equal(result.verdict, 'different');
  });

  it('says what was created, changed or dropped while it ran, and nothing else about it', async () => {
    // tables that were read keep their shape until the snapshot ends; these are on the source only
    await servers.run('source', 'CREATE TABLE changed (id int); CREATE TABLE dropped (id int)');
    let changing: Promise<unknown> | null = null;
    const result = await run({
      options: {
        onProgress: ({ tablesDone, tablesTotal }) => {
          if (tablesDone < tablesTotal) return;
          changing ??= servers.run(
            'source',
            'CREATE TABLE fresh (id int); ALTER TABLE changed ADD extra int; DROP TABLE dropped',
          );
        },
      },
      positions: {
        // nothing but the catalog tells of it
        source: async (since) => {
          await changing;
          return quiet(since, never);
        },
        target: quiet,
      },
    });
    await servers.run('source', 'DROP TABLE changed; DROP TABLE fresh');
    assert.equal(result.verdict, 'incomplete');
    const verdicts = result.tables.map((table) => `${(table.source ?? table.target)?.name} ${table.verdict}`);
    assert.deepEqual(verdicts.sort(), ['changed skipped', 'dropped skipped', 'fresh skipped', 'small same', 't same']);
    const [remark] = result.remarks.map((each) => say(each));
    for (const name of ['fresh', 'changed', 'dropped']) assert.match(remark ?? '', new RegExp(name));
  });

  it('lets a change that waits for its locks through before the end, and does not pass over it', async () => {
    let changing: Promise<unknown> | null = null;
    let changed = false;
    let readings = 0;
    const result = await run({
      options: {
        // the table was read: its change waits for the snapshot
        onProgress: ({ tablesDone, tablesTotal }) => {
          if (tablesDone < tablesTotal) return;
          changing ??= servers.run('source', 'ALTER TABLE small ADD extra int').then(() => (changed = true));
        },
      },
      positions: {
        source: async (since) => {
          readings++;
          if (readings === 2) {
            while (!(await servers.waits('source'))) await once(AbortSignal.timeout(20), 'abort');
            assert.equal(changed, false);
          }
          if (readings > 2) await changing;
          return written(['small', 'public.small', 'lab.small'], readings > 2 ? 1 : 0)(since, never);
        },
        target: quiet,
      },
    });
    assert.ok(changed && readings > 2, `${readings} readings`);
    assert.equal(result.verdict, 'incomplete');
  });

  it('does not pass over a schema that the source does not have', async () => {
    const [whole] = everything('lab', 'lab').databases;
    const misspelt = { ...whole!, schema: 'Sales', newSchema: 'Sales' };
    const result = await run({ options: { scope: { mode: 'partial', databases: [whole!, misspelt] } } });
    assert.equal(result.verdict, 'incomplete');
    assert.equal(tableOf(result, 't').verdict, 'same');
    assert.match(result.remarks.map((remark) => say(remark)).join(), /lab\.Sales/);
  });

  it('says of a whole server which databases the account cannot see or open', async () => {
    const options = { scope: { mode: 'all', databases: [] }, databases: [{ source: 'lab', target: 'lab' }] } as const;
    const told = async (source: string) => (await run({ source, options })).remarks.map((remark) => say(remark));
    assert.deepEqual(await told(servers.urls.source), []);
    const limited = await told(await servers.limited(servers.urls.source));
    assert.ok(
      limited.some((remark) => servers.unseen.test(remark)),
      limited.join('\n'),
    );
  });

  it('takes from the scope, and from the tables asked for, what belongs to each of several databases', async () => {
    const entry = (name: string, table: string) => {
      const [whole] = everything(name, name).databases;
      return { ...whole!, allTables: false, tables: [{ name: table, newName: table }] };
    };
    const scope = { mode: 'partial', databases: [entry('lab', 't'), entry('closed', 'other')] } as const;
    const databases = ['lab', 'closed'].map((name) => ({ source: name, target: name }));
    const all = [`lab.${servers.schema}t`, `closed.${servers.schema}other`];
    for (const only of [null, all, all.slice(1)]) {
      const result = await run({ options: { scope, databases, only } });
      assert.equal(result.verdict, 'same', result.remarks.map((remark) => say(remark)).join(' '));
      assert.equal(result.tables.length, only?.length ?? 2);
    }
    const misspelt = await run({ options: { scope, databases, only: [...all, `closed.${servers.schema}Other`] } });
    assert.equal(misspelt.verdict, 'incomplete');
  });

  it('compares the other databases when one cannot be opened, and rejects when none can', async () => {
    const databases = ['nowhere', 'lab'].map((name) => ({ source: name, target: name }));
    const result = await run({ options: { databases } });
    assert.equal(result.verdict, 'incomplete');
    assert.equal(tableOf(result, 't').verdict, 'same');
    assert.match(result.remarks.map((remark) => say(remark)).join(), /nowhere could not be opened/);
    await assert.rejects(run({ options: { databases: databases.slice(0, 1) } }), isFailure);
    await assert.rejects(run({ options: { databases: [databases[0]!, databases[0]!] } }), isFailure);
  });

  it('counts a hundred thousand differences, keeps as few as asked and says so', async () => {
    for (const side of ['source', 'target'] as const)
      await servers.run(side, `INSERT INTO t SELECT s + 2000, s ${servers.numbers(98_000)}`);
    await servers.run('target', 'UPDATE t SET v = v + 1');
    const table = tableOf(await run({ options: { only: ['t'], keep: 20 } }), 't');
    assert.equal(table.differenceCount, 100_000);
    assert.equal(table.differences.length, 20);
    assert.equal(table.truncated, true);
    assert.deepEqual(table.rows, { source: 100_000, target: 100_000 });
  });

  it('says that a table could not be read, and compares the others', async () => {
    const result = await run({ source: await servers.limited(servers.urls.source) });
    assert.equal(result.verdict, 'incomplete');
    assert.match(tableOf(result, 't').verdict, /skipped|missingOnSource/);
    assert.ok(result.remarks.length > 0);
    assert.equal(tableOf(result, 'small').verdict, 'same');
  });

  it('follows new names, and tells missing and extra tables', async () => {
    await servers.run(
      'target',
      'DROP TABLE IF EXISTS renamed; ALTER TABLE t RENAME TO renamed; DROP TABLE IF EXISTS surplus; CREATE TABLE surplus (id int)',
    );
    await servers.run('source', 'DROP TABLE IF EXISTS lost; CREATE TABLE lost (id int)');
    const scope = everything('lab', 'lab');
    const [entry] = scope.databases;
    const result = await run({
      options: { scope: { ...scope, databases: [{ ...entry!, tables: [{ name: 't', newName: 'renamed' }] }] } },
    });
    assert.equal(tableOf(result, 't').verdict, 'same');
    assert.equal(tableOf(result, 't').target?.name, 'renamed');
    assert.equal(tableOf(result, 'lost').verdict, 'missingOnTarget');
    assert.equal(tableOf(result, 'surplus').verdict, 'missingOnSource');
    assert.equal(result.verdict, 'different');
    await servers.run('target', 'DROP TABLE renamed; DROP TABLE surplus');
    await servers.run('source', 'DROP TABLE lost');
  });
}

describe('comparing live servers', function () {
  this.timeout(60_000);

  describe('PostgreSQL', () => {
    behaviour(async () => {
      const [source, target] = await Promise.all([startPostgres(), startPostgres()]);
      for (const server of [source, target]) {
        await server.run('CREATE DATABASE lab');
        await server.run('CREATE DATABASE closed');
        await server.run('CREATE TABLE other (id int PRIMARY KEY)', 'closed');
        await server.run("CREATE USER limited PASSWORD 'limited'");
      }
      const of = { source, target };
      return {
        engine: postgresDigest,
        urls: { source: source.url(undefined, undefined, 'lab'), target: target.url(undefined, undefined, 'lab') },
        run: (side, sql) => of[side].run(sql, 'lab'),
        waits: async (side) => (await of[side].run('SELECT 1 FROM pg_locks WHERE NOT granted')).length > 0,
        numbers: (n) => `FROM generate_series(1, ${n}) AS s`,
        async limited(url) {
          await source.run('GRANT SELECT ON small TO limited; GRANT pg_monitor TO limited', 'lab');
          await source.run('REVOKE CONNECT ON DATABASE closed FROM PUBLIC');
          const limited = new URL(url);
          limited.username = limited.password = 'limited';
          return limited.href;
        },
        schema: 'public.',
        unseen: /may not connect to closed:/,
        stop: () => Promise.all([source.stop(), target.stop()]),
      };
    });
  });

  describeMysql('comparing live servers', (product) => {
    behaviour(async (context) => {
      const { source, target, stop } = await startLabs(context, product);
      for (const server of [source, target]) {
        await server.query("CREATE USER limited@'%' IDENTIFIED BY 'limited'");
        await server.query('CREATE DATABASE closed; CREATE TABLE closed.other (id int PRIMARY KEY)');
      }
      const of = { source, target };
      return {
        engine: mysqlDigest,
        urls: { source: source.urlOf('lab'), target: target.urlOf('lab') },
        run: (side, sql) => of[side].query(sql, 'lab'),
        async waits(side) {
          const sessions = await of[side].query('SHOW PROCESSLIST');
          return sessions.some((row) => row['State'] === 'Waiting for table metadata lock');
        },
        numbers: (n) => `FROM (SELECT seq AS s FROM ${numbersTo(n)}) AS s`,
        async limited(url) {
          await source.query("GRANT SELECT ON lab.small TO limited@'%'", 'lab');
          const limited = new URL(url);
          limited.username = limited.password = 'limited';
          return limited.href;
        },
        schema: '',
        unseen: /has neither SHOW DATABASES nor SELECT/,
        stop,
      };
    });
  });
});
