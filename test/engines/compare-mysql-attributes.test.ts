import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { MysqlServer } from '../../sandbox/mysqlProcess.ts';
import { inRepository } from '../../scripts/paths.ts';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { mysqlDigest } from '../../src/engines/mysql/digest.ts';
import { say } from '../../src/util/sentence.ts';
import { ALL_PAIRS, available, NAMES, startProduct, type MysqlProduct } from '../support/pairs.ts';
import { compare } from './comparing.ts';
import type { AttributeCase } from './mysqlAttributes/attributes.ts';
import { columns } from './mysqlAttributes/columns.cases.ts';
import { partitions } from './mysqlAttributes/partitions.cases.ts';
import { programs } from './mysqlAttributes/programs.cases.ts';
import { routines } from './mysqlAttributes/routines.cases.ts';
import { tables } from './mysqlAttributes/tables.cases.ts';
import { values } from './mysqlAttributes/values.cases.ts';

const cases = [...columns, ...values, ...tables, ...partitions, ...routines, ...programs];
const DOCUMENT = inRepository('docs/comparison-mysql.md');
/** Changed of the database itself, after all others. */
const OF_DATABASES = [
  ...['SCHEMATA.DEFAULT_CHARACTER_SET_NAME', 'SCHEMATA.DEFAULT_COLLATION_NAME', 'SCHEMATA.DEFAULT_ENCRYPTION'],
  ...[
    'SCHEMATA_EXTENSIONS.OPTIONS',
    'TRIGGERS.DATABASE_COLLATION',
    'EVENTS.DATABASE_COLLATION',
    'ROUTINES.DATABASE_COLLATION',
  ],
];
const SESSION = `SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00',
  character_set_client = utf8mb4, character_set_results = utf8mb4, collation_connection = utf8mb4_general_ci`;

interface Decision {
  /** `TABLES.ENGINE` */
  readonly attribute: string;
  readonly decided: string;
}

/** Lines `| TABLES | ENGINE | compared | … |`. */
async function decisions(): Promise<readonly Decision[]> {
  const rows = (await readFile(DOCUMENT, 'utf8')).split('\n').filter((line) => line.startsWith('| '));
  return rows.flatMap((row) => {
    const [, catalog = '', names = '', decided = ''] = row.split('|').map((cell) => cell.trim());
    return names.split(', ').map((name) => ({ attribute: `${catalog}.${name}`, decided }));
  });
}

