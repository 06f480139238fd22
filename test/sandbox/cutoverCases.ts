import assert from 'node:assert/strict';
import { once } from 'node:events';
import { drive, type DriveOptions } from '../../sandbox/drive.ts';
import { startWorld, type World, type WorldEngine } from '../../sandbox/world.ts';
import { assertGone, startApart, tracesOf, until } from './support.ts';

export interface CutoverCases {
  readonly engine: WorldEngine;
  /** default all of them */
  readonly only?: 'all' | 'the cutover';
  /** in the folder of a server */
  readonly pidFile: string;
  /** the number of DTS's newest heartbeat on the source */
  beat(world: World): Promise<number>;
}

const windows = { quietWindowSeconds: 2, zeroDwellSeconds: 1, onProgress: () => undefined };

/** A whole cutover of a sandbox, the same for every engine. To be called inside a `describe`. */
export function cutoverCases({ engine, only, pidFile, beat }: CutoverCases): void {
  let world: World | undefined;
  afterEach(() => world?.stop());

  async function driveNew(onEntry: (world: World) => DriveOptions['onEntry']) {
    const started = (world = await startWorld({ engine, orders: 2_000, decorativeTasks: false }));
    return { world: started, driven: drive(started, { ...windows, onEntry: onEntry(started) }) };
  }

  it('succeeds: quiet although DTS’s heartbeats go on, all data compared, no order missing, nothing left', async () => {
    const beats: Promise<number>[] = [];
    const { world, driven } = await driveNew((started) => ({ kind }) => {
      if (kind === 'paused' || kind === 'quietReached') beats.push(beat(started));
    });
    const { ok, snapshot, ledger, entries } = await driven;
    const kinds = entries.map((entry) => entry.kind);
    assert.ok(ok, kinds.join(', '));
    assert.ok(kinds.includes('quietReached') && !kinds.includes('overridden'), kinds.join(', '));
    assert.equal(snapshot.verification.latest?.method, 'digest');
    assert.ok(ledger?.complete && ledger.expected > 2_000);
    const [paused, quiet] = await Promise.all(beats);
    assert.ok(Number(quiet) > Number(paused), `${quiet} is the heartbeat of ${paused}`);

    const traces = tracesOf(world, pidFile);
    await world.stop();
    await assertGone(traces);
  });

  if (only === 'the cutover') return;

  it('does not succeed when the target has lost rows: the gate of Verify stays shut, and Complete is not sent', async () => {
    const { driven } = await driveNew((started) => ({ kind }) => {
      if (kind === 'paused') void started.control.migration.loseRows('orders', 3);
    });
    await assert.rejects(driven, /step "verify".*differ/s);
  });

  it('leaves nothing behind when it is killed hard', async () => {
    const { child, started } = await startApart(engine);
    const traces = tracesOf(started, pidFile);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await until(() =>
      assertGone(traces).then(
        () => true,
        () => false,
      ),
    );
  });
}
