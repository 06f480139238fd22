import assert from 'node:assert/strict';
import { ago, picture, session, side, task } from './gallery/parts.ts';
import { SCENES } from './gallery/scenes.ts';
import { openPanel, type Panel } from './support.ts';

const scene = (name: string) => {
  const found = SCENES[name];
  if (!found) throw new Error(`no scene ${name}`);
  return found.snapshot;
};
const failure = { reason: 'refused', what: { text: 'It is refused.' }, tryThis: { text: 'Ask again.' } } as const;

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
    const why = Array.from({ length: 5000 }, (_, index) => ({ text: `session ${index} is still connected` }));
    panel = await openPanel({ snapshot: picture('quiet', { state: 'blocked', why, evidence: [] }) });
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
    await panel.show({ ...scene('5-complete-open'), revision: 3 });
    assert.equal(heard(), 'Now at step 5: Complete');
    await panel.show({ ...scene('5-outcome-unknown'), revision: 4 });
    assert.match(heard(), /It is not known whether DTS carried Complete out/);
  });
});

describe('the panel’s requests', () => {
  let panel: Panel;
  afterEach(() => panel.close());

  it('shuts Complete while its gate is shut, and says why', async () => {
    panel = await openPanel({ snapshot: scene('5-complete-shut') });
    const complete = panel.button('Complete the task');
    assert.equal(complete.getAttribute('aria-disabled'), 'true');
    assert.match(complete.getAttribute('title') ?? '', /not met/);
    await panel.click('Complete the task');
    assert.equal(panel.sent.filter(({ type }) => type === 'intent').length, 0);
  });

  for (const name of ['5-complete-open', 'overridden']) {
    it(`opens Complete in ${name}`, async () => {
      panel = await openPanel({ snapshot: scene(name) });
      await panel.click('Complete the task');
      assert.deepEqual(panel.last('intent').intent, { kind: 'complete' });
    });
  }

  it('shuts Complete while an earlier step is the current one', async () => {
    panel = await openPanel({ snapshot: scene('4-quiet') });
    await panel.click('5 Complete');
    assert.equal(panel.button('Complete the task').getAttribute('aria-disabled'), 'true');
  });

  for (const state of ['sending', 'outcomeUnknown', 'accepted', 'succeeded', 'failed'] as const) {
    it(`offers no second Complete while the first is ${state}`, async () => {
      const snapshot = { ...scene('5-complete-open'), completion: { state, at: ago(3), failure: null } };
      panel = await openPanel({ snapshot });
      assert.equal(panel.has('Complete the task'), false);
      assert.equal(panel.has('Go on anyway'), false);
    });
  }

  it('keeps a button busy until its own answer, and sends nothing twice', async () => {
    panel = await openPanel({ snapshot: scene('5-complete-open') });
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
    panel = await openPanel({ snapshot: scene('5-complete-open') });
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
    panel = await openPanel({ snapshot: scene('5-complete-open') });
    await panel.click('Complete the task');
    await panel.post({ type: 'answer', id: panel.last('intent').id, result: { ok: false, declined: true } });
    assert.equal(panel.all('.failure').length, 0);
    assert.equal(panel.button('Complete the task').getAttribute('aria-busy'), 'false');
  });

  it('ends the waiting when the answer itself cannot be read', async () => {
    panel = await openPanel({ snapshot: scene('5-complete-open') });
    await panel.click('Complete the task');
    await panel.post({ type: 'answer', id: panel.last('intent').id, result: { ok: 'perhaps' } });
    assert.match(panel.text('.failure'), /cannot be read/);
  });

  it('goes on against a gate only with a reason', async () => {
    panel = await openPanel({ snapshot: scene('4-many-sessions') });
    await panel.click('Go on anyway…');
    const confirm = () => panel.all('.ask-form vscode-button')[0];
    confirm()?.click();
    await panel.drawn();
    assert.equal(panel.sent.filter(({ type }) => type === 'intent').length, 0);
    type(panel, '.ask-form vscode-textarea', '  They are read-only reports.  ');
    await panel.drawn();
    confirm()?.click();
    await panel.drawn();
    assert.deepEqual(panel.last('intent').intent, {
      kind: 'override',
      step: 'quiet',
      reason: 'They are read-only reports.',
    });
    await panel.post({ type: 'answer', id: panel.last('intent').id, result: { ok: true } });
    assert.equal(panel.all('.ask-form').length, 0);
  });

  it('records an earlier pause as the moment named', async () => {
    panel = await openPanel({ snapshot: scene('3-pause') });
    await panel.click('It stopped earlier');
    type(panel, '.ask-form input', '2026-11-22T02:05:30');
    await panel.drawn();
    await panel.click('Record the pause');
    const at = new Date('2026-11-22T02:05:30').getTime();
    assert.deepEqual(panel.last('intent').intent, { kind: 'recordPause', at });
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
  });

  it('remembers the step looked at and whose panel it is, and nothing else', async () => {
    panel = await openPanel({ snapshot: scene('4-quiet') });
    await panel.click('1 Prepare');
    assert.deepEqual(panel.remembered.at(-1), { step: 'prepare', task: 'ap-guangzhou/dts-k3f9x2ab' });
    await panel.click('4 Quiet');
    assert.deepEqual(panel.remembered.at(-1), { step: null, task: 'ap-guangzhou/dts-k3f9x2ab' });
  });

  it('comes back to the step looked at, and ignores what it does not know', async () => {
    panel = await openPanel({ snapshot: scene('4-quiet'), state: { step: 'verify' } });
    assert.match(panel.text('#card-title'), /Step 6: Verify/);
    await panel.close();
    panel = await openPanel({ snapshot: scene('4-quiet'), state: { step: 'launch', gapMb: 0 } });
    assert.match(panel.text('#card-title'), /Step 4: Quiet/);
  });
});

