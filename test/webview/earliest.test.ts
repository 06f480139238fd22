import assert from 'node:assert/strict';
import { earliestComplete } from '../../src/webview/earliest.ts';
import { ago, NOW, picture, window } from './gallery/parts.ts';

const shut = { state: 'blocked', why: [], evidence: [] } as const;
const comparing = (rowsDone: number, rowsTotal: number | null, seconds: number) => ({
  verification: {
    running: { tablesDone: 1, tablesTotal: 2, rowsDone, rowsTotal, current: '', startedAt: ago(seconds) },
    latest: null,
    stale: null,
    failure: null,
  },
});

describe('when Complete may be possible', () => {
  const paused = {
    downtime: { since: ago(100), until: null },
    quietWindow: window(180, 100),
    zeroDwell: window(60, 0),
  };
  const seconds = (change: Parameters<typeof picture>[2]) => {
    const at = earliestComplete(picture('quiet', shut, { ...paused, ...change }), NOW);
    return at === null ? null : Math.round((at - NOW) / 1000);
  };

  it('is when the windows are full, or the comparison that runs beside them has ended', () => {
    assert.equal(seconds(comparing(500, 1000, 30)), 140, 'the rest of the window and the dwell after it');
    assert.equal(seconds(comparing(100, 1000, 30)), 270, 'nine times what has passed');
    const full = { ...comparing(500, 1000, 30), quietWindow: window(180, 200), zeroDwell: window(60, 20) };
    assert.equal(seconds(full), 40);
  });

  it('is not said while nobody can tell', () => {
    assert.equal(seconds({}), null, 'nothing is proven and nothing is compared');
    assert.equal(seconds(comparing(0, 1000, 30)), null);
    assert.equal(seconds(comparing(10, null, 30)), null);
    assert.equal(seconds({ ...comparing(500, 1000, 30), downtime: { since: null, until: null } }), null);
    assert.equal(seconds({ ...comparing(500, 1000, 30), quietWindow: { ...window(180, 0), since: null } }), null);
    const sent = { completion: { state: 'accepted', at: ago(1), failure: null } } as const;
    assert.equal(seconds({ ...comparing(500, 1000, 30), ...sent }), null);
  });
});
