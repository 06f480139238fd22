import assert from 'node:assert/strict';
import { PositionWatch, type ReadPosition } from '../../../src/comparison/positions.ts';
import { settle } from '../../../src/comparison/settle.ts';
import { unknownTable, type TableOutcome } from '../../../src/comparison/tableResult.ts';
import type { PositionFacts } from '../../../src/cutover/facts.ts';

const never = new AbortController().signal;

const DATABASES = [{ source: 'shop', target: 'shop' }];

/** A server's log: the token is its length, an entry the table that was written, or null for what cannot be told. */
function logged(log: readonly (string | null)[]): ReadPosition {
  return async (since): Promise<PositionFacts> => {
    const newer = since === null ? [] : log.slice(Number(since));
    const named = newer.filter((name) => name !== null);
    return {
      takenAt: 0,
      token: String(log.length),
      display: `entry ${log.length}`,
      sinceDisplay: since,
      foreign: newer.includes(null) ? 'unknown' : newer.length > 0 ? 'written' : 'none',
      written: named.map((name) => ({ name: `public.${name}`, count: 1, byDts: false })),
      why: { text: 'planted' },
    };
  };
}

function same(name: string): TableOutcome {
  const shape = {
    name: { database: 'shop', schema: 'public', name },
    columns: [],
    keys: [],
    estimatedRows: null,
    unreadable: null,
  };
  const tables = { source: shape, target: shape };
  return { tables, open: null, result: { ...unknownTable(tables, 'skipped', null), verdict: 'same' } };
}

/** Two tables, both the same at first; answers the tables compared again, and where the results hold since. */
async function settled(
  log: (string | null)[],
  {
    whileCatchingUp = () => {},
    whileReading = () => {},
    whileComparingAgain = () => {},
    late = false,
  }: { whileCatchingUp?(): void; whileReading?(): void; whileComparingAgain?(): void; late?: boolean },
) {
  const watch = await PositionWatch.start({ source: logged(log), target: logged([]) }, DATABASES, never);
  log.push('a');
  const again: string[] = [];
  const { unsettled } = await settle(
    [same('a'), same('b')],
    {
      watch,
      rounds: 3,
      alone: true,
      atOnce: 1,
      late: () => late,
      settle: async () => whileCatchingUp(),
      renew: async () => whileReading(),
      recheck: async (outcome) => outcome,
      again: async (outcome) => {
        whileComparingAgain();
        again.push(outcome.tables.source.name.name);
        return outcome;
      },
    },
    never,
  );
  return { again, since: watch.tokens.source, unsettled: unsettled.length };
}

describe('what was written during the comparison', () => {
  it('does not matter in databases that are not compared, where the engine tells them apart', async () => {
    const writing = (database: string | undefined): ReadPosition => {
      return async (since, signal) => {
        const facts = await logged(['a'])(since === null ? null : '0', signal);
        const written = facts.written.map((object) => ({ ...object, ...(database ? { database } : {}) }));
        return { ...facts, written: [...written, { name: 'beat', count: 1, byDts: true }] };
      };
    };
    const kinds = await Promise.all(
      ['other', 'shop', undefined].map(async (database) => {
        const watch = await PositionWatch.start({ source: writing(database), target: logged([]) }, DATABASES, never);
        return (await watch.writes(never)).kind;
      }),
    );
    assert.deepEqual(kinds, ['none', 'written', 'written']);
  });

  it('makes every table be compared again, and the results hold from then on', async () => {
    // rows of b may have been written with those of a: by a cascading foreign key, say, which no log names
    assert.deepEqual(await settled([], {}), { again: ['a', 'b'], since: '1', unsettled: 0 });
  });

  it('makes every table be compared again where none has the name, as with partitions', async () => {
    const log = ['a_2026'];
    const whileCatchingUp = () => void (log.length === 2 && log.push('a_2027'));
    assert.deepEqual(await settled(log, { whileCatchingUp }), { again: ['a', 'b'], since: '3', unsettled: 0 });
  });

  it('comes to an end where somebody writes now and then: again and again, or just once where that takes long', async () => {
    for (const late of [false, true]) {
      const log: string[] = [];
      const { again, unsettled } = await settled(log, { late, whileComparingAgain: () => void log.push('heartbeat') });
      assert.deepEqual({ passes: again.length / 2, unsettled }, { passes: late ? 1 : 3, unsettled: 1 });
    }
  });

  it('counts when it was written while the target caught up', async () => {
    const log: string[] = [];
    const whileCatchingUp = () => void (log.length === 1 && log.push('b'));
    assert.deepEqual(await settled(log, { whileCatchingUp }), { again: ['a', 'b'], since: '2', unsettled: 0 });
  });

  it('makes the results hold from the beginning only, as long as a table that was written was not read again', async () => {
    const log: (string | null)[] = [];
    const whileReading = () => void log.push(null);
    assert.deepEqual(await settled(log, { whileReading }), { again: [], since: '0', unsettled: 1 });
    const busy: string[] = [];
    const keepWriting = () => void busy.push('b');
    assert.deepEqual(await settled(busy, { whileReading: keepWriting }), { again: [], since: '0', unsettled: 1 });
  });
});
