import assert from 'node:assert/strict';
import { OPEN, picture, session, side } from './gallery/parts.ts';
import { openPanel, REFUSED as failure, scene, type Panel } from './support.ts';

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
    const sessions = [session(9, { account: 'dts_migration' }), session(100), session(20)];
    panel = await openPanel({ snapshot: picture('quiet', OPEN, { source: side('source', sessions) }) });
    const ids = () => rows().map((row) => row.dataset['key']);
    await panel.click('Session');
    assert.deepEqual(ids(), ['9', '20', '100']);
    await panel.click('Session');
    assert.deepEqual(ids(), ['100', '20', '9']);
    assert.equal(panel.all('dts-sessions th[aria-sort=descending]').length, 1);
    await panel.click('Session');
    assert.deepEqual(ids(), ['20', '100', '9']);
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
    assert.match(panel.text('dts-session-actions'), /It is refused/);
    rows()[1]?.click();
    await panel.drawn();
    assert.doesNotMatch(panel.text('.sessions'), /It is refused/);
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

  async function search(text: string): Promise<void> {
    const [input] = panel.all('dts-compared-tables input');
    assert.ok(input);
    Object.assign(input, { value: text });
    input.dispatchEvent(new panel.window.Event('input', { bubbles: true }));
    await panel.drawn();
  }

  it('offers what can be done with a compared table once it is chosen', async () => {
    panel = await openPanel({ snapshot: scene('5-different') });
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
    await panel.show({ ...scene('5-same'), revision: 2 });
    assert.equal(panel.has('repair statements'), false);
  });

  it('shows of 2,000 compared tables what is not the same first, and finds them by result and by name', async () => {
    panel = await openPanel({ snapshot: scene('5-many-tables') });
    const names = () => panel.all('dts-compared-tables tbody .row-button').map((row) => row.textContent?.trim());
    const not = ['0700', '1200', '0003', '1999', '1500'].map((number) => `shop.public.orders_${number}`);
    assert.deepEqual(names().slice(0, 6), [...not, 'shop.public.orders_0000']);
    assert.match(panel.text('dts-compared-tables .filters'), /all 2,000 not the same 5 different 2/);
    await panel.click('not the same');
    assert.deepEqual(names(), not);
    await panel.click('skipped');
    assert.deepEqual(names(), not.slice(4));
    await panel.click('all 2,000');
    await search('ORDERS_19');
    assert.equal(panel.all('dts-compared-tables table')[0]?.getAttribute('aria-rowcount'), '101');
    assert.equal(names()[0], 'shop.public.orders_1999');
    await search('nowhere');
    assert.match(panel.text('dts-compared-tables'), /No table matches/);
  });

  it('says of a table that could not be compared why, and what to do', async () => {
    panel = await openPanel({ snapshot: scene('5-many-tables') });
    assert.match(panel.text('dts-step-verify .notice-bad'), /Different, and not everything is known/);
    await panel.click('shop.public.orders_1500');
    assert.match(panel.text('dts-compared-table'), /payload is json on the source and bytea on the target/);
    assert.match(panel.text('dts-compared-table'), /compare it by other means/);
    await panel.click('shop.public.orders_1200');
    assert.match(panel.text('dts-compared-table'), /no common key/);
    assert.match(panel.text('dts-compared-objects'), /sequence public\.invoice_no: different/);
    await panel.click('Copy the statement');
    const { action } = panel.last('action');
    assert.ok(action.kind === 'copy' && action.text.includes('setval'));
  });

  it('filters nothing by a result that the next comparison no longer has', async () => {
    panel = await openPanel({ snapshot: scene('5-many-tables') });
    await panel.click('skipped');
    await panel.show({ ...scene('5-different'), revision: 2 });
    assert.match(panel.text('dts-compared-tables .filter[aria-pressed=true]'), /all 340/);
    assert.ok(panel.all('dts-compared-tables tbody .row-button').length > 10);
  });

  it('keeps what failed at one table away from another', async () => {
    panel = await openPanel({ snapshot: scene('5-different') });
    await panel.click('shop.public.orders_0017');
    await panel.click('side by side');
    const failure = { reason: 'not-allowed-now', what: { text: 'The rows are gone.' }, tryThis: null };
    await panel.post({ type: 'answer', id: panel.last('action').id, result: { ok: false, declined: false, failure } });
    assert.match(panel.text('dts-compared-table'), /The rows are gone/);
    await panel.click('shop.public.orders_0040');
    assert.doesNotMatch(panel.text('dts-compared-table'), /The rows are gone/);
    await panel.click('shop.public.orders_0017');
    await panel.click('side by side');
    await panel.post({ type: 'answer', id: panel.last('action').id, result: { ok: false, declined: false, failure } });
    const { verification } = scene('5-different');
    assert.ok(verification.latest);
    const latest = { ...verification.latest, id: 'c2' };
    await panel.show({ ...scene('5-different'), revision: 2, verification: { ...verification, latest } });
    assert.match(panel.text('dts-compared-table'), /orders_0017/);
    assert.doesNotMatch(panel.text('dts-compared-table'), /The rows are gone/);
  });

  it('shows what DTS found where Complete is pressed', async () => {
    panel = await openPanel({ snapshot: scene('6-dts-differs') });
    assert.match(panel.text('dts-step-complete .notice-bad'), /DTS found differences in 1 of 340 tables/);
    await panel.show({ ...scene('6-complete-open'), revision: 2 });
    assert.equal(panel.all('dts-own-comparison').length, 0);
  });

  it('tells how long a comparison takes by its rows only, and does not call a cancelled one a failure', async () => {
    const running = scene('5-running');
    panel = await openPanel({ snapshot: running });
    assert.match(panel.text('dts-step-verify .window'), /about 00:01:\d\d to go/);
    const progress = running.verification.running;
    assert.ok(progress);
    const unknown = { ...running.verification, running: { ...progress, rowsTotal: null } };
    await panel.show({ ...running, revision: 2, verification: unknown });
    assert.doesNotMatch(panel.text('dts-step-verify .window'), /to go/);
    const failure = { reason: 'cancelled' as const, what: { text: 'Cancelled.' }, tryThis: null };
    await panel.show({ ...running, revision: 3, verification: { ...running.verification, running: null, failure } });
    assert.match(panel.text('dts-step-verify .notice-muted'), /cancelled.*need not be compared again/);
    assert.equal(panel.all('dts-step-verify .notice-bad').length, 0);
  });

  it('asks which tables to compare', async () => {
    panel = await openPanel({ snapshot: scene('5-same') });
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
