/** `compare <source> <target>`: the data of two databases, table by table, as one JSON document. */
import { COMPARE_DEFAULTS, compareData, type CompareSide } from '../../src/comparison/compare.ts';
import { documentOf } from '../../src/comparison/document.ts';
import type { ObjectName } from '../../src/cutover/facts.ts';
import { DTS_FOOTPRINT } from '../../src/engines/engine.ts';
import { loadDigestEngine } from '../../src/engines/loadDigest.ts';
import { systemClock } from '../../src/util/clock.ts';
import { Failure } from '../../src/util/failure.ts';
import { pause } from '../../src/util/wait.ts';
import type { Call } from '../engine.ts';
import { scopeWith, type Known } from './mapping.ts';

/** While others write, rows that differ are read again after this long. */
const SETTLE_MS = 2_000;

export const compareOptions = {
  tables: { type: 'string', multiple: true },
  map: { type: 'string', multiple: true },
  workers: { type: 'string' },
} as const;

export async function compare(call: Call): Promise<{ json: unknown; exitCode: number }> {
  const [source, target] = [side(call, 0), side(call, 1)];
  const kind = source.request.profile.engine;
  if (kind !== target.request.profile.engine) throw usage('Both addresses must be of one kind of database.');
  const workers = Number(call.options['workers'] ?? COMPARE_DEFAULTS.workers);
  if (!Number.isInteger(workers) || workers < 1 || workers > 32) throw usage('--workers takes a number from 1 to 32.');
  const databases = { source: databaseOf(source), target: databaseOf(target) };
  const engine = await loadDigestEngine(kind);
  const map = mapOf(call);
  const known = map.size === 0 ? { source: [], target: [] } : await knownTo(call, databases);
  const result = await compareData(
    engine,
    { source, target },
    {
      ...COMPARE_DEFAULTS,
      scope: scopeWith(map, databases, known),
      databases: [databases],
      only: listOf(call.options['tables']),
      workers,
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

async function knownTo(call: Call, databases: { source: string; target: string }): Promise<Known> {
  const names = async (n: number, database: string): Promise<ObjectName[]> => {
    const objects = await (await call.connection(n)).listObjects(database, call.signal);
    return objects.filter(({ kind }) => kind === 'table' || kind === 'collection').map(({ object }) => object);
  };
  return { source: await names(0, databases.source), target: await names(1, databases.target) };
}

function usage(problem: string): Failure {
  return new Failure('bad-input', { text: problem });
}
