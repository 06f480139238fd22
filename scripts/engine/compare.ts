/** `compare <source> <target>`: the data of two databases, table by table, as one JSON document. */
import { COMPARE_DEFAULTS, compareData, type CompareSide } from '../../src/comparison/compare.ts';
import { documentOf } from '../../src/comparison/document.ts';
import type { DatabasePair } from '../../src/comparison/scope.ts';
import type { MigrationScope, ObjectName, Side } from '../../src/cutover/facts.ts';
import { DTS_FOOTPRINT } from '../../src/engines/engine.ts';
import { loadDigestEngine } from '../../src/engines/loadDigest.ts';
import { systemClock } from '../../src/util/clock.ts';
import { Failure } from '../../src/util/failure.ts';
import { pause } from '../../src/util/wait.ts';
import type { Call } from '../engine.ts';
import { scopeWith, type Known } from './mapping.ts';

/** While others write, rows that differ are read again after this long. */
export const SETTLE_MS = 2_000;

export const compareOptions = {
  tables: { type: 'string', multiple: true },
  map: { type: 'string', multiple: true },
  workers: { type: 'string' },
} as const;

export async function compare(call: Call): Promise<{ json: unknown; exitCode: number }> {
  const { source, target, databases } = twoSides(call);
  const result = await compareData(
    await loadDigestEngine(source.request.profile.engine),
    { source, target },
    {
      ...COMPARE_DEFAULTS,
      scope: await mappedScope(call, databases),
      databases: [databases],
      only: listOf(call.options['tables']),
      workers: workersOf(call),
      settle: (signal) => pause(SETTLE_MS, signal),
      clock: systemClock,
      onProgress: () => undefined,
      onTable: () => undefined,
      finished: null,
    },
    call.signal,
  );
  return { json: documentOf(result), exitCode: { same: 0, different: 1, incomplete: 2 }[result.verdict] };
}

/** The two addresses, which have to be of one kind and name their databases. */
export function twoSides(call: Call): Readonly<Record<Side, CompareSide>> & { readonly databases: DatabasePair } {
  const [source, target] = [side(call, 0), side(call, 1)];
  if (source.request.profile.engine !== target.request.profile.engine) {
    throw usage('Both addresses must be of one kind of database.');
  }
  return { source, target, databases: { source: databaseOf(source), target: databaseOf(target) } };
}

export function workersOf(call: Call): number {
  const workers = Number(call.options['workers'] ?? COMPARE_DEFAULTS.workers);
  if (!Number.isInteger(workers) || workers < 1 || workers > 32) throw usage('--workers takes a number from 1 to 32.');
  return workers;
}

export async function mappedScope(call: Call, databases: DatabasePair): Promise<MigrationScope> {
  const map = mapOf(call);
  const known = map.size === 0 ? { source: [], target: [] } : await knownTo(call, databases);
  return scopeWith(map, databases, known);
}

function side(call: Call, n: number): CompareSide {
  const login = call.logins[n];
  if (!login) throw usage('compare takes two connection addresses.');
  return {
    request: { ...login, programName: 'DTS Cutover', timeoutMs: Number(call.options['timeout'] ?? 10) * 1000 },
    readPosition: async (since, signal) => {
      const connection = await call.connection(n);
      return connection.readWritePosition(since, DTS_FOOTPRINT[login.profile.engine], signal);
    },
  };
}

function databaseOf({ request: { profile } }: CompareSide): string {
  if (profile.database !== '') return profile.database;
  if (profile.engine === 'postgres') return 'postgres';
  throw usage('Name the database in both addresses.');
}

function listOf(text: string | undefined): string[] | null {
  const names = (text ?? '').split(',').map((name) => name.trim());
  return names.some((name) => name !== '') ? names.filter((name) => name !== '') : null;
}

/** `old=new`, several separated by commas: a table, a `schema.table` or a schema. */
function mapOf(call: Call): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const pair of listOf(call.options['map']) ?? []) {
    const [from, to, more] = pair.split('=').map((name) => name.trim());
    if (!from || !to || more !== undefined) throw usage('--map takes old=new, several separated by commas.');
    map.set(from, to);
  }
  return map;
}

async function knownTo(call: Call, databases: DatabasePair): Promise<Known> {
  const names = async (n: number, database: string): Promise<ObjectName[]> => {
    const objects = await (await call.connection(n)).listObjects(database, call.signal);
    return objects.filter(({ kind }) => kind === 'table' || kind === 'collection').map(({ object }) => object);
  };
  return { source: await names(0, databases.source), target: await names(1, databases.target) };
}

function usage(problem: string): Failure {
  return new Failure('bad-input', { text: problem });
}
