import assert from 'node:assert/strict';
import { GATES } from '../../../src/cutover/gates.ts';
import { afterSourceLook, flowEvidence, NO_SIGNS } from '../../../src/cutover/flowSigns.ts';
import type { CutoverRun } from '../../../src/cutover/run.ts';
import type { SideLook } from '../../../src/cutover/sideWatch.ts';
import { say } from '../../../src/util/sentence.ts';
import { connected, gateFacts, server, task } from './facts.ts';
import { act, useWorlds, type World } from './world.ts';

describe('signs that DTS still works', () => {
  let world: World;
  let run: CutoverRun;
  useWorlds(
    (made) => (world = made),
    () => run,
  );
  const told = () => (world.confirmations.at(-1)?.details ?? []).map((each) => say(each)).join(' ');

  it('name an answer that has stood still where Complete is confirmed, and do not open or shut its gate', async () => {
    world.facts = { updatedAt: 1 };
    run = await world.ready();
    await act(run, { kind: 'complete' });
    assert.match(told(), /has not changed for \d+ s \(UpdateTime\).*not been seen to write on the target/);
  });

  it('say nothing of an answer that moves', async () => {
    run = await world.paused();
    for (let i = 0; i < 60; i++) {
      world.facts = { updatedAt: i };
      await world.clock.advance(5_000);
    }
    await act(run, { kind: 'complete' });
    assert.doesNotMatch(told(), /UpdateTime/);
  });

  it('name how far the source says that DTS has read its log, and nothing where it cannot say', () => {
    const now = { at: 9_000, mono: 9_000 };
    const look = { at: 4_000, mono: 4_000, readByDts: { behindBytes: 56 } } as SideLook;
    const after = afterSourceLook(NO_SIGNS, look);
    assert.match(
      flowEvidence(after, now)
        .map((each) => say(each))
        .join(),
      /all but 56 bytes of its log, 5 s ago/,
    );
    assert.deepEqual(flowEvidence(afterSourceLook(after, { ...look, readByDts: null }), now), []);
  });

  it('explain a lag that grows on a source made read-only', () => {
    const source = { ...connected('source'), server: { ...server('source'), readOnly: true } };
    const lagging = { task: task({ lagSeconds: 90 }) };
    const evidence = (facts: object) =>
      GATES.catchUp(gateFacts({ ...lagging, ...facts })).evidence.map((each) => say(each));
    assert.match(evidence({ source }).join(' '), /read-only.*heartbeats/);
    assert.deepEqual(evidence({}), []);
  });
});