describe('the table of sessions', () => {
  let panel: Panel;
  afterEach(() => panel.close());
  const rows = () => panel.all('dts-sessions tbody tr:not(.spacer)');

  it('draws only some of 5,000 rows and says how many there are', async () => {
    panel = await openPanel({ snapshot: scene('4-many-sessions') });
    assert.ok(rows().length > 10 && rows().length < 60, `${rows().length} rows`);
    assert.equal(panel.all('dts-sessions table')[0]?.getAttribute('aria-rowcount'), '5008');
    const scroller = panel.all('dts-sessions .scroller')[0];
    assert.ok(scroller);
    scroller.scrollTop = 24 * 2500;
    scroller.dispatchEvent(new panel.window.Event('scroll'));
    await panel.drawn();
    assert.ok(rows().length < 60, `${rows().length} rows`);
    const shown = rows().map((row) => Number(row.getAttribute('aria-rowindex')));
    assert.ok(shown.includes(2502), shown.join(' '));
  });

  it('shows what blocks first, with class and rule in every row', async () => {
    panel = await openPanel({ snapshot: scene('4-many-sessions') });
    assert.match(rows()[0]?.textContent ?? '', /10000\s*business\s*a client session that no rule claims/);
    await panel.click('system 5');
    await panel.click('all 5,007');
    await panel.click('DTS 1');
    assert.equal(rows().length, 1);
    assert.match(rows()[0]?.textContent ?? '', /migration account of the task/);
  });

  it('sorts by a heading, numbers as numbers, and back', async () => {
    const sessions = [9, 100, 20].map((id) => session(id));
    panel = await openPanel({ snapshot: picture('quiet', OPEN, { source: side('source', sessions) }) });
    const ids = () => rows().map((row) => row.dataset['key']);
    await panel.click('Session');
    assert.deepEqual(ids(), ['9', '20', '100']);
    await panel.click('Session');
    assert.deepEqual(ids(), ['100', '20', '9']);
    assert.equal(panel.all('dts-sessions th[aria-sort=descending]').length, 1);
    await panel.click('Session');
    assert.deepEqual(ids(), ['9', '100', '20']);
  });

  it('ends the session that was chosen, and none that is the server’s or DTS’s', async () => {
    const sessions = [session(7), session(8, { account: 'dts_migration' })];
    panel = await openPanel({ snapshot: picture('quiet', OPEN, { source: side('source', sessions) }) });
    rows()[1]?.click();
    await panel.drawn();
    assert.equal(panel.has('End session 8'), false);
    rows()[0]?.click();
    await panel.drawn();
    await panel.click('End session 7');
    assert.deepEqual(panel.last('intent').intent, { kind: 'terminateSession', side: 'source', id: '7' });
  });

  it('shows an answer about one session at that session only', async () => {
    const source = side('source', [session(7), session(8)]);
    panel = await openPanel({ snapshot: picture('quiet', OPEN, { source }) });
    rows()[0]?.click();
    await panel.drawn();
    await panel.click('End session 7');
    await panel.post({
      type: 'answer',
      id: panel.last('intent').id,
      result: { ok: false, declined: false, failure },
    });
    assert.match(panel.text('dts-session-detail'), /It is refused/);
    rows()[1]?.click();
    await panel.drawn();
    assert.doesNotMatch(panel.text('dts-session-detail'), /It is refused/);
  });

  it('keeps the focus and the chosen row when the next picture comes', async () => {
    const sessions = [session(7), session(8)];
    panel = await openPanel({ snapshot: picture('quiet', OPEN, { source: side('source', sessions) }) });
    const { document } = panel.window;
    const second = rows()[1]?.querySelector('button');
    second?.click();
    second?.focus();
    await panel.drawn();
    await panel.show({
      ...picture('quiet', OPEN, { source: side('source', [session(5), ...sessions.map((old) => ({ ...old }))]) }),
      revision: 2,
    });
    assert.equal(document.activeElement?.closest('tr')?.getAttribute('data-key'), '8');
    assert.match(panel.text('dts-session-detail'), /Session 8/);
  });

  it('shows no counts of a side that was never read', async () => {
    panel = await openPanel({ snapshot: scene('7-switch') });
    const unread = { ...side('target', []), sessionsAt: null };
    await panel.show({ ...scene('7-switch'), revision: 2, target: unread });
    assert.match(panel.text('dts-step-switch'), /Target: the sessions have not been read/);
  });

  it('offers what can be done with a compared table once it is chosen', async () => {
    panel = await openPanel({ snapshot: scene('6-different') });
    assert.equal(panel.has('Compare this table again'), false);
    await panel.click('shop.public.orders_0017');
    const source = { database: 'shop', schema: 'public', name: 'orders_0017' };
    await panel.click('Compare this table again');
    const again = { kind: 'compare', method: 'digest', tables: ['shop.public.orders_0017'] };
    assert.deepEqual(panel.last('intent').intent, again);
    await panel.click('side by side');
    assert.deepEqual(panel.last('action').action, { kind: 'openDifferences', id: 'c1', source });
    await panel.click('Open its repair statements');
    assert.deepEqual(panel.last('action').action, { kind: 'openRepair', id: 'c1', source });
    await panel.click('Open all repair statements');
    assert.deepEqual(panel.last('action').action, { kind: 'openRepair', id: 'c1', source: null });
    await panel.click('shop.public.orders_0040');
    assert.equal(panel.has('side by side'), false, 'nothing is listed of a table that is not there');
    await panel.show({ ...scene('6-same'), revision: 2 });
    assert.equal(panel.has('repair statements'), false);
  });

  it('asks which tables to compare', async () => {
    panel = await openPanel({ snapshot: scene('6-same') });
    await panel.click('Compare some tables');
    assert.deepEqual(panel.last('action').action, { kind: 'chooseTables' });
  });

  it('shows DTS’s own comparison: how far it is, and never green for what it skipped', async () => {
    panel = await openPanel({ snapshot: scene('4-dts-comparing') });
    assert.match(panel.text('dts-own-comparison'), /running 42 %/);
    assert.equal(panel.has('Let DTS compare'), false);
    await panel.click('Stop DTS');
    assert.deepEqual(panel.last('intent').intent, { kind: 'stopDtsComparison' });
    await panel.show({ ...scene('4-dts-compared'), revision: 2 });
    assert.match(panel.text('dts-own-comparison .notice-warn'), /338 of 340 tables compared, 2 skipped/);
    await panel.click('Let DTS compare');
    assert.deepEqual(panel.last('action').action, { kind: 'startDtsComparison' });
    await panel.click('Open DTS');
    assert.deepEqual(panel.last('action').action, { kind: 'openDtsReport', id: 'dts-k3f9x2ab-cmp-7f3a1c20' });
  });

  it('says why DTS cannot compare, and does not ask it to', async () => {
    const { dtsComparison } = scene('4-dts-compared');
    const shut = { ...dtsComparison, latest: null, refusal: { text: 'DTS compares before Complete only.' } };
    panel = await openPanel({ snapshot: { ...scene('4-quiet'), dtsComparison: shut } });
    assert.match(panel.text('dts-own-comparison'), /DTS compares before Complete only/);
    const before = panel.sent.length;
    await panel.click('Let DTS compare');
    assert.equal(panel.sent.length, before);
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

const OPEN = { state: 'open', why: [], evidence: [] } as const;

function type(panel: Panel, selector: string, text: string): void {
  const field = panel.all(selector)[0];
  assert.ok(field, selector);
  Object.assign(field, { value: text });
  field.dispatchEvent(new panel.window.Event('input', { bubbles: true }));
}
