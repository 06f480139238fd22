/** What `src/comparison/port.ts` promises of comparing rows, on whatever two servers: one suite for all of them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Context } from 'mocha';
import type { DigestEngine } from '../../src/comparison/port.ts';
import type { ReadPosition } from '../../src/comparison/positions.ts';
import type { ComparisonResult, TableResult } from '../../src/comparison/result.ts';
import { isFailure } from '../../src/util/failure.ts';
import { say } from '../../src/util/sentence.ts';
import { compare, found, never, quiet, tableOf, written, type Compared } from '../engines/comparing.ts';

type Side = 'source' | 'target';

/** A row: its id, a number, a text. */
export type Row = readonly [id: number, v: number | null, s: string | null];

export interface DigestServers {
  readonly engine: DigestEngine;
  /** nothing is in either database any more */
  clear(): Promise<void>;
  /** after `clear`; where the port is written as a number, 127.0.0.1 is the host */
  urls(): Pick<Compared, 'source' | 'target'>;
  /** a table `name` of columns id, v and s, with id as its key or without any */
  create(side: Side, name: string, keyed: boolean): Promise<unknown>;
  insert(side: Side, name: string, rows: readonly Row[]): Promise<unknown>;
  /** sets v of one row, or of all */
  set(side: Side, name: string, id: number | 'all', v: number): Promise<unknown>;
  remove(side: Side, name: string, ids: readonly number[]): Promise<unknown>;
  /** an id as results show it */
  shown(id: number | string): string;
  /** how a reading of the write position names the table t */
  readonly named: readonly string[];
  /** makes every reader of t on the target wait; the answer lets them on */
  block?(): Promise<() => Promise<unknown>>;
  /** how many statements of ours the target runs, by its own list */
  running?(): Promise<number>;
  stop(): Promise<unknown>;
}

const ROWS = 700;
const numbered = (from: number, to: number): Row[] =>
  Array.from({ length: to - from + 1 }, (_, i) => [from + i, from + i, `row ${from + i}`]);

/**
 * @param lacks what there is not, or what is tested where the engine's own is: rows without a key, a lock that keeps readers
 *   waiting
 */
