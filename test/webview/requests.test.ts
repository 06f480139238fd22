import assert from 'node:assert/strict';
import { ago } from './gallery/parts.ts';
import { openPanel, REFUSED as failure, scene, type Panel } from './support.ts';

describe('the panel’s requests', () => {
  let panel: Panel;
  afterEach(() => panel.close());

  it('shuts Complete while its gate is shut, and says why', async () => {
    panel = await openPanel({ snapshot: scene('6-complete-shut') });
    const complete = panel.button('Complete the task');
    assert.equal(complete.getAttribute('aria-disabled'), 'true');
    assert.match(complete.getAttribute('title') ?? '', /not met/);
    await panel.click('Complete the task');
    assert.equal(panel.sent.filter(({ type }) => type === 'intent').length, 0);
  });

  for (const name of ['6-complete-open', 'overridden']) {
    it(`opens Complete in ${name}`, async () => {
      panel = await openPanel({ snapshot: scene(name) });
      await panel.click('Complete the task');
      assert.deepEqual(panel.last('intent').intent, { kind: 'complete' });
    });
  }

  it('shuts Complete while an earlier step is the current one', async () => {
    panel = await openPanel({ snapshot: scene('4-quiet') });
    await panel.click('6 Complete');
    assert.equal(panel.button('Complete the task').getAttribute('aria-disabled'), 'true');
  });

  for (const state of ['sending', 'outcomeUnknown', 'accepted', 'succeeded', 'failed'] as const) {
    it(`offers no second Complete while the first is ${state}`, async () => {
      const refused = { complete: { text: 'Complete has already been sent.' } };
      const snapshot = { ...scene('6-complete-open'), completion: { state, at: ago(3), failure: null }, refused };
      panel = await openPanel({ snapshot });
      assert.equal(panel.has('Complete the task'), false);
      assert.equal(panel.has('Go on anyway'), false);
    });
  }

  for (const state of ['outcomeUnknown', 'failed'] as const) {
    it(`offers another Complete after ${state} once the run says that it may be sent`, async () => {
      const snapshot = { ...scene('6-complete-open'), completion: { state, at: ago(400), failure: null } };
      panel = await openPanel({ snapshot });
      assert.equal(panel.has('Complete the task'), true);
    });
  }

  it('offers a way back and a way out from every step, the end with a reason', async () => {
    panel = await openPanel({ snapshot: { ...scene('6-complete-open'), endsWithReason: true } });
    await panel.click('Back to the business on the source');
    assert.deepEqual(panel.last('intent').intent, { kind: 'recordResume' });
    assert.equal(panel.has('End this cutover as it stands'), true);
  });

  it('keeps a button busy until its own answer, and sends nothing twice', async () => {
    panel = await openPanel({ snapshot: scene('6-complete-open') });
    await panel.click('Complete the task');
    const { id } = panel.last('intent');
    await panel.click('Complete the task');
    assert.equal(panel.sent.filter(({ type }) => type === 'intent').length, 1);
    await panel.post({ type: 'answer', id: id + 1, result: { ok: true } });
    assert.equal(panel.button('Complete the task').getAttribute('aria-busy'), 'true');
    await panel.post({ type: 'answer', id, result: { ok: true } });
    assert.equal(panel.button('Complete the task').getAttribute('aria-busy'), 'false');
  });

  it('shows a failure beside the button that caused it, until it is dismissed', async () => {
    panel = await openPanel({ snapshot: scene('6-complete-open') });
    await panel.click('Complete the task');
    await panel.post({
      type: 'answer',
      id: panel.last('intent').id,
      result: { ok: false, declined: false, failure },
    });
    const button = panel.button('Complete the task');
    assert.match(button.parentElement?.textContent ?? '', /It is refused\.\s+Ask again\./);
    await panel.click('Dismiss');
    assert.doesNotMatch(panel.text(), /It is refused/);
  });

  it('takes a refused confirmation for what it is: nothing happened', async () => {
    panel = await openPanel({ snapshot: scene('6-complete-open') });
    await panel.click('Complete the task');
    await panel.post({ type: 'answer', id: panel.last('intent').id, result: { ok: false, declined: true } });
    assert.equal(panel.all('.failure').length, 0);
    assert.equal(panel.button('Complete the task').getAttribute('aria-busy'), 'false');
  });

  it('ends the waiting when the answer itself cannot be read', async () => {
    panel = await openPanel({ snapshot: scene('6-complete-open') });
    await panel.click('Complete the task');
    await panel.post({ type: 'answer', id: panel.last('intent').id, result: { ok: 'perhaps' } });
    assert.match(panel.text('.failure'), /cannot be read/);
  });

  for (const name of ['4-limited', '4-many-sessions']) {
    it(`offers the way back to a running business where the source is written: ${name}`, async () => {
      panel = await openPanel({ snapshot: scene(name) });
      assert.match(panel.text('dts-resume'), /although the business is said to be stopped since/);
      await panel.click('The business writes to the source again');
      assert.deepEqual(panel.last('intent').intent, { kind: 'recordResume' });
    });
  }

  it('does not hold what a look from before the pause saw against it', async () => {
    const before = scene('4-many-sessions');
    const since = ago(1);
    const source = { ...before.source, sessionsAt: ago(2), writtenSince: { since, objects: [] } };
    panel = await openPanel({ snapshot: { ...before, source, downtime: { ...before.downtime, since } } });
    assert.equal(panel.has('The business writes to the source again'), false);
  });

  it('offers that way in the step of the pause at any time, elsewhere only where it is needed', async () => {
    panel = await openPanel({ snapshot: scene('4-quiet') });
    assert.equal(panel.has('The business writes to the source again'), false);
    await panel.click('3 Pause');
    assert.equal(panel.has('The business writes to the source again'), true);
    assert.doesNotMatch(panel.text('dts-resume'), /although/);
    const sent = ['sending', 'outcomeUnknown', 'accepted', 'succeeded'] as const;
    for (const [index, state] of sent.entries()) {
      const completion = { state, at: ago(3), failure: null };
      await panel.show({ ...scene('4-quiet'), revision: index + 2, completion });
      assert.equal(panel.has('The business writes to the source again'), false, state);
    }
  });

  it('replaces the old address once the task has ended, and not before', async () => {
    panel = await openPanel({ snapshot: scene('7-switch') });
    await panel.click('Replace the old address');
    assert.deepEqual(panel.last('action').action, { kind: 'replaceAddress' });
    await panel.show({ ...scene('4-quiet'), revision: 2 });
    await panel.click('7 Switch');
    assert.equal(panel.button('Replace the old address').getAttribute('aria-disabled'), 'true');
  });

  it('offers to read again when what is shown is old', async () => {
    panel = await openPanel({ snapshot: scene('4-quiet') });
    assert.equal(panel.has('Read again now'), false);
    await panel.show({ ...scene('2-stale'), revision: 2 });
    await panel.click('Read again now');
    assert.deepEqual(panel.last('action').action, { kind: 'refresh' });
  });

  it('shows the raw result the host sends, and why there is none', async () => {
    panel = await openPanel({ snapshot: scene('4-quiet') });
    await panel.click('Show the raw result');
    const { id, side: which } = panel.last('raw');
    assert.equal(which, 'source');
    await panel.post({ type: 'rawAnswer', id, raw: null, failure });
    assert.match(panel.text('dts-raw-result .failure'), /It is refused/);
    await panel.click('Show the raw result');
    const raw = {
      query: 'SELECT * FROM pg_stat_activity',
      columns: ['pid', 'query'],
      rows: [
        ['7', null],
        ['8', '<b>'],
      ],
    };
    await panel.post({ type: 'rawAnswer', id: panel.last('raw').id, raw, failure: null });
    assert.match(panel.text('dts-raw-result pre'), /pg_stat_activity/);
    assert.match(panel.text('dts-raw-result tbody'), /1 ?7 ?– ?2 ?8 ?<b>/);
    await panel.click('Open all of it');
    assert.deepEqual(panel.last('action').action, { kind: 'openRaw', side: 'source' });
  });
});
