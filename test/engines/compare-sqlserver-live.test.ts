import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ReadPosition } from '../../src/comparison/positions.ts';
import type { ComparisonResult, TableResult } from '../../src/comparison/result.ts';
import { sqlserverDigest } from '../../src/engines/sqlserver/digest.ts';
import { parseConnectionUrl } from '../../src/engines/url.ts';
import { say } from '../../src/util/sentence.ts';
import { never, PROGRAM } from '../support/sqlserver.ts';
import { DigestPair, type DigestSide } from '../support/tds/sql/pair.ts';
import { compare, everything, found, quiet, tableOf, type Compared } from './comparing.ts';

const numbers = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => `(${from + i}, ${from + i})`).join(', ');

describe('comparing live SQL Servers (the TDS test server)', function () {
  this.timeout(60_000);
  let pair: DigestPair;
  let source: DigestSide;
  let target: DigestSide;

  beforeEach(async () => {
    pair = await DigestPair.start('lab');
    ({ source, target } = pair);
    for (const { database } of [source, target]) {
      database.run(`CREATE TABLE t (id int NOT NULL PRIMARY KEY, v int); INSERT INTO t VALUES ${numbers(1, 600)}`);
      database.run('CREATE TABLE small (id int NOT NULL PRIMARY KEY); INSERT INTO small VALUES (1)');
    }
  });
  afterEach(() => pair.stop());

  const run = (request: Partial<Compared> = {}): Promise<ComparisonResult> =>
    compare(sqlserverDigest, { ...pair.urls, ...request });
  const statements = ({ server }: DigestSide, pattern: RegExp) =>
    server.model.asked.filter(({ sql }) => pattern.test(sql)).map(({ sql }) => sql);

  it('sees one moment: an update between the passes is no difference', async () => {
    target.database.run('UPDATE t SET v = 0 WHERE id = 400');
    let updated = false;
    const result = await run({
      options: {
        only: ['t'],
        onProgress({ rowsDone }) {
          if (rowsDone > 0 && !updated) source.database.run('UPDATE t SET v = -1');
          updated ||= rowsDone > 0;
        },
      },
    });
    assert.ok(updated);
    assert.deepEqual(found(tableOf(result, 't')), ['changed 400']);
    assert.equal(tableOf(result, 't').differences[0]?.source?.['v'], '400');
    assert.match(tableOf(result, 't').method, /SNAPSHOT isolation$/);
  });

  it('reads committed rows where the database has no SNAPSHOT isolation, and says that positions decide', async () => {
    source.database.snapshots = false;
    target.database.snapshots = false;
    target.database.rowVersions = true;
    const { method, verdict } = tableOf(await run(), 't');
    assert.equal(verdict, 'same');
    assert.match(method, /READ COMMITTED with locks on the source, .*row versions on the target: the write positions/);
    for (const side of [source, target]) assert.deepEqual(statements(side, /NOLOCK|READ UNCOMMITTED/i), []);
    const unknown: ReadPosition = async () => ({ ...(await quiet(null, never)), foreign: 'unknown' });
    assert.equal((await run({ positions: { source: quiet, target: unknown } })).verdict, 'incomplete');
  });

  it('reads again what differed while somebody wrote, in a new snapshot', async () => {
    target.database.run('UPDATE t SET v = 0 WHERE id BETWEEN 5 AND 6');
    let readings = 0;
    const written: ReadPosition = async (since, signal) => {
      const facts = await quiet(since, signal);
      return ++readings === 2
        ? { ...facts, foreign: 'written', written: [{ name: 'lab.dbo.t', count: 1, byDts: false }] }
        : facts;
    };
    const result = await run({
      positions: { source: written, target: quiet },
      options: { only: ['t'], settle: async () => target.database.run('UPDATE t SET v = 5 WHERE id = 5') },
    });
    assert.deepEqual(found(tableOf(result, 't')), ['changed 6']);
  });

  it('cancels at once, stops the statements on the server, and calls the rest unknown', async () => {
    for (const { database, digest } of [source, target]) {
      database.snapshots = false;
      digest.locked.add('t');
    }
    const cancel = new AbortController();
    const seen: TableResult[] = [];
    const stopped = once(target.server.model.events, 'attention');
    const waiting = target.server.arrived(/FROM \[dbo\]\.\[t\]/);
    const comparing = run({ signal: cancel.signal, options: { onTable: (result) => void seen.push(result) } });
    await waiting;
    while (seen.length === 0) await once(AbortSignal.timeout(20), 'abort');
    cancel.abort();
    const result = await comparing;
    await stopped;
    assert.equal(result.verdict, 'incomplete');
    assert.equal(tableOf(result, 'small').verdict, 'same');
    assert.equal(tableOf(result, 't').verdict, 'skipped');
    await target.server.tds.idle();
  });

  it('takes no answer of a session that came in place of the one it prepared', async () => {
    const { model, tds } = source.server;
    let killed = 0;
    model.events.on('asked', (sql: string) => {
      if (!/FROM sys\.tables AS t JOIN/.test(sql) || killed > 0) return;
      for (const { sql: begun, spid } of model.asked) {
        if (!/BEGIN TRANSACTION/.test(begun)) continue;
        killed++;
        tds.kill(spid);
      }
    });
    const result = await run();
    assert.equal(killed, 2);
    assert.equal(result.verdict, 'incomplete');
    const told = result.tables.filter(({ verdict }) => verdict === 'failed').map(({ reason }) => reason && say(reason));
    assert.deepEqual(new Set(told), new Set([`127.0.0.1:${tds.port}/lab closed a connection during the comparison.`]));
    // what is compared afterwards is inside a prepared session again
    assert.equal((await run()).verdict, 'same');
  });

  it('never compares outside of its transaction', async () => {
    // what an error that ends the transaction leaves behind
    source.server.model.intercept = intercepted(source, (sql) =>
      /@@TRANCOUNT\) AS depth/.test(sql)
        ? {
            table: {
              columns: [
                { name: 'mark', type: 'nvarchar' },
                { name: 'depth', type: 'nvarchar' },
              ],
              rows: [[markOf(source), '0']],
            },
          }
        : null,
    );
    const result = await run();
    assert.equal(result.verdict, 'incomplete');
    assert.equal(tableOf(result, 't').verdict, 'failed');
  });

  it('says which tables cannot be read as they are, and why', async () => {
    for (const { database } of [source, target]) {
      for (const name of ['memory', 'outside', 'graph', 'filtered', 'masked']) {
        database.run(
          `CREATE TABLE ${name} (id int NOT NULL PRIMARY KEY, v varchar(9)); INSERT INTO ${name} VALUES (1, 'x')`,
        );
      }
      database.table(['memory']).flags.add('in memory');
      database.table(['outside']).flags.add('external');
      database.table(['graph']).flags.add('graph');
      database.table(['filtered']).flags.add('filtered');
      for (const column of database.table(['masked']).columns) column.masked = true;
    }
    for (const { server } of [source, target]) server.addLogin('reader', ['SELECT', 'VIEW DEFINITION']);
    const result = await run({ source: source.url('reader'), target: target.url('reader') });
    assert.equal(result.verdict, 'incomplete');
    const why = (name: string) => {
      const { verdict, reason } = tableOf(result, name);
      return `${verdict}: ${reason ? say(reason) : ''}`;
    };
    assert.match(why('memory'), /^skipped: .*memory-optimised/);
    assert.match(why('outside'), /^skipped: .*external/);
    assert.match(why('graph'), /^skipped: .*graph/);
    assert.match(why('filtered'), /^skipped: .*security policy/);
    assert.match(why('masked'), /^skipped: .*UNMASK/);
    assert.equal(tableOf(result, 't').verdict, 'same');
    // who may see behind the mask compares it
    assert.equal(tableOf(await run(), 'masked').verdict, 'same');
  });

  it('never says the same where the account may not see every table', async () => {
    source.server.addLogin('limited', ['SELECT ON [dbo].[small]']);
    const result = await run({ source: source.url('limited') });
    assert.equal(result.verdict, 'incomplete');
    assert.equal(tableOf(result, 't').verdict, 'skipped');
    assert.equal(tableOf(result, 'small').verdict, 'same');
    assert.ok(result.remarks.some((remark) => /VIEW DEFINITION/.test(say(remark))));
  });

  it('says of a whole server which databases the account cannot see or open', async () => {
    const options = { scope: { mode: 'all', databases: [] }, databases: [{ source: 'lab', target: 'lab' }] } as const;
    const told = async (url = source.url()) =>
      (await run({ source: url, options })).remarks.map((remark) => say(remark));
    assert.deepEqual(await told(), []);
    source.server.model.addDatabase('closed').closed = true;
    assert.match((await told()).join(), /may not connect to closed:/);
    source.server.addLogin('blind', ['VIEW DEFINITION', 'SELECT', 'no VIEW ANY DATABASE']);
    assert.match((await told(source.url('blind'))).join(), /has no VIEW ANY DATABASE/);
  });

  it('does not pass over a schema that the source does not have', async () => {
    const [whole] = everything('lab', 'lab').databases;
    const misspelt = { ...whole!, schema: 'DBO', newSchema: 'DBO' };
    const result = await run({ options: { scope: { mode: 'partial', databases: [whole!, misspelt] } } });
    assert.equal(result.verdict, 'incomplete');
    assert.match(result.remarks.map((remark) => say(remark)).join(), /The source has no lab\.DBO/);
  });

  it('falls back to text where two versions keep floats in other bytes, and refuses where there is no such text', async () => {
    for (const [versions, verdict] of [
      [['15.0.1.1', '16.0.1.1'], 'different'],
      [['11.0.1.1', '12.0.1.1'], 'failed'],
    ] as const) {
      const other = await DigestPair.start('lab', {
        source: { version: versions[0] },
        target: { version: versions[1], otherFloats: true },
      });
      try {
        for (const { database } of [other.source, other.target]) {
          database.run(
            'CREATE TABLE f (id int NOT NULL PRIMARY KEY, v float, w real); INSERT INTO f VALUES (1, 0.1e0, 0.1e0), (2, 5e0, 5e0)',
          );
          database.run('CREATE TABLE plain (id int NOT NULL PRIMARY KEY); INSERT INTO plain VALUES (1)');
        }
        other.target.database.run('UPDATE f SET v = 5.000000000000001e0 WHERE id = 2');
        const result = await compare(sqlserverDigest, other.urls);
        assert.equal(tableOf(result, 'f').verdict, verdict);
        assert.deepEqual(found(tableOf(result, 'f')), verdict === 'different' ? ['changed 2'] : []);
        assert.equal(tableOf(result, 'plain').verdict, 'same');
      } finally {
        await other.stop();
      }
    }
  });

  it('compares nothing in a form that a server shows otherwise than expected', async () => {
    for (const { database } of [source, target]) {
      database.run("CREATE TABLE d (id int NOT NULL PRIMARY KEY, v date); INSERT INTO d VALUES (1, '2026-01-01')");
    }
    const usual = target.server.model.intercept;
    target.server.model.intercept = intercepted(target, (sql, spid) => {
      if (!/ AS p0,/.test(sql)) return null;
      return usual(sql.replace("CAST('2026-11-23' AS date)", "CAST('2026-11-24' AS date)"), spid);
    });
    const result = await run();
    assert.equal(tableOf(result, 'd').verdict, 'failed');
    assert.match(say(tableOf(result, 'd').reason ?? { text: '' }), /\(date\)/);
    assert.equal(tableOf(result, 't').verdict, 'same');
    assert.equal(result.verdict, 'incomplete');
  });

  it('walks more rows than one answer holds', async () => {
    const many = Array.from({ length: 20_400 }, (_, i) => `(${i})`).join(', ');
    source.database.run(`CREATE TABLE many (a int); INSERT INTO many VALUES ${many}`);
    target.database.run('CREATE TABLE many (a int); INSERT INTO many VALUES (20399), (20400)');
    const { differenceCount, rows } = tableOf(await run({ options: { only: ['many'], keep: 5 } }), 'many');
    assert.equal(differenceCount, 20_400);
    assert.deepEqual(rows, { source: 20_400, target: 2 });
  });

  it('counts Azure SQL Database as the newest version', async () => {
    const azure = await DigestPair.start('lab', {
      source: { version: '11.0.1.1' },
      target: { version: '12.0.2000.8', edition: '5' },
    });
    try {
      for (const { database } of [azure.source, azure.target]) {
        database.run("CREATE TABLE t (id int NOT NULL PRIMARY KEY, v varchar(max)); INSERT INTO t VALUES (1, 'x')");
      }
      azure.target.database.table(['t']).columns[1]!.masked = true;
      azure.target.server.addLogin('reader', ['SELECT', 'VIEW DEFINITION']);
      const result = await compare(sqlserverDigest, azure.urls);
      assert.equal(result.target.server, 'Azure SQL Database (12.0.2000.8)');
      assert.equal(tableOf(result, 't').verdict, 'same');
      const masked = await compare(sqlserverDigest, { ...azure.urls, target: azure.target.url('reader') });
      assert.equal(tableOf(masked, 't').verdict, 'skipped');
    } finally {
      await azure.stop();
    }
  });

  it('measures the answer times of the source on a connection of its own', async () => {
    const { profile, password } = parseConnectionUrl(pair.urls.source);
    const request = { profile, password, programName: PROGRAM, timeoutMs: 10_000 };
    const session = await sqlserverDigest.openSnapshot(request, { database: 'lab', workers: 2 }, never);
    try {
      assert.equal(source.server.tds.open, 3);
      assert.ok((await session.latency(never)) >= 0);
      const spids = new Set(
        source.server.model.asked.filter(({ sql }) => sql === 'SELECT 1 AS one').map(({ spid }) => spid),
      );
      const readers = source.server.model.asked
        .filter(({ sql }) => /BEGIN TRANSACTION/.test(sql))
        .map(({ spid }) => spid);
      assert.equal(spids.size, 1);
      assert.ok(readers.every((spid) => !spids.has(spid)));
      assert.match(session.product, /^SQL Server 2019 \(15\.0/);
    } finally {
      await session.close();
    }
    await source.server.tds.idle();
  });
});

type Intercept = DigestSide['server']['model']['intercept'];

/** Answers some statements differently, and all others as before. */
function intercepted({ server }: DigestSide, first: Intercept): Intercept {
  const usual = server.model.intercept;
  return (sql, spid) => first(sql, spid) ?? usual(sql, spid);
}

function markOf({ server }: DigestSide): string {
  const begun = server.model.asked.map(({ sql }) => /SET CONTEXT_INFO 0x([0-9A-F]+)/.exec(sql)?.[1]);
  return begun.findLast((mark) => mark !== undefined) ?? '';
}
