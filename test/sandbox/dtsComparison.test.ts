import assert from 'node:assert/strict';
import type { CompareOutcome } from '../../sandbox/dts/backend.ts';
import type { DtsService } from '../../sandbox/dts/service.ts';
import { dtsOutcome, ENDED, type DtsComparisonRequest, type DtsReading } from '../../src/cutover/dtsComparison.ts';
import { dtsComparisonPort } from '../../src/host/runs/dtsComparison.ts';
import { connect, failureOf, never, readyTask, refOf, startService } from '../unit/dts/support.ts';

const request: DtsComparisonRequest = { method: 'dataCheck', sampleRate: null, threads: 2, tables: null };

const found = (...conclusions: readonly ('same' | 'different' | 'skipped')[]): CompareOutcome => ({
  tables: conclusions.map((conclusion, index) => ({
    source: { database: 'shop', schema: 'public', table: `t${index}` },
    target: { database: 'shop', schema: 'public', table: `t${index}` },
    conclusion,
    reason: conclusion === 'skipped' ? 'no primary key' : '',
    ...{ sourceRows: 10, targetRows: 10 },
    differences:
      conclusion === 'different'
        ? [{ identifier: 'id=7', kind: 'dstLack', columns: ['id'], source: ['7'], target: null }]
        : [],
  })),
});

describe('DTS’s own comparison through the service', function () {
  this.timeout(30_000);
  let service: DtsService;
  afterEach(() => service.stop());

  async function open(outcome: CompareOutcome | Promise<CompareOutcome>) {
    const task = readyTask('dts-cmp', { outcome });
    service = await startService([task]);
    const { client } = connect(service.url);
    return {
      client,
      ref: refOf(task),
      port: dtsComparisonPort(refOf(task), { client: () => Promise.resolve(client) }),
    };
  }
  async function ended(read: () => Promise<DtsReading>): Promise<DtsReading> {
    for (;;) {
      const reading = await read();
      if (ENDED.has(reading.status)) return reading;
    }
  }

  for (const [conclusions, verdict] of [
    [['same', 'same'], 'same'],
    [['same', 'different'], 'different'],
    [['same', 'skipped'], 'incomplete'],
    [['skipped', 'skipped'], 'incomplete'],
    [[], 'incomplete'],
  ] as const) {
    it(`of tables that are ${conclusions.join(' and ') || 'none'} is ${verdict}`, async () => {
      const { port } = await open(found(...conclusions));
      const id = await port.create(request, never);
      await port.start(id, never);
      const reading = await ended(() => port.read(id, never));
      assert.equal(dtsOutcome(request, reading, await port.counts(id, never)).verdict, verdict);
    });
  }

  it('compares only the tables that were chosen', async () => {
    const { port } = await open(found('different', 'same'));
    const tables = [{ database: 'shop', schema: 'public', name: 't1' }];
    const id = await port.create({ ...request, tables }, never);
    await port.start(id, never);
    const reading = await ended(() => port.read(id, never));
    const counts = await port.counts(id, never);
    assert.equal(counts.total, 1);
    assert.equal(dtsOutcome(request, reading, counts).verdict, 'same');
  });

  it('is stopped, and fails when the task is completed', async () => {
    const { port, client, ref } = await open(new Promise(() => undefined));
    const stopped = await port.create(request, never);
    await port.start(stopped, never);
    await port.stop(stopped, never);
    assert.equal((await ended(() => port.read(stopped, never))).status, 'canceled');
    const running = await port.create(request, never);
    await port.start(running, never);
    await client.completeTask(ref, never);
    const reading = await ended(() => port.read(running, never));
    assert.equal(reading.status, 'failed');
    assert.equal(dtsOutcome(request, reading, null).verdict, 'incomplete');
    await failureOf(port.create(request, never), 'not-allowed-now');
  });
});
