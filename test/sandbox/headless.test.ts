import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { drive } from '../../sandbox/drive.ts';
import { startWorld } from '../../sandbox/world.ts';

const root = path.join(import.meta.dirname, '../..');

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `npm start`'s script as its own process, with a folder of its own for temporary files. */
function start(args: readonly string[], temporary: string): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, TMPDIR: temporary };
    const command = ['--import', 'tsx', path.join(root, 'sandbox/start.ts'), ...args];
    execFile(process.execPath, command, { cwd: root, env, timeout: 120_000 }, (error, out, err) => {
      const code = error ? (typeof error.code === 'number' ? error.code : null) : 0;
      resolve({ code, out, err });
    });
  });
}

describe('the headless run', function () {
  this.timeout(150_000);
  let temporary: string;
  before(async () => {
    // a short path that the servers' own user may enter: PostgreSQL's socket lies in it
    temporary = await mkdtemp(path.join(tmpdir(), 'hl-'));
    await chmod(temporary, 0o755);
  });
  after(() => rm(temporary, { recursive: true, force: true }));

  for (const engine of ['postgres', 'mongodb']) {
    it(`cuts over on ${engine}, tells every step as JSON, proves every order and leaves nothing behind`, async () => {
      const { code, out, err } = await start(
        ['--headless', '--json', '--engine', engine, '--quiet-seconds', '5', '--dwell-seconds', '3'],
        temporary,
      );
      assert.equal(code, 0, err + out.slice(-2000));
      const events = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      const kinds = events.filter((event) => event['event'] === 'journal').map((event) => event['kind']);
      const order = ['started', 'paused', 'quietReached', 'dwellReached', 'completeSent', 'completed'];
      assert.deepEqual(
        kinds.filter((kind) => order.includes(String(kind))),
        order,
      );
      const compared = kinds.flatMap((kind, index) => (kind === 'comparisonFinished' ? [index] : []));
      const [proof, final] = [compared[0] ?? NaN, compared.at(-1) ?? NaN];
      assert.ok(kinds.indexOf('paused') < proof && proof < kinds.indexOf('completeSent'), 'rows are proven first');
      assert.ok(kinds.indexOf('completed') < final, 'and everything is looked at once more after the end');
      const result = events.at(-1)!;
      const orders = result['orders'] as Record<string, number>;
      assert.equal(result['event'], 'result');
      assert.equal(result['status'], 'success');
      assert.equal(result['verdict'], 'same');
      assert.ok(orders['committed']! > 20_000);
      assert.equal(orders['missing'], 0);
      assert.deepEqual(
        (await readdir(temporary)).filter((name) => !name.startsWith('tsx-') && name !== 'node-compile-cache'),
        [],
      );
    });
  }

  it('does not succeed when the target has lost rows: the gate of Verify stays shut, and Complete is not sent', async () => {
    const world = await startWorld({ engine: 'postgres', decorativeTasks: false });
    try {
      const driven = drive(world, {
        quietWindowSeconds: 2,
        zeroDwellSeconds: 1,
        onProgress: () => undefined,
        onEntry: (entry) => {
          if (entry.kind === 'paused') void world.control.migration.loseRows('public.orders', 3);
        },
      });
      await assert.rejects(driven, /step "verify".*differ/s);
    } finally {
      await world.stop();
    }
  });

  it('says what is wrong with its options', async () => {
    const { code, err } = await start(['--headless', '--quiet-seconds', 'soon'], temporary);
    assert.equal(code, 2);
    assert.match(err, /--quiet-seconds takes a whole number from 1 to 600, not "soon"\./);
  });
});
