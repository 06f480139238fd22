import assert from 'node:assert/strict';
import fc from 'fast-check';
import { closure } from '../../../src/comparison/proofClosure.ts';
import type { Dependency, ProofPosition, WrittenSince, WrittenThing } from '../../../src/comparison/proofPort.ts';
import {
  afterWrites,
  NO_PROOFS,
  told,
  withResults,
  type Answers,
  type Proofs,
} from '../../../src/comparison/proofs.ts';
import { readStored, storedText } from '../../../src/comparison/proofStore.ts';
import type { TableResult } from '../../../src/comparison/result.ts';
import { identity } from '../../../src/comparison/scope.ts';
import type { ObjectName } from '../../../src/cutover/facts.ts';

const named = (name: string, database = 'shop'): ObjectName => ({ database, schema: null, name });
const table = (name: string, database?: string): WrittenThing => ({ kind: 'table', name: named(name, database) });
const ties = (kind: Dependency['kind'], from: string, to: string): Dependency => ({
  kind,
  from: named(from),
  to: named(to),
});

const position = (token: string, more: Partial<ProofPosition> = {}): ProofPosition => ({
  token,
  display: token,
  unsure: null,
  never: [],
  ...more,
});

const answer = (more: Partial<WrittenSince> = {}): WrittenSince => ({
  state: 'known',
  grain: 'table',
  written: [],
  dependencies: [],
  why: { text: 'counters' },
  position: position('later'),
  ...more,
});

const nobody: Answers = { source: answer(), target: answer() };

const result = (name: string, more: Partial<TableResult> = {}): TableResult => ({
  source: named(name),
  target: named(name, 'moved'),
  verdict: 'same',
  reason: null,
  rows: { source: 1, target: 1 },
  differences: [],
  differenceCount: 0,
  truncated: false,
  notes: [],
  method: 'digest',
  targetColumns: [],
  ...more,
});

const before = { source: position('s'), target: position('t') };
const compared = (names: readonly string[], answers = nobody): Proofs =>
  withResults(NO_PROOFS, { at: 1, before, answers, results: names.map((name) => result(name)) });
const states = ({ tables }: Proofs) =>
  Object.fromEntries(tables.map(({ source, target, state }) => [(source ?? target)?.name ?? '', state] as const));

describe('what a write takes along', () => {
  for (const kind of ['cascade', 'partition', 'inheritance', 'trigger', 'type'] as const) {
    it(`reaches over a ${kind}, and without it does not`, () => {
      const dependencies = [ties(kind, 'a', 'b')];
      assert.deepEqual(closure([table('a')], dependencies)(named('b')), table('a'));
      assert.equal(closure([table('a')], [])(named('b')), null);
      assert.equal(closure([table('b')], dependencies)(named('a')), null);
    });
  }

  it('holds for a whole database, also through what depends on it elsewhere, and for the server', () => {
    const across: Dependency = { kind: 'cascade', from: named('x', 'other'), to: named('b') };
    const reach = closure([{ kind: 'database', database: 'other' }], [across]);
    assert.ok(reach(named('anything', 'other')));
    assert.ok(reach(named('b')));
    assert.equal(reach(named('c')), null);
    assert.ok(closure([{ kind: 'server' }], [])(named('c')));
  });

  it('is everything that can be reached, and nothing else', () => {
    const name = fc.integer({ min: 0, max: 9 });
    fc.assert(
      fc.property(fc.array(fc.tuple(name, name)), fc.array(name), (edges, written) => {
        const dependencies = edges.map(([from, to]) => ties('cascade', `t${from}`, `t${to}`));
        const reach = closure(
          written.map((n) => table(`t${n}`)),
          dependencies,
        );
        const expected = new Set(written);
        for (let size = -1; size !== expected.size;) {
          size = expected.size;
          for (const [from, to] of edges) if (expected.has(from)) expected.add(to);
        }
        for (let n = 0; n < 10; n++) assert.equal(reach(named(`t${n}`)) !== null, expected.has(n));
      }),
    );
  });
});

