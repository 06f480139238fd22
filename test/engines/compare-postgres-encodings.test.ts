import assert from 'node:assert/strict';
import { postgresDigest } from '../../src/engines/postgres/digest.ts';
import { startPostgres, type PostgresServer } from '../../sandbox/postgres.ts';
import { repairStatements } from '../../src/comparison/repair.ts';
import { say } from '../../src/util/sentence.ts';
import { compare, found, tableOf, quiet, written } from './comparing.ts';

describe('comparing PostgreSQL databases that are not in UTF-8', function () {
  this.timeout(60_000);
  const servers: PostgresServer[] = [];

  before(async () => {
    servers.push(...(await Promise.all([startPostgres({ version: '17' }), startPostgres({ version: '18' })])));
    for (const server of servers) {
      for (const [name, encoding] of Object.entries({
        latin: 'LATIN1',
        chinese: 'EUC_CN',
        bytes: 'SQL_ASCII',
        unicode: 'UTF8',
      })) {
        await server.run(
          `CREATE DATABASE ${name} ENCODING '${encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`,
        );
        const word = name === 'chinese' ? '中文' : 'é';
        await server.run(
          `SET client_encoding = UTF8; CREATE TABLE t (id int PRIMARY KEY, v text);
           INSERT INTO t VALUES (1, '${word}'), (2, 'e'), (3, NULL);
           CREATE TABLE words (k varchar(9), n int, v jsonb, PRIMARY KEY (n, k));
           INSERT INTO words VALUES ('${word}', 1, '{"a": "${word}"}'), ('e', 1, '"${word}"')`,
          name,
        );
      }
    }
  });
  after(() => Promise.all(servers.map((server) => server.stop())));

  const urls = (source: string, target: string) => ({
    source: servers[0]!.url(undefined, undefined, source),
    target: servers[1]!.url(undefined, undefined, target),
  });

  it('shows bytes that are no text as what they are', async () => {
    const made = (
      byte: string,
    ) => `SET client_encoding = SQL_ASCII; CREATE TABLE raw (id int PRIMARY KEY, v text); CREATE TABLE keys (k text PRIMARY KEY, v text);
      INSERT INTO keys VALUES (E'caf\\xe9', E'${byte}\\xc3\\xa9\\\\'), ('bytes \\303', 'x');
      INSERT INTO raw VALUES (1, E'${byte}'), (2, E'caf\\xe9'), (3, 'ok')`;
    await servers[0]!.run(made('\\xff'), 'bytes');
    await servers[1]!.run(made('\\xfe'), 'bytes');
    const result = await compare(postgresDigest, urls('bytes', 'bytes'));
    const [raw, keys] = [tableOf(result, 'raw'), tableOf(result, 'keys')];
    assert.deepEqual([found(raw), found(keys)], [['changed 1'], ['changed \0caf\\351']]);
    assert.deepEqual([raw.differences[0]?.source?.['v'], raw.differences[0]?.target?.['v']], ['\0\\377', '\0\\376']);
    assert.equal(keys.differences[0]?.target?.['v'], '\0\\376\\303\\251\\\\');
    const statements = repairStatements(
      postgresDigest.repair,
      { ...raw, name: raw.target!, columns: raw.targetColumns },
      raw.differences,
    );
    await servers[1]!.run(`SET client_encoding = SQL_ASCII; ${statements.join('')}`, 'bytes');
    assert.equal(tableOf(await compare(postgresDigest, urls('bytes', 'bytes')), 'raw').verdict, 'same');
    for (const server of servers) await server.run('DROP TABLE raw, keys', 'bytes');
  });

  for (const [source, target] of [
    ['latin', 'latin'],
    ['chinese', 'chinese'],
    ['bytes', 'bytes'],
    ['latin', 'unicode'],
    ['unicode', 'latin'],
    ['bytes', 'unicode'],
  ] as const) {
    it(`finds what differs and nothing else: ${source} and ${target}`, async () => {
      const same = await compare(postgresDigest, urls(source, target));
      assert.deepEqual(
        same.tables.map(({ verdict }) => verdict),
        ['same', 'same'],
      );
      // what comes after the switch may not fit
      const narrower = source === 'unicode' ? ['source: ENCODING UTF8; target: ENCODING LATIN1'] : [];
      const counted = same.objects.filter(({ verdict, counts }) => verdict !== 'same' && counts);
      assert.deepEqual(
        counted.map(({ detail }) => say(detail!)),
        narrower,
      );
      assert.deepEqual(same.remarks, []);
      const plant = (v: string, w: string) =>
        servers[1]!.run(`UPDATE t SET v = '${v}' WHERE id = 2; UPDATE words SET v = '${w}' WHERE k <> 'e'`, target);
      await plant('E', '1');
      const word = source === 'chinese' ? '中文' : 'é';
      for (const positions of [
        { source: quiet, target: quiet },
        { source: written(['public.t', 'public.words'], 2), target: quiet },
      ]) {
        const result = await compare(postgresDigest, { ...urls(source, target), positions });
        assert.deepEqual(found(tableOf(result, 't')), ['changed 2']);
        assert.deepEqual(found(tableOf(result, 'words')), [`changed 1,${word}`]);
        assert.equal(tableOf(result, 'words').differences[0]!.source!['v'], `{"a": "${word}"}`);
      }
      await plant('e', `{"a": "${word}"}`);
    });
  }
});
