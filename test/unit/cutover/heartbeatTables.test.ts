import assert from 'node:assert/strict';
import { readHeartbeatRule } from '../../../src/cutover/heartbeatTables.ts';
import { footprintOf } from '../../../src/engines/engine.ts';
import { setAside } from '../../../src/engines/footprint.ts';
import type { EngineKind } from '../../../src/cutover/facts.ts';

describe('tables in which monitors write', () => {
  const read: readonly (readonly [unknown, ReturnType<typeof readHeartbeatRule>])[] = [
    ['percona.heartbeat', ['percona', 'heartbeat']],
    [' monitor.public.beat ', ['monitor', 'public', 'beat']],
    ['*.heartbeat', ['*', 'heartbeat']],
    ['*.*.heartbeat', ['*', '*', 'heartbeat']],
    ['`odd.name`.`a``b`', ['odd.name', 'a`b']],
    ['"Odd.Name"."x"', ['Odd.Name', 'x']],
    ['heartbeat', 'parts'],
    ['a.b.c.d', 'parts'],
    ['a..b', 'parts'],
    ['percona.heart*', 'parts'],
    ['percona.%', 'parts'],
    ['*.*', 'matches every table'],
    ['percona.*', 'matches every table'],
    ['', 'no name'],
    [7, 'no name'],
    [{ table: 'a.b' }, 'no name'],
  ];
  for (const [text, rule] of read) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(readHeartbeatRule(text), rule));
  }

  const applied: readonly (readonly [EngineKind, string, readonly [string, string | null, string], boolean])[] = [
    ['mysql', 'percona.heartbeat', ['percona', null, 'heartbeat'], true],
    ['mysql', 'percona.heartbeat', ['shop', null, 'heartbeat'], false],
    ['mysql', '*.heartbeat', ['shop', null, 'heartbeat'], true],
    ['mysql', 'a.b.c', ['a', null, 'c'], false],
    ['postgres', 'public.heartbeat', ['shop', 'public', 'heartbeat'], true],
    ['postgres', 'crm.public.heartbeat', ['shop', 'public', 'heartbeat'], false],
    ['postgres', 'shop.*.heartbeat', ['shop', 'monitor', 'heartbeat'], true],
    ['sqlserver', 'dbo.heartbeat', ['shop', 'dbo', 'heartbeat'], true],
    ['sqlserver', 'dbo.heartbeat', ['shop', 'dbo', 'Heartbeat'], false],
    ['mongodb', 'monitor.beats', ['monitor', null, 'beats'], true],
    ['mongodb', 'monitor.beats.daily', ['monitor', null, 'beats.daily'], true],
  ];
  for (const [engine, text, [database, schema, name], aside] of applied) {
    it(`${text} ${aside ? 'is' : 'is not'} ${[database, schema, name].filter(Boolean).join('.')} on ${engine}`, () => {
      const rule = readHeartbeatRule(text);
      assert.ok(typeof rule !== 'string');
      const found = setAside(false, { database, schema, name }, footprintOf(engine, [rule]));
      assert.deepEqual(found, aside ? { byDts: true, heartbeat: true } : { byDts: false });
    });
  }
});
