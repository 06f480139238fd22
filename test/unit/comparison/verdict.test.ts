import assert from 'node:assert/strict';
import type { ObjectResult, TableResult } from '../../../src/comparison/result.ts';
import { verdictOf, type Circumstances } from '../../../src/comparison/verdict.ts';
import { sentence } from '../../../src/util/sentence.ts';

const CALM: Circumstances = { unsettled: [], unchecked: false, cancelled: false };
const name = { database: 'shop', schema: 'public', name: 'orders' };

function table(verdict: TableResult['verdict']): TableResult {
  return {
    ...{ source: name, target: name, verdict, reason: null, rows: { source: 1, target: 1 }, differences: [] },
    ...{ differenceCount: 0, truncated: false, notes: [], method: '', targetColumns: [] },
  };
}

function object(verdict: ObjectResult['verdict'], counts: boolean): ObjectResult {
  return { kind: 'view', name: 'v', verdict, detail: null, statement: null, counts };
}

describe('the verdict of a comparison', () => {
  const cases: [string, TableResult[], ObjectResult[], Partial<Circumstances>, string][] = [
    ['every table the same', [table('same'), table('same')], [object('same', true)], {}, 'same'],
    ['one table different', [table('same'), table('different')], [], {}, 'different'],
    ['one table missing', [table('same'), table('missingOnTarget')], [], {}, 'different'],
    ['one table too many', [table('same'), table('missingOnSource')], [], {}, 'different'],
    ['an object that counts differs', [table('same')], [object('different', true)], {}, 'different'],
    ['an object told for information differs', [table('same')], [object('different', false)], {}, 'same'],
    ['no table at all', [], [], {}, 'incomplete'],
    ['a table skipped', [table('same'), table('skipped')], [], {}, 'incomplete'],
    ['a table that failed', [table('same'), table('failed')], [], {}, 'incomplete'],
    ['cancelled', [table('same')], [], { cancelled: true }, 'incomplete'],
    ['somebody kept writing', [table('same')], [], { unsettled: [sentence('somebody kept writing')] }, 'incomplete'],
    ['written meanwhile, and what differs not read again', [table('different')], [], { unchecked: true }, 'incomplete'],
    ['written meanwhile, and nothing differs', [table('same')], [], { unchecked: true }, 'same'],
  ];
  for (const [what, tables, objects, circumstances, expected] of cases) {
    it(`${what}: ${expected}`, () => {
      const { verdict, remarks } = verdictOf(tables, objects, { ...CALM, ...circumstances });
      assert.equal(verdict, expected);
      assert.equal(remarks.length > 0, expected === 'incomplete', 'what is incomplete says why');
    });
  }
});
