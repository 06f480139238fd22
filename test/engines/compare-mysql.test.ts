import assert from 'node:assert/strict';
import type { MysqlServer } from '../../sandbox/mysqlProcess.ts';
import { repairScript } from '../../src/comparison/repairScript.ts';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { mysqlDigest } from '../../src/engines/mysql/digest.ts';
import { say } from '../../src/util/sentence.ts';
import { startOwn } from '../support/mysql.ts';
import { cases } from './compare-mysql.cases.ts';
import { client } from './mysqlRoundTrip/restore.ts';
import { compare, found } from './comparing.ts';

/** Every setting that could change what is read or how the catalog answers, set for everybody. */
const ODD = [
  "sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH,PIPES_AS_CONCAT,HIGH_NOT_PRECEDENCE'",
  ...["time_zone = '+05:45'", 'group_concat_max_len = 8', 'max_execution_time = 1000', 'sql_select_limit = 1'],
  ...['max_join_size = 1', 'sql_big_selects = 0', 'sql_safe_updates = 1', 'sql_auto_is_null = 1'],
  ...["lc_time_names = 'zh_CN'", 'div_precision_increment = 0', 'information_schema_stats_expiry = 86400'],
  ...['show_gipk_in_create_table_and_information_schema = OFF', 'sql_quote_show_create = 0'],
  ...["transaction_isolation = 'READ-UNCOMMITTED'", 'autocommit = 0', "collation_connection = 'latin1_swedish_ci'"],
  ...["character_set_results = 'latin1'", "character_set_client = 'latin1'"],
];
const USUAL = `SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO', sql_quote_show_create = 1, sql_select_limit = DEFAULT, sql_safe_updates = 0, sql_big_selects = 1,
  max_join_size = 18446744073709551615, autocommit = 1, time_zone = '+00:00', character_set_client = utf8mb4,
  character_set_connection = utf8mb4, character_set_results = utf8mb4`;

const TEXTS = { heading: [], truncated: () => '', unlisted: () => '', objects: '', nothing: '' };

describe('comparing two servers of MySQL proper, one of them with odd settings', function () {
  this.timeout(60_000);
  let source: MysqlServer;
  let target: MysqlServer;
  let stop: () => Promise<unknown>;

  before(async function () {
    this.timeout(300_000);
    const servers = [await startOwn(this, 'mysql'), await startOwn(this, 'mysql')] as const;
    stop = () => Promise.all(servers.map((server) => server.stop()));
    const [mine, theirs] = servers.map(({ own }) => own);
    assert.ok(mine && theirs);
    [source, target] = [mine, theirs];
    for (const setting of ODD) await target.query(`SET GLOBAL ${setting}`);
  });
  after(() => stop());

  const make = (server: MysqlServer, database: string, sql: string) =>
    server.query(`${USUAL}; DROP DATABASE IF EXISTS ${database}; CREATE DATABASE ${database}; USE ${database}; ${sql}`);
  const urls = () => ({ source: source.urlOf('lab'), target: target.urlOf('lab') });
  const said = (result: ComparisonResult) =>
    result.objects
      .filter(({ verdict, counts }) => verdict !== 'same' && counts)
      .map(({ kind, name, detail }) => `${kind} ${name}${detail ? `: ${say(detail)}` : ''}`);

  for (const { name, source: mine, target: theirs, verdict, rows, told, stays } of cases) {
    it(`${verdict === 'same' ? 'accepts' : 'finds'} ${name}`, async () => {
      await make(source, 'lab', mine);
      await make(target, 'lab', theirs ?? mine);
      const result = await compare(mysqlDigest, urls());
      const about = JSON.stringify([said(result), result.remarks, result.tables]);
      assert.equal(result.verdict, verdict, about);
      if (told)
        assert.ok(
          said(result).some((line) => told.test(line)),
          about,
        );
      const different = result.tables.filter(({ differences }) => differences.length > 0);
      assert.deepEqual(different.flatMap(found).sort(), [...(rows ?? [])].sort());
      for (const { source: one, target: other } of different.flatMap(({ differences }) => differences))
        assert.notDeepEqual(one, other, 'two equal rows side by side');
      if (!rows) return;
      const script = repairScript(mysqlDigest.repair, { tables: different, objects: [] }, TEXTS);
      assert.match(script, /^[\x20-\x7e\n]*$/, 'only characters that show');
      await client(target, 'client', ['lab'], script);
      const after = await compare(mysqlDigest, urls());
      assert.equal(after.verdict, stays ? 'different' : 'same', JSON.stringify([script, after.tables]));
      if (stays) assert.match(script, stays);
    });
  }
});
