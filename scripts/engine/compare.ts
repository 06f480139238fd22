/** `compare <source> <target>`: the data of two databases, table by table, as one JSON document. */
import { COMPARE_DEFAULTS, compareData, type CompareSide } from '../../src/comparison/compare.ts';
import { documentOf } from '../../src/comparison/document.ts';
import type { MigrationScope, ScopedDatabase } from '../../src/cutover/facts.ts';
import { DTS_FOOTPRINT } from '../../src/engines/engine.ts';
import { loadDigestEngine } from '../../src/engines/loadDigest.ts';
import { systemClock } from '../../src/util/clock.ts';
import { Failure } from '../../src/util/failure.ts';
import { pause } from '../../src/util/wait.ts';
import type { Call } from '../engine.ts';

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
  const schemas = map.size === 0 ? new Set<string>() : await schemasOf(call, databases.source);
  const result = await compareData(
    engine,
    { source, target },
    {
      ...COMPARE_DEFAULTS,
      scope: scopeOf(databases, map, schemas),
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
    const [from, to, more] = pair.split('=');
    if (!from || !to || more !== undefined) throw usage('--map takes old=new, several separated by commas.');
    map.set(from, to);
  }
  return map;
}

/** Schemas of the source in which there is something. */
async function schemasOf(call: Call, database: string): Promise<ReadonlySet<string>> {
  const objects = await (await call.connection(0)).listObjects(database, call.signal);
  return new Set(objects.flatMap(({ object }) => object.schema ?? []));
}

/** A plain name is a schema where the source has one of that name, else a table: the entries of single tables come first. */
function scopeOf(
  databases: { source: string; target: string },
  map: ReadonlyMap<string, string>,
  known: ReadonlySet<string>,
): MigrationScope {
  const whole = { name: databases.source, newName: databases.target, schema: null, newSchema: null, allTables: true };
  const single: ScopedDatabase[] = [];
  const schemas: ScopedDatabase[] = [];
  const renamed: { name: string; newName: string }[] = [];
  for (const [from, to] of map) {
    const [schema, table] = split(from);
    const [newSchema, newTable] = split(to);
    if (table === undefined || newTable === undefined) {
      if (known.has(from)) schemas.push({ ...whole, schema: from, newSchema: to, tables: [] });
      else renamed.push({ name: from, newName: to });
    } else {
      single.push({ ...whole, schema, newSchema, allTables: false, tables: [{ name: table, newName: newTable }] });
    }
  }
  return { mode: 'partial', databases: [...single, ...schemas, { ...whole, tables: renamed }] };
}

function split(name: string): [string, string | undefined] {
  const dot = name.indexOf('.');
  return dot === -1 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)];
}

function usage(problem: string): Failure {
  return new Failure('bad-input', { text: problem });
}