export function digestContract(
  name: string,
  start: (context: Context) => Promise<DigestServers>,
  lacks: readonly ('copies' | 'lock')[] = [],
): void {
  describe(`the contract of comparing: ${name}`, function () {
    this.timeout(60_000);
    let servers: DigestServers;
    before(async function () {
      servers = await start(this);
    });
    after(() => servers?.stop());

    beforeEach(async () => {
      await servers.clear();
      await both(async (side) => {
        await servers.create(side, 't', true);
        await servers.insert(side, 't', numbered(1, ROWS));
        await servers.create(side, 'small', true);
        await servers.insert(side, 'small', [[1, 1, 'x']]);
      });
    });

    const both = (act: (side: Side) => Promise<unknown>) => Promise.all([act('source'), act('target')]);
    const run = (request: Partial<Compared> = {}): Promise<ComparisonResult> =>
      compare(servers.engine, { ...servers.urls(), ...request });
    const remarks = (result: ComparisonResult) => result.remarks.map((remark) => say(remark)).join(' ');
    const ids = (kind: string, ...of: number[]) => of.map((id) => `${kind} ${servers.shown(id)}`);
    const itWhere = (what: 'copies' | 'lock') => (lacks.includes(what) ? () => undefined : it);
    const onlyT = { only: ['t'] };

    it('calls equal rows the same, and counts them', async () => {
      const result = await run();
      assert.equal(result.verdict, 'same', remarks(result));
      assert.deepEqual(tableOf(result, 't').rows, { source: ROWS, target: ROWS });
      assert.equal(tableOf(result, 't').differenceCount, 0);
    });

    it('finds exactly what is changed, missing and extra, with both values', async () => {
      await servers.set('target', 't', 400, -1);
      await servers.remove('target', 't', [1, 64, ROWS]);
      await servers.insert('target', 't', [[ROWS + 5, 1, 'new']]);
      const result = await run();
      const table = tableOf(result, 't');
      assert.equal(result.verdict, 'different');
      const expected = [...ids('changed', 400), ...ids('missing', 1, 64, ROWS), ...ids('extra', ROWS + 5)];
      assert.deepEqual(found(table), expected.sort());
      assert.deepEqual(table.rows, { source: ROWS, target: ROWS - 2 });
      const changed = table.differences.find(({ kind }) => kind === 'changed');
      assert.deepEqual([changed?.source?.['v'], changed?.target?.['v']], [servers.shown(400), servers.shown(-1)]);
    });

    it('keeps NULL, nothing, blanks, zeros and the ends of a type apart', async () => {
      const texts: readonly (string | null)[] = [null, '', ' ', '0', 'NULL', "it's", 'é'];
      const numbers: readonly (number | null)[] = [null, 0, 1, -1, 2147483647, -2147483648];
      await both((side) => servers.create(side, 'odd', true));
      const rows = [...texts.map((s) => [1, s] as const), ...numbers.map((v) => [v, 'x'] as const)];
      await servers.insert(
        'source',
        'odd',
        rows.map(([v, s], i): Row => [i, v, s]),
      );
      await servers.insert(
        'target',
        'odd',
        rows.map(([v, s], i): Row => [i, v, s]),
      );
      assert.equal(tableOf(await run({ options: { only: ['odd'] } }), 'odd').verdict, 'same');
      // each row now holds what its neighbour held: no two of them are alike
      await servers.remove(
        'target',
        'odd',
        rows.map((_, i) => i),
      );
      const turned = [...texts.slice(1), texts[0] ?? null].map((s) => [1, s] as const);
      const rolled = [...numbers.slice(1), numbers[0] ?? null].map((v) => [v, 'x'] as const);
      await servers.insert(
        'target',
        'odd',
        [...turned, ...rolled].map(([v, s], i): Row => [i, v, s]),
      );
      const table = tableOf(await run({ options: { only: ['odd'] } }), 'odd');
      assert.deepEqual(found(table), ids('changed', ...rows.keys()).sort());
    });

    it('tells a table without rows from one that is not there', async () => {
      await both((side) => servers.create(side, 'bare', true));
      await servers.create('source', 'lost', true);
      await servers.insert('source', 'lost', [[1, 1, 'x']]);
      const result = await run();
      assert.equal(tableOf(result, 'bare').verdict, 'same');
      assert.deepEqual(tableOf(result, 'bare').rows, { source: 0, target: 0 });
      assert.equal(tableOf(result, 'lost').verdict, 'missingOnTarget');
      assert.equal(result.verdict, 'different');
    });

    itWhere('copies')('counts copies of rows without a key', async () => {
      await both((side) => servers.create(side, 'heap', false));
      const copies: Row[] = [
        [1, 1, 'a'],
        [1, 1, 'a'],
        [1, 1, 'a'],
        [2, null, null],
      ];
      await servers.insert('source', 'heap', [...copies, ...numbered(10, 300)]);
      await servers.insert('target', 'heap', [...copies.slice(2), ...numbered(10, 299)]);
      const table = tableOf(await run({ options: { only: ['heap'] } }), 'heap');
      assert.deepEqual(found(table), ['missing x1', 'missing x2']);
      assert.deepEqual(table.rows, { source: 295, target: 292 });
    });

    it('counts all differences, keeps as few as asked and says so', async () => {
      await servers.set('target', 't', 'all', -1);
      const table = tableOf(await run({ options: { ...onlyT, keep: 20 } }), 't');
      assert.deepEqual([table.differenceCount, table.differences.length, table.truncated], [ROWS, 20, true]);
      assert.deepEqual(table.rows, { source: ROWS, target: ROWS });
    });

    it('sees one moment: an update between the passes is no difference', async () => {
      const updates: Promise<unknown>[] = [];
      await servers.set('target', 't', 600, 0);
      const result = await run({
        options: {
          ...onlyT,
          onProgress: ({ rowsDone }) => {
            if (rowsDone > 0 && updates.length === 0) updates.push(servers.set('source', 't', 'all', -1));
          },
        },
      });
      assert.equal(updates.length, 1);
      await Promise.all(updates);
      assert.deepEqual(found(tableOf(result, 't')), ids('changed', 600));
      assert.equal(tableOf(result, 't').differences[0]?.source?.['v'], servers.shown(600));
    });

    it('reads again what differed while somebody wrote, and keeps what stays different', async () => {
      for (const id of [5, 6]) await servers.set('target', 't', id, 0);
      let catchingUp: Promise<unknown> | null = null;
      const settle = async () => void (await (catchingUp ??= servers.set('target', 't', 5, 5)));
      const positions = { source: written(servers.named, 2), target: quiet };
      const result = await run({ positions, options: { ...onlyT, settle } });
      assert.deepEqual(found(tableOf(result, 't')), ids('changed', 6));
      assert.equal(result.verdict, 'different');
    });

    it('is the same again when the target has caught up and nobody writes any more', async () => {
      await servers.remove('target', 't', [ROWS - 1, ROWS]);
      let catchingUp: Promise<unknown> | null = null;
      const settle = async () => void (await (catchingUp ??= servers.insert('target', 't', numbered(ROWS - 1, ROWS))));
      const result = await run({
        positions: { source: written(servers.named, 2), target: quiet },
        options: { settle },
      });
      assert.equal(result.verdict, 'same', remarks(result));
    });

    it('never calls it the same while somebody keeps writing, or when that cannot be told', async () => {
      const writing = await run({ positions: { source: written(servers.named, 1000), target: quiet } });
      assert.equal(writing.verdict, 'incomplete');
      const unknown: ReadPosition = async () => ({ ...(await quiet(null, never)), foreign: 'unknown' });
      assert.equal((await run({ positions: { source: quiet, target: unknown } })).verdict, 'incomplete');
    });

    it('goes on from finished tables, unless somebody has written since', async () => {
      const first = await run();
      const scanned: string[] = [];
      const onProgress = ({ current }: { current: string }) => void (current === '' || scanned.push(current));
      const finished = { tables: first.tables, tokens: first.tokens };
      const again = await run({ options: { finished, onProgress } });
      assert.equal(again.verdict, 'same');
      assert.equal(scanned.length, 0, scanned.join(', '));
      await run({ positions: { source: written(servers.named, 3), target: quiet }, options: { finished, onProgress } });
      assert.ok(scanned.includes('t'));
    });

    itWhere('lock')('cancels at once, on the servers too, and calls the rest unknown', async () => {
      assert.ok(servers.block && servers.running);
      const release = await servers.block();
      const cancel = new AbortController();
      const seen: TableResult[] = [];
      try {
        const onTable = (table: TableResult) => void seen.push(table);
        const comparing = run({ signal: cancel.signal, options: { onTable, workers: 2 } });
        // the blocked statement runs, and the other table is done
        while ((await servers.running()) === 0 || seen.length === 0) await once(AbortSignal.timeout(20), 'abort');
        cancel.abort();
        const result = await comparing;
        assert.equal(result.verdict, 'incomplete');
        assert.equal(tableOf(result, 'small').verdict, 'same');
        assert.equal(tableOf(result, 't').verdict, 'skipped');
        assert.equal(await servers.running(), 0);
      } finally {
        await release();
      }
    });

    it('rejects as cancelled before anything was looked at', () =>
      assert.rejects(
        run({ signal: AbortSignal.abort() }),
        (error) => isFailure(error) && error.reason === 'cancelled',
      ));

    it('never calls it the same when the connection to one side was cut', async () => {
      const { target } = servers.urls();
      const proxy = await cuttable(Number(/127\.0\.0\.1:(\d+)/.exec(target)?.[1]));
      let cut = false;
      try {
        const through = target.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${proxy.port}`);
        const onProgress = () => {
          if (!cut) proxy.cut();
          cut = true;
        };
        const result = await run({ target: through, timeoutMs: 2_000, options: { onProgress } }).catch(
          (error: unknown) => error,
        );
        assert.ok(cut);
        if (!isFailure(result)) assert.equal((result as ComparisonResult).verdict, 'incomplete', String(result));
      } finally {
        proxy.cut();
      }
      assert.equal((await run()).verdict, 'same');
    });
  });
}

/** Passes everything on to a port of this machine, until it is cut. */
async function cuttable(to: number): Promise<{ readonly port: number; cut(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => [near, far].forEach((end) => end.destroy()));
    }
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: (server.address() as AddressInfo).port, cut };
}
