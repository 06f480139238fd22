import assert from 'node:assert/strict';
import type { RawResult } from '../../../src/cutover/facts.ts';
import { readSessions } from '../../../src/engines/postgres/sessions.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');

function read(columns: readonly string[], ...rows: readonly (string | null)[][]) {
  const raw: RawResult = { query: '', columns, rows };
  return readSessions(raw, NOW, 1_500, (pid) => pid === '1');
}

describe('what the rows of pg_stat_activity mean', () => {
  const columns = ['pid', 'backend_type', 'state', 'datname', 'usename', 'query', 'state_change', 'backend_start'];
  const cases: readonly (readonly [
    type: string | null,
    state: string | null,
    datname: string | null,
    nature: string,
    found: string,
  ])[] = [
    ['client backend', 'active', 'shop', 'client', 'executing'],
    ['client backend', 'fastpath function call', 'shop', 'client', 'executing'],
    ['client backend', 'idle', 'shop', 'client', 'idle'],
    ['client backend', 'idle in transaction', 'shop', 'client', 'open transaction'],
    ['client backend', 'idle in transaction (aborted)', 'shop', 'client', 'open transaction'],
    ['client backend', 'disabled', 'shop', 'client', 'unknown'],
    ['client backend', 'a word of tomorrow', 'shop', 'client', 'unknown'],
    ['walsender', 'active', null, 'replication', 'executing'],
    ['logical replication apply worker', null, 'shop', 'replication', 'unknown'],
    ['autovacuum worker', 'active', 'shop', 'system', 'background'],
    ['parallel worker', 'active', 'shop', 'system', 'background'],
    ['walwriter', null, null, 'system', 'background'],
    ['pg_cron launcher', 'idle', 'shop', 'system', 'background'],
    ['pg_cron', 'active', 'shop', 'client', 'executing'],
    ['some extension', null, null, 'system', 'background'],
  ];
  for (const [type, state, datname, nature, found] of cases) {
    it(`${type} · ${state} → ${nature}, ${found}`, () => {
      const [session] = read(columns, ['7', type, state, datname, 'u', 'q', null, null]);
      assert.deepEqual([session?.nature, session?.state], [nature, found]);
    });
  }

  it('a masked row is a client in an unknown state, whatever it may be', () => {
    const [session] = read(columns, ['7', null, null, 'shop', 'u', '<insufficient privilege>', null, null]);
    assert.deepEqual([session?.nature, session?.state, session?.stateAge], ['client', 'unknown', null]);
  });

  it('reads ages by the server’s clock and starts by ours', () => {
    const row = ['1', 'client backend', 'idle', 'shop', 'u', 'x'.repeat(3_000)];
    const [session] = read(columns, [...row, '2026-01-01 11:59:50.5+00', '2026-01-01 11:00:00+00']);
    assert.equal(session?.stateAge, 9.5);
    assert.equal(session.startedAt, Date.parse('2026-01-01T11:00:01.500Z'));
    assert.equal(session.statement.length, 2_000);
    assert.equal(session.nature, 'self');
  });

  it('a server before 10 has no backend_type', () => {
    const old = ['pid', 'usename', 'client_addr', 'client_port', 'state', 'query'];
    const sessions = read(
      old,
      ['2', 'shop', '10.0.0.7', '5000', 'idle', 'SELECT 1'],
      ['3', 'postgres', null, null, 'active', 'autovacuum: VACUUM t'],
      ['4', null, null, null, null, null],
      ['5', 'shop', null, '-1', 'active', 'SELECT 1'],
    );
    assert.deepEqual(
      sessions.map(({ nature, state, host }) => [nature, state, host]),
      [
        ['client', 'idle', '10.0.0.7'],
        ['system', 'background', ''],
        ['system', 'background', ''],
        ['client', 'executing', '[local]'],
      ],
    );
  });
});
