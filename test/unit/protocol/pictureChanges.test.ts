import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ClassifiedSession, LagSample, TableComparison } from '../../../src/cutover/facts.ts';
import type { JournalEntry } from '../../../src/cutover/journal.ts';
import type { RunSnapshot } from '../../../src/cutover/snapshot.ts';
import { Pictures } from '../../../src/host/cutoverPanel/pictures.ts';
import type { ToPanel } from '../../../src/protocol/messages.ts';
import { inOrder, withChanges } from '../../../src/protocol/pictureChanges.ts';
import { parseToPanel } from '../../../src/protocol/schemas.ts';
import { applySessionChanges, sessionChanges } from '../../../src/protocol/sessionChanges.ts';
import { NOW, OPEN, picture, session, side, tables } from '../../webview/gallery/parts.ts';
import { SCENES } from '../../webview/gallery/scenes.ts';

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
const unique = <Row, Key>(row: fc.Arbitrary<Row>, selector: (row: Row) => Key, maxLength = 6) =>
  fc.uniqueArray(row, { selector, maxLength });
const someSessions = unique(someSession, ({ id }) => id);

const someTable = fc
  .record({
    index: fc.integer({ min: 0, max: 5 }),
    verdict: fc.constantFrom('same' as const, 'different' as const),
    differenceCount: fc.option(fc.nat(2)),
  })
  .map(({ index, ...change }): TableComparison => {
    const [table] = tables(6).slice(index);
    assert.ok(table);
    return { ...table, ...change };
  });
const someTables = unique(someTable, ({ source }) => source?.name);

/** The newest entries of a record, newest first, as many as the panel gets. */
const someTimeline = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 4 })).map(([newest, count]) =>
  Array.from({ length: Math.min(count, newest) }, (_, back): JournalEntry => {
    return { kind: 'noted', text: `entry ${newest - back}`, seq: newest - back, at: NOW, by: 'Mei Lin' };
  }),
);
const someLag = unique(
  fc.record({ at: fc.integer({ min: 998, max: 1003 }), gapMb: fc.option(fc.nat(1)), lagSeconds: fc.constant(0) }),
  ({ at }) => at,
).map((samples): LagSample[] => samples.sort((a, b) => a.at - b.at));

const latest = SCENES['5-different']?.snapshot.verification.latest;
assert.ok(latest);

const somePictures = fc
  .array(
    fc.record({
      sessions: someSessions,
      tables: fc.option(someTables),
      timeline: someTimeline,
      lag: someLag,
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((pictures) =>
    pictures.map(({ sessions, tables: compared, timeline, lag }, index): RunSnapshot => {
      const found = compared && { ...latest, tables: compared };
      return {
        ...picture('verify', OPEN, {
          ...{ source: side('source', sessions), target: side('target', sessions.slice(1)), timeline, lag },
          verification: { running: null, latest: found, stale: null, failure: null },
        }),
        revision: index + 1,
      };
    }),
  );

/** As VS Code carries it, checked as the panel checks it. */
function carried(message: ToPanel): ToPanel {
  const parsed = parseToPanel(JSON.parse(JSON.stringify(message)));
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.problem);
  return parsed.value;
}
const withSessions = (lists: readonly (readonly ClassifiedSession[])[]): RunSnapshot[] =>
  lists.map((sessions, index) => ({
    ...picture('quiet', OPEN, { source: side('source', sessions), target: side('target', []) }),
    revision: index + 1,
  }));

describe('pictures as they cross to the panel', () => {
  it('are, after every change, what the whole picture would be', () => {
    const known = (snapshot: RunSnapshot | undefined) => {
      assert.ok(snapshot);
      const { verification } = snapshot;
      // the panel sorts tables by itself
      const byName = verification.latest?.tables.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
      return JSON.parse(
        JSON.stringify([{ ...snapshot, verification: { ...verification, latest: null } }, byName]),
      ) as unknown;
    };
    fc.assert(
      fc.property(somePictures, (snapshots) => {
        const pictures = new Pictures();
        let shown: RunSnapshot | undefined;
        for (const [index, snapshot] of snapshots.entries()) {
          const message = carried(pictures.next(snapshot));
          if (message.type === 'snapshot') shown = inOrder(message.snapshot);
          else {
            assert.ok(message.type === 'changes' && shown);
            assert.equal(message.base, index);
            shown = withChanges(shown, message);
          }
          assert.deepEqual(known(shown), known(inOrder(snapshot)));
          assert.equal(message.type, index === 0 ? 'snapshot' : 'changes');
        }
      }),
    );
  });

  it('bring along only what is new or different', () => {
    const before = [session(7), session(100), session(20)];
    const older = before.map((row) => ({ ...row, rule: { ...row.rule }, stateAge: (row.stateAge ?? 0) + 2 }));
    const changes = sessionChanges(before, [...older.slice(1), session(8, { state: 'executing' })]);
    assert.deepEqual(changes?.gone, ['7']);
    assert.deepEqual(
      changes.set.map(({ id }) => id),
      ['8'],
    );
    assert.equal(changes.ages.length, 3);
  });

  it('do not tell again what stays', () => {
    const pictures = new Pictures();
    const first = { ...picture('verify', OPEN), verification: { running: null, latest, stale: null, failure: null } };
    assert.equal(pictures.next(first).type, 'snapshot');
    const second = { ...first, revision: 2, timeline: first.timeline.map((entry) => ({ ...entry })) };
    const message = pictures.next({ ...second, verification: { ...first.verification, latest: { ...latest } } });
    assert.ok(message.type === 'changes');
    assert.deepEqual(message.changes.sessions, { source: null, target: null });
    assert.deepEqual([message.changes.tables, message.changes.lag], [null, null]);
    assert.deepEqual(message.changes.timeline?.set, []);
    assert.deepEqual([message.snapshot.timeline, message.snapshot.verification.latest?.tables], [[], []]);
  });

  it('bring of 2,000 tables those that were looked at again', () => {
    const pictures = new Pictures();
    const at = (revision: number, compared: readonly TableComparison[]): RunSnapshot => ({
      ...picture('verify', OPEN),
      ...{
        revision,
        verification: { running: null, latest: { ...latest, tables: compared }, stale: null, failure: null },
      },
    });
    pictures.next(at(1, tables(2000)));
    const again = tables(2000).map((table, index): TableComparison => {
      return index === 17 ? { ...table, verdict: 'different', differenceCount: 3 } : table;
    });
    const message = pictures.next(at(2, again));
    assert.ok(message.type === 'changes');
    assert.deepEqual(message.changes.tables, { gone: [], set: again.slice(17, 18), size: 2000 });
  });

  it('come whole where the panel’s list is not known, and where an id stands for two sessions', () => {
    const pictures = new Pictures();
    const [first, second, third] = withSessions([[session(7)], [session(7), session(7)], [session(7)]]);
    assert.ok(first && second && third);
    pictures.next(first);
    assert.deepEqual(pictures.next(second), { type: 'snapshot', snapshot: second });
    assert.deepEqual(pictures.next(third), { type: 'snapshot', snapshot: third });
    pictures.forget();
    assert.deepEqual(pictures.next(third), { type: 'snapshot', snapshot: third });
  });

  it('are refused where the changes do not fit the list', () => {
    const sizes = [
      { size: 1, ages: [1, 2] },
      { size: 2, ages: [1] },
    ];
    for (const wrong of sizes) {
      assert.equal(applySessionChanges([session(7)], { gone: [], set: [session(8)], ...wrong }), undefined);
    }
  });
});
