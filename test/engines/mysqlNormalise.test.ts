import assert from 'node:assert/strict';
import type { SessionFacts } from '../../src/cutover/facts.ts';
import { normalise, type SessionExtras } from '../../src/engines/mysql/sessions.ts';

const COLUMNS = ['Id', 'User', 'Host', 'db', 'Command', 'Time', 'State', 'Info'];
const extras: SessionExtras = {
  ownIds: new Set(['7']),
  own: { program: 'DTS Cutover', account: 'watcher' },
  transactions: new Map([
    ['18446744073709551615', 90],
    ['21', null],
  ]),
  programs: new Map([
    ['9', 'DTS Cutover'],
    ['10', 'DTS Cutover'],
    ['20', 'orders-service'],
  ]),
};

function one(...row: readonly (string | null)[]): SessionFacts {
  const [session] = normalise({ columns: COLUMNS, rows: [row] }, extras);
  assert.ok(session);
  return session;
}

describe('MySQL: rows of the process list', () => {
  const natures: readonly (readonly [
    string,
    readonly (string | null)[],
    SessionFacts['nature'],
    SessionFacts['state'],
  ])[] = [
    ['our connection', ['7', 'watcher', 'h:1', null, 'Query', '0', '', 'SHOW'], 'self', 'executing'],
    ['our number, but not our account', ['7', 'shop', 'h:1', null, 'Sleep', '5', '', null], 'client', 'idle'],
    ['another window of ours', ['9', 'watcher', 'h:1', null, 'Sleep', '5', '', null], 'self', 'idle'],
    ['our program name under another account', ['10', 'shop', 'h:1', null, 'Sleep', '5', '', null], 'client', 'idle'],
    [
      'a replica',
      ['11', 'repl', 'r:1', null, 'Binlog Dump', '99', 'Master has sent', null],
      'replication',
      'background',
    ],
    ['DTS by GTID', ['12', 'dts', 'd:1', null, 'Binlog Dump GTID', '99', '', null], 'replication', 'background'],
    [
      'the event scheduler',
      ['5', 'event_scheduler', 'localhost', null, 'Daemon', '9', 'Waiting', null],
      'system',
      'background',
    ],
    [
      'a thread applying from upstream',
      ['6', 'system user', '', null, 'Slave_SQL', '9', '', null],
      'system',
      'background',
    ],
    ['a daemon', ['8', 'admin', '', null, 'Daemon', null, '', null], 'system', 'background'],
    ['an idle pool', ['20', 'shop', '10.0.0.5:4711', 'shop', 'Sleep', '30', '', null], 'client', 'idle'],
    [
      'an open transaction',
      ['21', 'shop', '10.0.0.5:4711', 'shop', 'Sleep', '30', '', null],
      'client',
      'open transaction',
    ],
    [
      'a prepared statement',
      ['22', 'shop', 'h:1', 'shop', 'Execute', '0', 'Sending data', 'SELECT 1'],
      'client',
      'executing',
    ],
    [
      'somebody logging in',
      ['23', 'unauthenticated user', 'h:1', null, 'Connect', null, 'login', null],
      'client',
      'executing',
    ],
  ];
  for (const [name, row, nature, state] of natures) {
    it(name, () => {
      const session = one(...row);
      assert.deepEqual([session.nature, session.state], [nature, state]);
    });
  }

  it('keeps every digit of an id, and takes the age of the transaction', () => {
    const session = one('18446744073709551615', 'shop', '[::1]:99', null, 'Sleep', '3', '', null);
    assert.equal(session.id, '18446744073709551615');
    assert.equal(session.state, 'open transaction');
    assert.equal(session.stateAge, 90);
  });

  it('tells host, program and age, and what it cannot tell', () => {
    assert.equal(one('20', 'shop', '10.0.0.5:4711', null, 'Sleep', '30', '', null).program, 'orders-service');
    assert.equal(one('1', 'shop', '10.0.0.5:4711', null, 'Sleep', '30', '', null).host, '10.0.0.5');
    assert.equal(one('1', 'shop', '2001:db8::7:4711', null, 'Sleep', '30', '', null).host, '2001:db8::7');
    assert.equal(one('1', 'shop', 'localhost', null, 'Sleep', '30', '', null).host, 'localhost');
    assert.equal(one('1', 'shop', 'h:1', null, 'Sleep', null, '', null).stateAge, null);
    assert.equal(one('1', 'shop', 'h:1', null, 'Sleep', '4294967295', '', null).stateAge, null);
    assert.equal(one('1', 'shop', 'h:1', null, 'Query', '0', '', 'x'.repeat(9_000)).statement.length, 2_000);
  });

  it('finds the columns by name, whatever else the product shows', () => {
    const columns = ['Id', 'User', 'Host', 'db', 'Command', 'Time', 'State', 'Info', 'Progress', 'Rows_sent'];
    const [session] = normalise({ columns, rows: [['3', 'u', 'h', 'd', 'Sleep', '1', '', null, '0.0', '5']] }, extras);
    assert.equal(session?.database, 'd');
  });
});
