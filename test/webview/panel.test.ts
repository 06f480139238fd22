import assert from 'node:assert/strict';
import { ago, OPEN, picture, task } from './gallery/parts.ts';
import { openPanel, scene, type Panel } from './support.ts';

describe('the panel', () => {
  let panel: Panel;
  afterEach(() => panel.close());

  it('says it is ready, once, and waits for the first picture', async () => {
    panel = await openPanel();
    assert.deepEqual(panel.sent, [{ type: 'ready' }]);
    assert.match(panel.text(), /Waiting for the first reading/);
  });

  it('drops a picture that is older than the one it shows', async () => {
    panel = await openPanel({ snapshot: { ...scene('4-quiet'), revision: 7 } });
    await panel.show({ ...scene('4-quiet'), revision: 6, task: task({ name: 'an older one' }) });
    assert.match(panel.text('h1'), /^orders-prod$/);
    await panel.show({ ...scene('4-quiet'), revision: 8, task: task({ name: 'a newer one' }) });
    assert.match(panel.text('h1'), /^a newer one$/);
  });

  it('keeps the last good picture and says so when a message fits no schema', async () => {
    panel = await openPanel({ snapshot: scene('4-quiet') });
    await panel.post({ type: 'snapshot', snapshot: { ...scene('4-quiet'), revision: 2, downtime: 'long' } });
    assert.match(panel.text('[role=alert]'), /cannot read \(snapshot\.downtime/);
    assert.match(panel.text('h1'), /orders-prod/);
    await panel.show({ ...scene('4-quiet'), revision: 3 });
    assert.equal(panel.all('[role=alert]').length, 0);
  });

  it('shows gap and lag without a value as such, never as 0', async () => {
    panel = await openPanel({ snapshot: scene('2-no-valid-value') });
    assert.match(panel.text('.numbers'), /^Gap no valid value Lag no valid value$/);
    assert.match(panel.text('dts-step-catch-up'), /Gap no valid value, lag no valid value/);
  });

  it('shows no gap and lag of a task that was never read', async () => {
    panel = await openPanel({ snapshot: scene('nothing-read') });
    assert.match(panel.text('.numbers'), /^Gap no valid value Lag no valid value$/);
    assert.match(panel.text(), /may not call dts:DescribeMigrationDetail in ap-guangzhou/);
  });

  it('does not round a small rest of gap or lag to 0', async () => {
    panel = await openPanel({ snapshot: picture('catchUp', OPEN, { task: task({ gapMb: 0.0004, lagSeconds: 0.2 }) }) });
    assert.match(panel.text('.numbers'), /^Gap under 0.001 MB Lag 0.2 s$/);
  });

  it('marks stale values, dates them, and draws no conclusion from them', async () => {
    panel = await openPanel({ snapshot: scene('2-stale') });
    assert.equal(panel.all('.numbers.stale').length, 1);
    assert.match(panel.text('.live-note'), /stale since .* \(00:01:35 ago\)/);
    assert.doesNotMatch(panel.text(), /has caught up/);
  });

  it('does not say that nothing was written while nobody watches', async () => {
    panel = await openPanel({ snapshot: scene('4-quiet') });
    assert.match(panel.text('dts-step-quiet'), /nothing but by DTS/);
    const { source } = scene('4-quiet');
    assert.ok(source.position);
    const doubtful = [
      { position: { ...source.position, takenAt: ago(40) } },
      { position: { ...source.position, foreign: 'pending' as const } },
      { position: { ...source.position, foreign: 'unknown' as const } },
      { position: null },
      { writtenSince: { since: ago(1), objects: [] } },
    ];
    for (const [index, change] of doubtful.entries()) {
      await panel.show({ ...scene('4-quiet'), revision: index + 2, source: { ...source, ...change } });
      assert.doesNotMatch(panel.text('dts-step-quiet'), /nothing but by DTS/);
      assert.match(panel.text('dts-step-quiet'), /cannot be told now/);
    }
  });

  it('names the first reasons of a gate and counts the rest', async () => {
    const why = Array.from({ length: 12 }, (_, index) => ({ text: `session ${index} is still connected` }));
    const blocked = picture('quiet', { state: 'blocked', why, evidence: [] });
    const steps = blocked.steps.map((step) => (step.id === 'quiet' ? { ...step, moreReasons: 4988 } : step));
    panel = await openPanel({ snapshot: { ...blocked, steps } });
    assert.equal(panel.all('.verdict li').length, 13);
    assert.match(panel.text('.verdict'), /session 11 is still connected and 4,988 more$/);
  });

  it('calls values stale by their age even when the host is silent', async () => {
    const old = { ...scene('4-quiet'), task: task({ readAt: ago(16) }), taskStale: false };
    panel = await openPanel({ snapshot: old });
    assert.equal(panel.all('.numbers.stale').length, 1);
  });

  it('runs the downtime clock by the host’s clock', async () => {
    panel = await openPanel({ snapshot: scene('4-quiet') });
    assert.match(panel.text('.clock'), /^00:07:4\d$/);
  });

  it('holds the downtime clock when the business runs again', async () => {
    panel = await openPanel({ snapshot: scene('7-finished') });
    assert.equal(panel.text('.clock'), '00:07:12');
  });

  it('says which steps a task without incremental migration does not need', async () => {
    panel = await openPanel({ snapshot: scene('not-incremental') });
    assert.match(panel.text('#step-catchUp'), /not needed/);
    await panel.click('4 Quiet');
    assert.match(panel.text('dts-step-card'), /Not needed: this task carries no changes over/);
    assert.equal(panel.all('dts-live-values').length, 0);
  });

  it('speaks the editor’s language, and English where it has no words', async () => {
    const bundle = { Prepare: '准备', Gap: '差距', 'no valid value': '无有效值' };
    panel = await openPanel({ language: 'zh-cn', bundle, snapshot: scene('2-no-valid-value') });
    assert.match(panel.text('#step-prepare'), /1 准备/);
    assert.match(panel.text('.numbers'), /差距 无有效值 Lag 无有效值/);
    assert.equal(panel.window.document.documentElement.lang, 'zh-cn');
  });

  it('announces where one is, and not every number', async () => {
    panel = await openPanel({ snapshot: scene('4-quiet') });
    const heard = () => panel.text('[role=status]');
    await panel.show({ ...scene('4-quiet'), revision: 2, task: task({ gapMb: 3 }) });
    assert.equal(heard(), '');
    await panel.show({ ...scene('6-complete-open'), revision: 3 });
    assert.equal(heard(), 'Now at step 6: Complete');
    await panel.show({ ...scene('6-outcome-unknown'), revision: 4 });
    assert.match(heard(), /It is not known whether DTS carried Complete out/);
  });
});

describe('the step bar', () => {
  let panel: Panel;
  afterEach(() => panel.close());

  it('is one stop for Tab, and arrows move in it', async () => {
    panel = await openPanel({ snapshot: scene('4-quiet') });
    const { document, KeyboardEvent } = panel.window;
    const stops = () => panel.all('.step[tabindex="0"]').map(({ id }) => id);
    assert.deepEqual(stops(), ['step-quiet']);
    panel.button('4 Quiet').focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'End', 'Home', 'ArrowRight']) {
      document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
      await panel.drawn();
    }
    assert.equal(document.activeElement?.id, 'step-catchUp');
    assert.deepEqual(stops(), ['step-catchUp']);
    assert.match(panel.text('#card-title'), /Step 4/);
  });

  it('names the run’s step for a screen reader, whatever one looks at', async () => {
    panel = await openPanel({ snapshot: scene('4-quiet') });
    await panel.click('7 Switch');
    assert.deepEqual(
      panel.all('[aria-current=step]').map(({ id }) => id),
      ['step-quiet'],
    );
    assert.match(panel.text('.elsewhere'), /The cutover is at step 4\./);
    await panel.click('Go to Quiet');
    assert.match(panel.text('#card-title'), /Step 4/);
  });
});
