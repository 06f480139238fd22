/**
 * Random histories of writes on real servers: tables of random kinds are proven, written on either side, and looked at
 * again. What happened is told by the rows themselves, read before and after, never by what the engine answers.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { COMPARE_DEFAULTS } from '../../src/comparison/compare.ts';
import type { DigestEngine } from '../../src/comparison/port.ts';
import { NO_PROOFS, told } from '../../src/comparison/proofs.ts';
import { lookAgain, prove, type Proving } from '../../src/comparison/proving.ts';
import type { Side } from '../../src/cutover/facts.ts';
import type { ConnectRequest, EngineConnection } from '../../src/engines/engine.ts';
import { systemClock } from '../../src/util/clock.ts';
import { everything } from './comparing.ts';

const SIDES = ['source', 'target'] as const;
const never = new AbortController().signal;

/** Tables that belong together, of one random kind; `n` is what their names begin with. */
export interface Kind {
  create(n: string, side: Side): readonly string[];
  /** those that are compared */
  tables(n: string): readonly string[];
  /** each one a few statements in one session */
  writes(n: string, side: Side): readonly (readonly string[])[];
}

export interface HistoryServer {
  readonly engine: DigestEngine;
  readonly kinds: readonly Kind[];
  readonly databases: Readonly<Record<Side, string>>;
  readonly connection: EngineConnection;
  request(side: Side): ConnectRequest;
  /** in one session of the database of this side, which ends */
  run(side: Side, statements: readonly string[]): Promise<void>;
  /** all rows, in a form that is equal when they are; null for a table that is not there */
  rows(side: Side, table: string): Promise<string | null>;
}

const GROUPS = 3;

interface Group {
  readonly kind: number;
  readonly writes: readonly { readonly side: Side; readonly which: number }[];
}

const group = fc.record({
  kind: fc.nat(),
  writes: fc.array(fc.record({ side: fc.constantFrom(...SIDES), which: fc.nat() }), { maxLength: 2 }),
});

/** @param histories each one the tables of one group and what is written to them; several are looked at together */
export async function checkHistories(server: HistoryServer, histories: number): Promise<void> {
  let passes = 0;
  const history = fc.asyncProperty(fc.array(group, { minLength: GROUPS, maxLength: GROUPS }), (groups) =>
    onePass(server, `h${passes++}`, groups),
  );
  await fc.assert(history, { numRuns: Math.ceil(histories / GROUPS), endOnFailure: true });
}

async function onePass(server: HistoryServer, pass: string, groups: readonly Group[]): Promise<void> {
  const cold = `${pass}cold`;
  const made = groups.map(({ kind, writes }, i) => ({
    n: `${pass}g${i}`,
    kind: server.kinds[kind % server.kinds.length] ?? assert.fail(),
    writes,
  }));
  for (const side of SIDES) {
    const plain = [`CREATE TABLE ${cold} (id int PRIMARY KEY)`, `INSERT INTO ${cold} VALUES (1)`];
    await server.run(side, [...plain, ...made.flatMap(({ n, kind }) => kind.create(n, side))]);
  }
  const tables = [cold, ...made.flatMap(({ n, kind }) => kind.tables(n))];
  const first = await prove(provingOf(server), NO_PROOFS, never);
  for (const table of tables) assert.equal(stateOf(first, table), 'proven', table);
  const before = await rowsOf(server, tables);
  const log: string[] = [];
  for (const { n, kind, writes } of made) {
    for (const { side, which } of writes) {
      const choices = kind.writes(n, side);
      const statements = choices[which % choices.length] ?? assert.fail();
      log.push(`${side}: ${statements.join('; ')}`);
      await server.run(side, statements);
    }
  }
  const again = await lookAgain(provingOf(server), first.proofs, never);
  const after = await rowsOf(server, tables);
  for (const table of tables) {
    const changed = SIDES.some((side) => before.get(`${side} ${table}`) !== after.get(`${side} ${table}`));
    if (changed) assert.notEqual(stateOf(again, table), 'proven', `${table} kept its proof: ${log.join(' | ')}`);
  }
  const untouched = made.flatMap(({ n, kind, writes }) => (writes.length === 0 ? kind.tables(n) : []));
  for (const table of [cold, ...untouched]) {
    assert.equal(stateOf(again, table), 'proven', `${table} lost its proof: ${log.join(' | ')}`);
  }
}

type Found = Awaited<ReturnType<typeof prove>>;

function stateOf({ proofs, answers }: Found, table: string): string {
  const found = proofs.tables.find(({ source }) => source?.name === table);
  return found ? told(found, answers).state : 'gone';
}

async function rowsOf(server: HistoryServer, tables: readonly string[]): Promise<Map<string, string | null>> {
  const rows = new Map<string, string | null>();
  for (const side of SIDES) for (const table of tables) rows.set(`${side} ${table}`, await server.rows(side, table));
  return rows;
}

function provingOf({ engine, databases, connection, request }: HistoryServer): Proving {
  const side = (which: Side) => ({ request: request(which), writes: connection.writes ?? null });
  return {
    engine,
    sides: { source: side('source'), target: side('target') },
    scope: everything(databases.source, databases.target),
    databases: [databases],
    options: {
      ...COMPARE_DEFAULTS,
      settle: async () => undefined,
      clock: systemClock,
      onProgress: () => undefined,
      onTable: () => undefined,
    },
  };
}