describe('every attribute of MySQL’s and MariaDB’s objects', function () {
  this.timeout(120_000);
  let servers: { readonly source: MysqlServer; readonly target: MysqlServer };

  const suite = (source: MysqlProduct, target: MysqlProduct) =>
    describe(`from ${NAMES[source]} to ${NAMES[target]}`, () => {
      let found: ReadonlyMap<AttributeCase, readonly string[]>;
      let applied: readonly AttributeCase[] = [];

      before(async function () {
        this.timeout(300_000);
        const there = [await available(this, source), await available(this, target)];
        if (there[0] !== source || there[1] !== target) this.skip();
        servers = { source: await startProduct(source), target: await startProduct(target) };
        const both = source === target ? source : null;
        applied = cases.filter(({ only }) => only === undefined || only === both);
        for (const server of [servers.source, servers.target]) await make(server, applied);
        const before = await run();
        const invented = before.objects.filter(({ verdict, counts }) => verdict !== 'same' && counts);
        assert.deepEqual(invented, [], 'equal objects');
        await change(servers.target, applied);
        found = byCase(await run());
      });
      after(async () => {
        await Promise.all([servers?.source.stop(), servers?.target.stop()]);
      });

      it('does what is decided about it', () => {
        const across = source !== target;
        const wrong = applied.flatMap((each) => {
          const wanted = (across ? each.across : undefined) ?? each.effect ?? 'counts';
          const said = found.get(each) ?? [];
          const is = said.some((line) => line.startsWith('counts')) ? 'counts' : said.length > 0 ? 'told' : 'ignored';
          return is === wanted ? [] : [`${each.name}: ${is} instead of ${wanted}: ${said.join('; ')}`];
        });
        assert.deepEqual(wrong, []);
      });

      it('of the database itself', async () => {
        const routine = 'CREATE FUNCTION last_one () RETURNS INT DETERMINISTIC NO SQL RETURN 1';
        await servers.source.query(`${SESSION}; ${routine}`, 'lab');
        const options =
          target === 'mysql' ? "; ALTER DATABASE lab ENCRYPTION = 'Y'; ALTER DATABASE lab READ ONLY = 1" : '';
        await servers.target.query(
          `${SESSION}; ALTER DATABASE lab CHARACTER SET latin1 COLLATE latin1_bin; USE lab; ${routine}${options}`,
          'lab',
        );
        const said = (await run()).objects.flatMap(({ name, verdict, counts, detail }) =>
          verdict === 'same' || !detail ? [] : [`${counts ? 'counts' : 'told'} ${name}: ${say(detail)}`],
        );
        const database = said.filter((line) => line.includes('database:')).join('\n');
        assert.match(database, /^counts .*COLLATE utf8mb4_general_ci, CHARACTER SET utf8mb4/m);
        assert.match(said.join('\n'), /^counts function last_one: .*database COLLATE/m);
        if (source === 'mysql') {
          assert.match(database, /^counts .*READ ONLY no/m);
          assert.match(database, /^told .*ENCRYPTION of new tables NO/m);
        }
      });

      it('is decided about in the documentation, and tried', async () => {
        const rows = await servers.source.query(
          `SELECT TABLE_NAME AS c, COLUMN_NAME AS n FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'information_schema'`,
        );
        const all = rows.map(({ c, n }) => `${String(c)}.${String(n)}`);
        const decided = await decisions();
        const known = new Set(decided.map(({ attribute }) => attribute));
        const undecided = all.filter(
          (name) => !known.has(name) && !known.has(`${name.split('.')[0]}.*`) && !name.startsWith('INNODB_'),
        );
        assert.deepEqual(undecided, []);
        const tried = new Set([...cases.flatMap(({ of }) => of), ...OF_DATABASES]);
        const never = decided.filter(
          ({ attribute, decided: how }) =>
            /^(compared|told)$/.test(how) && !attribute.endsWith('*') && !tried.has(attribute),
        );
        assert.deepEqual(never, []);
      });
    });

  suite('mysql', 'mysql');
  if (ALL_PAIRS) suite('mariadb', 'mariadb');
  suite('mariadb', 'mysql');

  const numbered = (sql: string, each: AttributeCase) => sql.replaceAll('~', `_${cases.indexOf(each)}`);

  async function make(server: MysqlServer, applied: readonly AttributeCase[]): Promise<void> {
    const bases = applied.map((each) => `${SESSION}; ${numbered(each.base, each)}`);
    await server.query(
      `CREATE DATABASE lab CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci; USE lab; ${bases.join('; ')}`,
    );
  }

  async function change(server: MysqlServer, applied: readonly AttributeCase[]): Promise<void> {
    const changes = applied.map((each) => `${SESSION}; ${numbered(each.change, each)}`);
    await server.query(changes.join('; '), 'lab');
  }

  const run = () => compare(mysqlDigest, { source: servers.source.urlOf('lab'), target: servers.target.urlOf('lab') });

  /** What was said of the objects of each case. */
  function byCase(result: ComparisonResult): ReadonlyMap<AttributeCase, readonly string[]> {
    const lines = new Map<AttributeCase, string[]>();
    for (const { verdict, counts, name, kind, detail } of result.objects) {
      // what is told of many is told once, with the name of the first
      const each = cases[Number(/_(\d+)\b/.exec(name)?.[1] ?? -1)];
      if (verdict === 'same' || !each) continue;
      const line = `${counts ? 'counts' : 'told'} ${kind} ${name} ${verdict} ${detail ? say(detail) : ''}`;
      lines.set(each, [...(lines.get(each) ?? []), line]);
    }
    return lines;
  }
});
