import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPostgres, type PostgresServer } from '../../sandbox/postgres.ts';
import { repairScript } from '../../src/comparison/repairScript.ts';
import type { ComparisonFacts } from '../../src/cutover/facts.ts';
import { compareThrough } from '../../src/engines/compareThrough.ts';
import { postgresDigest } from '../../src/engines/postgres/digest.ts';
import { parseConnectionUrl } from '../../src/engines/url.ts';
import { Comparisons } from '../../src/host/runs/comparisons.ts';
import { finishedStore } from '../../src/host/runs/finishedStore.ts';
import { isFailure } from '../../src/util/failure.ts';
import { say } from '../../src/util/sentence.ts';
import { everything, PROGRAM } from './comparing.ts';

const TABLES = ['a', 'b', 'c', 'd'];

describe('comparing again, on PostgreSQL', function () {
  this.timeout(60_000);
  let servers: readonly PostgresServer[];
  let folder: string;
  let comparisons: Comparisons;

  before(async () => {
    const settings = { autovacuum: 'off' };
    servers = await Promise.all([
      startPostgres({ version: '17', settings }),
      startPostgres({ version: '18', settings }),
    ]);
    for (const server of servers) {
      await server.run('CREATE DATABASE shop');
      for (const name of TABLES) {
        await server.run(
          `CREATE TABLE ${name} (id bigserial PRIMARY KEY, note text, price numeric(12,2));
           INSERT INTO ${name} (note, price) SELECT 'it''s ' || i, i / 7.0 FROM generate_series(1, 500) i`,
          'shop',
        );
      }
    }
  });
  after(() => Promise.all((servers ?? []).map((server) => server.stop())));
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'again-'));
    comparisons = new Comparisons();
  });
  afterEach(() => rm(folder, { recursive: true }));

  const run = (side: 0 | 1, sql: string) => servers[side]!.run(sql, 'shop');
  const endpoint = (side: 0 | 1) => ({
    request: async () => {
      const { profile, password } = parseConnectionUrl(servers[side]!.url(undefined, undefined, 'shop'));
      return { profile, password, programName: PROGRAM, timeoutMs: 20_000 };
    },
  });
  const memory = () => {
    const log = { warn: (text: string) => assert.fail(text) };
    return comparisons.memoryOf('task', finishedStore(path.join(folder, 'finished.jsonl'), log));
  };
  /** `until` stops it as soon as so many tables are done */
  async function compare(
    tables: readonly string[] | null = null,
    { until = Infinity, notBefore = null as number | null } = {},
  ): Promise<ComparisonFacts> {
    const stop = new AbortController();
    const through = compareThrough(
      { source: endpoint(0), target: endpoint(1) },
      { workers: () => 1, memory: memory() },
    );
    return through(
      { method: 'digest', scope: everything('shop', 'shop'), tables, notBefore },
      ({ tablesDone }) => {
        if (tablesDone >= until) stop.abort();
      },
      stop.signal,
    );
  }
  const takenOver = (facts: ComparisonFacts) =>
    Number(/(\d+) tables were taken over/.exec(facts.skipped.map((each) => say(each)).join('\n'))?.[1] ?? 0);

  it('one table counts for all while nobody writes, and for itself only after a write', async () => {
    assert.equal((await compare()).verdict, 'same');
    const again = await compare(['shop.public.b']);
    assert.deepEqual([again.whole, again.verdict, again.tables.length, takenOver(again)], [true, 'same', 4, 3]);
    await run(1, `INSERT INTO c (note) VALUES ('on the target only')`);
    const later = await compare(['shop.public.b']);
    assert.deepEqual([later.whole, later.tables.length, takenOver(later)], [false, 1, 0]);
    await run(1, `DELETE FROM c WHERE note = 'on the target only'; SELECT setval('c_id_seq', 500)`);
  });

  it('one table counts for all after a reload, too: what was the same is taken over, the rest compared again', async () => {
    await run(1, 'UPDATE a SET note = NULL WHERE id = 3');
    assert.equal((await compare()).verdict, 'different');
    comparisons = new Comparisons(); // the window was loaded again: rows are gone, names are left
    const again = await compare(['shop.public.a']);
    assert.deepEqual([again.whole, again.verdict, again.tables.length, takenOver(again)], [true, 'different', 4, 3]);
    const rows = comparisons.find('task', again.id)?.tables.flatMap(({ differences }) => differences);
    assert.deepEqual(
      rows?.map(({ key }) => key),
      [{ id: '3' }],
    );
    await run(1, `UPDATE a SET note = 'it''s 3' WHERE id = 3`);
    comparisons = new Comparisons();
    assert.equal((await compare(['shop.public.a'])).whole, false, 'the target was written since');
    comparisons = new Comparisons();
    assert.equal((await compare(['shop.public.b'])).whole, false, 'nothing whole is known any more');
  });

  it('nothing of before the task’s end is taken over', async () => {
    const first = await compare();
    const again = await compare(['shop.public.b'], { notBefore: first.startedAt + 1 });
    assert.equal(again.whole, false);
  });

  it('goes on after an interruption with what was finished, unless somebody wrote', async () => {
    await assert.rejects(compare(null, { until: 3 }), (error) => isFailure(error) && error.reason === 'cancelled');
    comparisons = new Comparisons(); // the window was closed: only the file is left
    const resumed = await compare();
    assert.equal(resumed.verdict, 'same');
    assert.ok(takenOver(resumed) >= 2, `${takenOver(resumed)} taken over`);
    assert.equal(takenOver(await compare()), 0, 'a comparison that came to its end is not gone on with');

    await assert.rejects(compare(null, { until: 3 }));
    await run(0, 'UPDATE a SET price = price + 1 WHERE id = 7');
    const after = await compare();
    assert.deepEqual([after.verdict, takenOver(after)], ['different', 0]);
    await run(0, 'UPDATE a SET price = price - 1 WHERE id = 7');
  });

  it('the repair statements, run by hand, make the target the same', async () => {
    await run(
      1,
      `UPDATE a SET note = NULL WHERE id = 3; DELETE FROM a WHERE id = 4; INSERT INTO a VALUES (900, '\\', 1)`,
    );
    await run(1, `DELETE FROM d; SELECT setval('d_id_seq', 5)`);
    const facts = await compare();
    assert.equal(facts.verdict, 'different');
    const result = comparisons.find('task', facts.id);
    assert.ok(result);
    const script = repairScript(postgresDigest.repair, result, {
      heading: ['planted\nDROP TABLE a;'],
      truncated: () => assert.fail('everything is known'),
      unlisted: (table) => assert.fail(table),
      objects: 'sequences',
      nothing: 'nothing',
    });
    await run(1, script);
    const repaired = await compare();
    const left = comparisons.find('task', repaired.id);
    const rest = {
      tables: left?.tables.filter(({ verdict }) => verdict !== 'same'),
      objects: left?.objects.filter(({ verdict }) => verdict !== 'same'),
    };
    assert.deepEqual(rest, { tables: [], objects: [] });
    assert.equal(repaired.verdict, 'same');
  });
});
