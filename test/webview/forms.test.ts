import assert from 'node:assert/strict';
import { openPanel, press, REFUSED, scene, type, type Panel } from './support.ts';

describe('a form of the panel', () => {
  let panel: Panel;
  afterEach(() => panel.close());
  const text = '.ask-form vscode-textarea';
  const typed = () => (panel.all(text)[0] as { value?: string } | undefined)?.value;
  const sent = () => panel.sent.filter(({ type }) => type === 'intent').length;
  const ok = () => panel.post({ type: 'answer', id: panel.last('intent').id, result: { ok: true } });

  it('goes on against a gate only with a reason', async () => {
    panel = await openPanel({ snapshot: scene('4-many-sessions') });
    await panel.click('Go on anyway…');
    const confirm = () => panel.all('.ask-form vscode-button')[0];
    confirm()?.click();
    await panel.drawn();
    assert.equal(sent(), 0);
    await type(panel, text, '  They are read-only reports.  ');
    confirm()?.click();
    await panel.drawn();
    const reason = 'They are read-only reports.';
    assert.deepEqual(panel.last('intent').intent, { kind: 'override', step: 'quiet', reason });
    await ok();
    assert.equal(panel.all('.ask-form').length, 0);
  });

  it('records an earlier pause as the moment named', async () => {
    panel = await openPanel({ snapshot: scene('3-pause') });
    await panel.click('It stopped earlier');
    await type(panel, '.ask-form input', '2026-11-22T02:05:30');
    await panel.click('Record the pause');
    const at = new Date('2026-11-22T02:05:30').getTime();
    assert.deepEqual(panel.last('intent').intent, { kind: 'recordPause', at });
  });

  for (const close of ['Add a note…', 'Close', 'Escape']) {
    it(`keeps what was typed when it is closed by “${close}”`, async () => {
      panel = await openPanel({ snapshot: scene('4-quiet') });
      await panel.click('Add a note…');
      await type(panel, text, 'Called the shop, they ');
      if (close === 'Escape') await press(panel, text, 'Escape');
      else await panel.click(close);
      assert.equal(panel.all('.ask-form').length, 0);
      await panel.click('Add a note…');
      assert.equal(typed(), 'Called the shop, they ');
    });
  }

  it('keeps what was typed when the step changes or the page is made anew, and after a refusal', async () => {
    panel = await openPanel({ snapshot: scene('4-many-sessions') });
    await panel.click('Go on anyway…');
    await type(panel, text, 'They are reports.');
    await panel.click('1 Prepare');
    await panel.click('4 Quiet');
    await panel.click('Go on anyway…');
    assert.equal(typed(), 'They are reports.');
    const state = panel.remembered.at(-1);
    await panel.close();
    panel = await openPanel({ snapshot: scene('4-many-sessions'), state });
    await panel.click('Go on anyway…');
    assert.equal(typed(), 'They are reports.');
    await press(panel, text, 'Enter', { ctrlKey: true });
    const { id } = panel.last('intent');
    await panel.post({ type: 'answer', id, result: { ok: false, declined: false, failure: REFUSED } });
    assert.equal(typed(), 'They are reports.');
    assert.match(panel.text('.ask-form'), /It is refused/);
  });

  it('is empty again once the text was sent', async () => {
    panel = await openPanel({ snapshot: scene('4-quiet') });
    await panel.click('Add a note…');
    await type(panel, text, 'Called the shop.');
    await press(panel, text, 'Enter', { metaKey: true });
    assert.deepEqual(panel.last('intent').intent, { kind: 'note', text: 'Called the shop.' });
    await ok();
    await panel.click('Add a note…');
    assert.equal(typed(), '');
    assert.deepEqual(panel.remembered.at(-1), { choice: null, drafts: {}, task: 'ap-guangzhou/dts-k3f9x2ab' });
  });

  it('is sent by Ctrl+Enter, once, and not by Enter alone, nor while an input method has the key', async () => {
    panel = await openPanel({ snapshot: scene('4-quiet') });
    await panel.click('Add a note…');
    assert.match(panel.text('.ask-form'), /Ctrl\+Enter sends it/);
    await press(panel, text, 'Enter', { ctrlKey: true });
    assert.equal(sent(), 0, 'empty');
    await type(panel, text, '已停');
    await press(panel, text, 'Enter');
    await press(panel, text, 'Enter', { ctrlKey: true, isComposing: true });
    assert.equal(sent(), 0);
    await press(panel, text, 'Enter', { ctrlKey: true });
    await press(panel, text, 'Enter', { ctrlKey: true });
    assert.equal(sent(), 1);
  });

  it('of one line is sent by Enter', async () => {
    panel = await openPanel({ snapshot: scene('3-pause') });
    await panel.click('It stopped earlier');
    assert.match(panel.text('.ask-form'), /Enter sends it/);
    await type(panel, '.ask-form input', '2026-11-22T02:05:30');
    await press(panel, '.ask-form input', 'Enter');
    assert.equal(panel.last('intent').intent.kind, 'recordPause');
  });
});
