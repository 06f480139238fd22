import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { inRepository } from '../../scripts/paths.ts';
import { DigestPair } from '../support/tds/sql/pair.ts';

interface Document {
  readonly verdict: string;
  readonly source: { readonly server: string };
  readonly tables: readonly {
    readonly source: string;
    readonly verdict: string;
    readonly differences: readonly object[];
  }[];
}

describe('npm run engine -- compare, with SQL Server (the TDS test server)', function () {
  this.timeout(60_000);
  let pair: DigestPair;

  before(async () => {
    pair = await DigestPair.start('shop');
    for (const { server, database } of [pair.source, pair.target]) {
      database.run(
        "CREATE TABLE a (id bigint NOT NULL PRIMARY KEY, v nvarchar(20)); INSERT INTO a VALUES (9007199254740993, N'x')",
      );
      server.model.addTable('shop', 'a');
    }
  });
  after(() => pair?.stop());

  async function run(): Promise<{ code: number | null; document: Document; text: string }> {
    const { source, target } = pair.urls;
    const script = ['--import', 'tsx', inRepository('scripts/engine.ts'), 'compare', source, target];
    const child = spawn(process.execPath, script, { cwd: inRepository(), stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    let problems = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    child.stderr.setEncoding('utf8').on('data', (piece: string) => (problems += piece));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    assert.ok(text.startsWith('{'), problems);
    return { code, document: JSON.parse(text) as Document, text };
  }

  it('ends with 0 when all is the same, and never prints a password', async () => {
    const { code, document, text } = await run();
    assert.equal(code, 0, text);
    assert.equal(document.verdict, 'same');
    assert.match(document.source.server, /^SQL Server 2019/);
    assert.doesNotMatch(text, /admin-password/);
  });

  it('ends with 1 when something differs, with both values and 64-bit numbers as text', async () => {
    pair.target.database.run("UPDATE a SET v = N'y'");
    const { code, document } = await run();
    assert.equal(code, 1);
    assert.deepEqual(
      document.tables.map(({ source, verdict, differences }) => ({ source, verdict, differences })),
      [
        {
          source: 'dbo.a',
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
  });
});
