import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ClassifiedSession } from '../../../src/cutover/facts.ts';
import type { RunSnapshot } from '../../../src/cutover/snapshot.ts';
import { Pictures } from '../../../src/host/cutoverPanel/pictures.ts';
import type { ToPanel } from '../../../src/protocol/messages.ts';
import { parseToPanel } from '../../../src/protocol/schemas.ts';
import { applyChanges, changesBetween, ordered } from '../../../src/protocol/sessionChanges.ts';
import { OPEN, picture, session, side } from '../../webview/gallery/parts.ts';

/** Few ids and few values, so that sessions come, go, change and only grow older, often. */
const someSession = fc
  .record({
    id: fc.oneof(
      fc.integer({ min: 1, max: 12 }).map(String),
      fc.constantFrom('shard0:7', 'shard1:7', '18446744073709551615'),
    ),
    account: fc.constantFrom('shop_app', 'dts_migration'),
    state: fc.constantFrom('idle' as const, 'executing' as const),
    stateAge: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
    statement: fc.constantFrom('', 'SELECT 1'),
    startedAt: fc.option(fc.integer()),
  })
  .map(({ id, ...change }): ClassifiedSession => ({ ...session(1, change), id }));
const someLists = fc.array(fc.uniqueArray(someSession, { selector: ({ id }) => id }), { minLength: 1, maxLength: 8 });

/** As VS Code carries it, checked as the panel checks it. */
function carried(message: ToPanel): ToPanel {
  const parsed = parseToPanel(JSON.parse(JSON.stringify(message)));
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.problem);
  return parsed.value;
}
const snapshots = (lists: readonly (readonly ClassifiedSession[])[]): RunSnapshot[] =>
  lists.map((sessions, index) => ({
    ...picture('quiet', OPEN, { source: side('source', sessions), target: side('target', []) }),
    revision: index + 1,
  }));

describe('sessions as they cross to the panel', () => {
  it('are, after every change, what the whole list would be', () => {
    fc.assert(
      fc.property(someLists, (lists) => {
        const pictures = new Pictures();
        let shown: readonly ClassifiedSession[] = [];
        for (const [index, snapshot] of snapshots(lists).entries()) {
          const message = carried(pictures.next(snapshot));
          if (message.type === 'snapshot') shown = ordered(message.snapshot.source.sessions);
          else {
            assert.ok(message.type === 'changes' && message.sessions.source);
            assert.equal(message.base, index);
            const next = applyChanges(shown, message.sessions.source);
            assert.ok(next);
            shown = next;
          }
          assert.deepEqual(shown, JSON.parse(JSON.stringify(ordered(snapshot.source.sessions))));
          assert.equal(message.type, index === 0 ? 'snapshot' : 'changes');
        }
      }),
    );
  });

  it('bring along only what is new or different', () => {
    const before = [session(7), session(100), session(20)];
    const older = before.map((row) => ({ ...row, rule: { ...row.rule }, stateAge: (row.stateAge ?? 0) + 2 }));
    const changes = changesBetween(before, [...older.slice(1), session(8, { state: 'executing' })]);
    assert.deepEqual(changes?.gone, ['7']);
    assert.deepEqual(
      changes.set.map(({ id }) => id),
      ['8'],
    );
    assert.equal(changes.ages.length, 3);
  });

  it('are not told again while nobody looked anew', () => {
    const pictures = new Pictures();
    const [first] = snapshots([[session(7)]]);
    assert.ok(first);
    assert.equal(pictures.next(first).type, 'snapshot');
    const message = pictures.next({ ...first, revision: 2 });
    assert.deepEqual(message.type === 'changes' && message.sessions, { source: null, target: null });
  });

  it('come whole where the panel’s list is not known, and where an id stands for two sessions', () => {
    const pictures = new Pictures();
    const [first, second, third] = snapshots([[session(7)], [session(7), session(7)], [session(7)]]);
    assert.ok(first && second && third);
    pictures.next(first);
    assert.deepEqual(pictures.next(second), { type: 'snapshot', snapshot: second });
    assert.deepEqual(pictures.next(third), { type: 'snapshot', snapshot: third });
    pictures.forget();
    assert.deepEqual(pictures.next(third), { type: 'snapshot', snapshot: third });
  });

  it('are refused where the changes do not fit the list', () => {
    assert.equal(applyChanges([session(7)], { gone: [], set: [session(8)], ages: [1] }), undefined);
  });
});