describe('proofs', () => {
  it('are made of tables that are the same and were not written from before the snapshot until after it', () => {
    const written = { ...nobody, target: answer({ written: [table('b', 'moved')] }) };
    assert.deepEqual(states(compared(['a', 'b'], written)), { a: 'proven', b: 'agrees' });
  });

  it('fall with a write on either side, by whomever, with one sentence that says through what', () => {
    const proofs = compared(['a', 'b', 'c']);
    const answers = {
      source: answer({ written: [table('a')], dependencies: [ties('cascade', 'a', 'b')] }),
      target: answer({ written: [table('a', 'other')] }),
    };
    const left = afterWrites(proofs, answers);
    assert.deepEqual(states(left), { a: 'unproven', b: 'unproven', c: 'proven' });
    assert.deepEqual(left.tables[1]?.why, {
      text: '{name} was written on the source, and this table depends on it.',
      args: { name: 'shop.a' },
    });
    assert.deepEqual(left.tokens, { source: 'later', target: 'later' });
  });

  it('are not told while a side is late, and come back when it is not; what is lost stays lost', () => {
    const late = { ...nobody, target: answer({ state: 'late', why: { text: 'somebody rests' } }) };
    const kept = afterWrites(compared(['a']), late);
    assert.equal(kept.tables.map((proof) => told(proof, late))[0]?.state, 'unproven');
    assert.equal(told(kept.tables[0]!, null).state, 'unproven');
    assert.equal(kept.tables.map((proof) => told(proof, nobody))[0]?.state, 'proven');
    const lost = { ...nobody, source: answer({ state: 'lost', why: { text: 'restarted' } }) };
    assert.deepEqual(states(afterWrites(afterWrites(kept, lost), nobody)), { a: 'unproven' });
  });

  it('are none where a side cannot tell yet, or never about this table; nor of what differs or cannot be compared', () => {
    const unsure = { ...before, source: position('s', { unsure: { text: 'open' } }) };
    const never = {
      ...before,
      target: position('t', { never: [{ table: named('a', 'moved'), why: { text: 'foreign' } }] }),
    };
    const made = (positions: typeof before, more: Partial<TableResult> = {}) =>
      withResults(NO_PROOFS, { at: 1, before: positions, answers: nobody, results: [result('a', more)] });
    assert.deepEqual(states(made(unsure)), { a: 'agrees' });
    assert.deepEqual(states(made(never)), { a: 'agrees' });
    assert.deepEqual(states(made(before, { verdict: 'different' })), { a: 'different' });
    assert.deepEqual(states(made(before, { verdict: 'missingOnTarget', target: null })), { a: 'different' });
    assert.deepEqual(states(made(before, { verdict: 'skipped' })), { a: 'notComparable' });
    assert.deepEqual(states(made(before, { verdict: 'failed' })), { a: 'unproven' });
  });

  it('never outlive a write, in any history', () => {
    const names = ['a', 'b', 'c', 'd'];
    const name = fc.constantFrom(...names);
    const step = fc.record({
      side: fc.constantFrom('source', 'target'),
      written: fc.array(name, { maxLength: 2 }),
      ties: fc.array(fc.tuple(name, name), { maxLength: 3 }),
      state: fc.constantFrom('known', 'late', 'lost'),
      compare: fc.uniqueArray(name, { maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let proofs = compared(names);
        const rests = new Set(names);
        for (const { side, written, ties: edges, state, compare } of steps) {
          const database = side === 'source' ? 'shop' : 'moved';
          const dependencies = edges.map(([from, to]): Dependency => ({
            kind: 'cascade',
            from: named(from, database),
            to: named(to, database),
          }));
          const said = answer({ state, written: written.map((n) => table(n, database)), dependencies });
          const answers = { ...nobody, [side]: said };
          proofs = withResults(afterWrites(proofs, answers), {
            at: 1,
            before,
            answers,
            results: compare.map((n) => result(n)),
          });
          for (const n of names) {
            const touched = state === 'lost' || closure(said.written, dependencies)(named(n, database)) !== null;
            if (touched) rests.delete(n);
            else if (compare.includes(n)) rests.add(n);
          }
          assert.deepEqual(
            new Set(proofs.tables.flatMap((t) => (t.state === 'proven' ? [t.source?.name] : []))),
            rests,
          );
          assert.equal(proofs.tables.length, names.length);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('stored proofs', () => {
  const proofs = afterWrites(compared(['a', 'b']), nobody);
  const text = storedText(proofs, 'here');

  it('come back as they were', () => {
    assert.deepEqual(readStored(text, 'here'), { proofs, why: null });
    assert.deepEqual(readStored(null, 'here'), { proofs: NO_PROOFS, why: null });
  });

  it('are none when damaged anywhere, of other servers or of another version, and say so', () => {
    fc.assert(
      fc.property(fc.nat(text.length - 2), fc.integer({ min: 33, max: 126 }), (at, code) => {
        const changed = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
        fc.pre(changed !== text);
        const { proofs: read, why } = readStored(changed, 'here');
        assert.deepEqual(read, NO_PROOFS);
        assert.ok(why);
      }),
    );
    for (let length = 0; length < text.length - 1; length += 7)
      assert.deepEqual(readStored(text.slice(0, length), 'here').proofs, NO_PROOFS);
    assert.match(readStored(text, 'there').why?.text ?? '', /other servers/);
  });

  it('are bound by the number of tables', () => {
    let kept = proofs;
    for (let i = 0; i < 50; i++)
      kept = withResults(afterWrites(kept, nobody), { at: i, before, answers: nobody, results: [result('a')] });
    assert.equal(storedText(kept, 'here').length, text.length + String(49).length - String(1).length);
    assert.equal(new Set(kept.tables.map(({ source }) => source && identity(source))).size, 2);
  });
});
