import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { startPostgres, type PostgresServer } from '../../sandbox/postgres.ts';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { postgresDigest } from '../../src/engines/postgres/digest.ts';
import { NOT_PLANTED, plants } from './compare-postgres-attributes.cases.ts';
import { compare } from './comparing.ts';

/** `catalog.attribute` → what the document says is done with it. */
async function decisions(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(new URL('../../docs/postgresql-attributes.md', import.meta.url), 'utf8');
  const found = new Map<string, string>();
  for (const [, catalog = '', decision = '', attributes = ''] of text.matchAll(
    /^\| (pg_\w+) \| (\w+) \| ([\w, ]+) \|/gm,
  )) {
    for (const attribute of attributes.split(', ')) {
      assert.equal(found.has(`${catalog}.${attribute}`), false, `${catalog}.${attribute} is decided about twice`);
      found.set(`${catalog}.${attribute}`, decision);
    }
  }
  return found;
}

const each = (of: string) => {
  const [catalog = '', attributes = ''] = of.split('.');
  return attributes.split(', ').map((attribute) => `${catalog}.${attribute}`);
};

describe('attributes of PostgreSQL’s objects', function () {
  this.timeout(60_000);
  let servers: readonly PostgresServer[];
  let result: ComparisonResult;
  let unchanged: ComparisonResult;

  before(async () => {
    servers = await Promise.all([startPostgres({ version: '17' }), startPostgres({ version: '18' })]);
    const newest = servers[1]!;
    const filled = async (side: 'source' | 'target', database: string = side) => {
      await newest.run(`CREATE DATABASE ${database}`);
      const client = await newest.connect({ database });
      await client.query('SET allow_system_table_mods = on; CREATE TABLE one (id int)');
      for (const [i, plant] of plants.entries()) {
        const sql = [plant.both ?? '', plant[side]].join(';');
        await client.query(sql.replaceAll('{n}', `plant_${String(i).padStart(3, '0')}_`)).catch((error: unknown) => {
          throw new Error(`${plant.of.join()}: ${sql}`, { cause: error });
        });
      }
      await client.end();
      return newest.url(undefined, undefined, database);
    };
    const [source, target, again] = await Promise.all([filled('source'), filled('target'), filled('source', 'again')]);
    result = await compare(postgresDigest, { source, target });
    unchanged = await compare(postgresDigest, { source, target: again });
  });
  after(() => Promise.all(servers.map((server) => server.stop())));

  it('have all been decided about, on every version at hand', async () => {
    const decided = await decisions();
    const catalogs = [...new Set([...decided.keys()].map((name) => name.split('.')[0] ?? ''))];
    for (const server of servers) {
      const rows = await server.run(
        `SELECT c.relname || '.' || a.attname AS name FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
          WHERE c.relnamespace = 'pg_catalog'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
            AND c.relname = ANY ('{${catalogs.join(',')}}')`,
      );
      assert.deepEqual(
        rows.map((row) => String(row['name'])).filter((name) => !decided.has(name)),
        [],
        `of PostgreSQL ${server.version}`,
      );
    }
  });

  it('are planted where they are compared', async () => {
    const compared = [...(await decisions())].flatMap(([name, decision]) => (decision === 'compared' ? [name] : []));
    const planted = new Set([...plants.flatMap(({ of }) => of), ...NOT_PLANTED].flatMap(each));
    assert.deepEqual(
      compared.filter((name) => !planted.has(name)),
      [],
    );
    assert.deepEqual(
      [...planted].filter((name) => !compared.includes(name)),
      [],
    );
  });

  it('make no difference where none was planted', () => {
    assert.equal(
      unchanged.verdict,
      'same',
      JSON.stringify(unchanged.objects.filter(({ verdict }) => verdict !== 'same')),
    );
  });

  for (const [i, { of, source, target }] of plants.entries()) {
    it(`make a difference: ${of.join(', ')} (${[source, target].map((sql) => sql.slice(0, 60)).join(' | ')})`, () => {
      const name = new RegExp(`plant_${String(i).padStart(3, '0')}_`);
      const found = [
        ...result.tables.filter(
          (table) => table.verdict !== 'same' && name.test((table.source ?? table.target)?.name ?? ''),
        ),
        ...result.objects.filter(
          (object) => object.verdict !== 'same' && object.counts && name.test(JSON.stringify(object)),
        ),
      ];
      assert.ok(found.length > 0, 'nothing was found');
    });
  }
});
