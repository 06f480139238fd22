import assert from 'node:assert/strict';
import type { RunSnapshot } from '../../src/cutover/snapshot.ts';
import { Pictures } from '../../src/host/cutoverPanel/pictures.ts';
import { OPEN, picture, session, side } from './gallery/parts.ts';
import { openPanel, type Panel } from './support.ts';

describe('pictures that bring changes only', () => {
  let panel: Panel;
  let pictures: Pictures;
  afterEach(() => panel.close());
  beforeEach(() => (pictures = new Pictures()));
  const ids = () => panel.all('dts-sessions tbody tr:not(.spacer)').map((row) => row.dataset['key']);
  const asked = () => panel.sent.filter(({ type }) => type === 'whole').length;
  const at = (revision: number, sessions: readonly number[]): RunSnapshot => ({
    ...picture('quiet', OPEN, {
      source: side(
        'source',
        sessions.map((id) => session(id)),
      ),
    }),
    revision,
  });

  it('are put together with what is shown', async () => {
    panel = await openPanel();
    await panel.post(pictures.next(at(1, [9, 100, 20])));
    assert.deepEqual(ids(), ['9', '20', '100']);
    const next = pictures.next(at(2, [100, 9, 31]));
    assert.equal(next.type, 'changes');
    await panel.post(next);
    assert.deepEqual(ids(), ['9', '31', '100']);
    assert.match(panel.text('dts-sessions .filters'), /all 3/);
    const same = at(2, []);
    await panel.post(pictures.next({ ...at(3, []), source: { ...same.source, sessions: [] } }));
    assert.deepEqual(ids(), []);
    assert.equal(asked(), 0);
  });

  it('that build on one that never came make the panel ask for a whole one, once, and show the last it knows', async () => {
    panel = await openPanel();
    await panel.post(pictures.next(at(1, [9])));
    pictures.next(at(2, [9, 10])); // lost on the way
    await panel.post(pictures.next(at(3, [9, 10, 11])));
    await panel.post(pictures.next(at(4, [9, 10, 11, 12])));
    assert.equal(asked(), 1);
    assert.deepEqual(ids(), ['9']);
    pictures.forget();
    await panel.post(pictures.next(at(5, [10])));
    assert.deepEqual(ids(), ['10']);
    await panel.post(pictures.next(at(6, [10, 11])));
    assert.deepEqual(ids(), ['10', '11']);
    assert.equal(asked(), 1);
  });

  it('are asked for whole when the first one is none', async () => {
    pictures.next(at(1, [9]));
    panel = await openPanel();
    await panel.post(pictures.next(at(2, [9, 10])));
    assert.equal(asked(), 1);
    assert.match(panel.text(), /Waiting for the first reading/);
  });
});
