import assert from 'node:assert/strict';
import type { StepId } from '../../src/protocol/index.ts';
import { OPEN, picture } from './gallery/parts.ts';
import { openPanel, scene, type Panel } from './support.ts';

describe('the step the panel shows', () => {
  let panel: Panel;
  let revision: number;
  afterEach(() => panel.close());
  beforeEach(() => (revision = 1));
  const shown = () => /^Step \d: (\w+(?: \w+)*) ·/.exec(panel.text('#card-title'))?.[1];
  const at = (step: StepId) => ({ ...picture(step, OPEN), revision: revision++ });

  it('is remembered with the task whose panel it is', async () => {
    panel = await openPanel({ snapshot: scene('4-quiet') });
    await panel.click('1 Prepare');
    const task = 'ap-guangzhou/dts-k3f9x2ab';
    assert.deepEqual(panel.remembered.at(-1), { choice: { step: 'prepare', reached: 'quiet' }, drafts: {}, task });
    await panel.click('4 Quiet');
    assert.deepEqual(panel.remembered.at(-1), { choice: null, drafts: {}, task });
  });

  it('is the one looked at before the page was made anew; what it does not know is ignored', async () => {
    const choice = { step: 'verify', reached: 'quiet' };
    panel = await openPanel({ snapshot: scene('4-quiet'), state: { choice } });
    assert.equal(shown(), 'Verify');
    for (const state of [{ step: 'verify' }, { choice: { step: 'launch', reached: 'quiet' } }, { choice: 'all' }, 7]) {
      await panel.close();
      panel = await openPanel({ snapshot: scene('4-quiet'), state });
      assert.equal(shown(), 'Quiet');
    }
  });

  it('is the run’s again when the run went on while the window was closed', async () => {
    panel = await openPanel({ snapshot: at('quiet') });
    await panel.click('6 Complete');
    await panel.show(at('complete'));
    assert.equal(shown(), 'Complete');
    const state = panel.remembered.at(-1);
    await panel.close();
    panel = await openPanel({ snapshot: at('switch'), state });
    assert.equal(shown(), 'Switch');
  });

  it('is the run’s again when the run goes on, and another one when it is chosen after that', async () => {
    panel = await openPanel({ snapshot: at('catchUp') });
    await panel.click('1 Prepare');
    await panel.show(at('catchUp'));
    assert.equal(shown(), 'Prepare');
    await panel.show(at('pause'));
    assert.equal(shown(), 'Pause');
    await panel.click('1 Prepare');
    await panel.show(at('pause'));
    assert.equal(shown(), 'Prepare');
  });

  it('stays while the run goes to and fro below where it had been, as after a reload or behind a busy source', async () => {
    panel = await openPanel({ snapshot: at('catchUp') });
    await panel.click('3 Pause');
    for (const step of ['pause', 'catchUp', 'prepare', 'pause'] as const) {
      await panel.show(at(step));
      assert.equal(shown(), 'Pause');
    }
    await panel.show(at('quiet'));
    assert.equal(shown(), 'Quiet');
  });
});
