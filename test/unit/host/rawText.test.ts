import assert from 'node:assert/strict';
import { beginningOf, rawText } from '../../../src/host/cutoverPanel/rawText.ts';

describe('the raw session list', () => {
  const statement = `SELECT '${'x'.repeat(1_000_000)}'`;
  const raw = {
    query: 'q',
    columns: ['id', '__proto__'],
    rows: [
      ['7', statement],
      ['8', null],
      ['9', 'a\u202Eb'],
    ],
  };

  it('costs the panel the beginning of a statement of a megabyte, and is whole where it is opened', () => {
    const shown = beginningOf(raw);
    assert.ok(JSON.stringify(shown).length < 3_000);
    assert.equal(shown?.rows[0]?.[1]?.slice(0, 2_000), statement.slice(0, 2_000));
    assert.deepEqual(shown?.rows.slice(1), raw.rows.slice(1));
    const text = rawText(raw);
    assert.ok(text.includes(statement));
    assert.match(text, /__proto__: –/);
    assert.ok(!text.includes('\u202E'), 'what hides is written out');
    assert.equal(beginningOf(null), null);
  });
});
