/**
 * `prove <source> <target> --store DIR` and `written …`: which tables are proven to be the same, as one JSON document.
 * The proofs are kept in the folder from one call to the next.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { COMPARE_DEFAULTS } from '../../src/comparison/compare.ts';
import { pairKey, told, type Answers, type Proofs, type TableProof } from '../../src/comparison/proofs.ts';
import type { WrittenThing } from '../../src/comparison/proofPort.ts';
import { readStored, storedText } from '../../src/comparison/proofStore.ts';
import { lookAgain, prove, type Proving } from '../../src/comparison/proving.ts';
import { shortName } from '../../src/comparison/scope.ts';
import type { ObjectName, Side } from '../../src/cutover/facts.ts';
import { loadDigestEngine } from '../../src/engines/loadDigest.ts';
import { systemClock } from '../../src/util/clock.ts';
import { Failure, isFailure } from '../../src/util/failure.ts';
import { say } from '../../src/util/sentence.ts';
import { pause } from '../../src/util/wait.ts';
import type { Call } from '../engine.ts';
import { mappedScope, twoSides, workersOf, SETTLE_MS } from './compare.ts';

const FILE = 'proofs';

export const proveOptions = { store: { type: 'string' } } as const;

export const proveTables = (call: Call) => answered(call, prove);
export const writtenTables = (call: Call) => answered(call, lookAgain);

async function answered(call: Call, act: typeof prove): Promise<{ json: unknown; exitCode: number }> {
  const folder = call.options['store'];
  if (!folder) throw new Failure('bad-input', { text: '--store names the folder that keeps the proofs.' });
  const proving = await provingOf(call);
  const about = aboutOf(proving);
  const { proofs, why: unread } = readStored(await storeIn(folder), about);
  const before = new Map(proofs.tables.map((table) => [pairKey(table), table.state]));
  const { proofs: now, answers } = await act(proving, proofs, call.signal);
  await keep(folder, now, about);
  return documentOf(proving, now, answers, unread ? say(unread) : null, before);
}

async function provingOf(call: Call): Promise<Proving> {
  const { source, target, databases } = twoSides(call);
  const kind = source.request.profile.engine;
  const writes = async (n: number) => (await call.connection(n)).writes ?? null;
  return {
    engine: await loadDigestEngine(kind),
    sides: {
      source: { request: source.request, writes: await writes(0) },
      target: { request: target.request, writes: await writes(1) },
    },
    scope: await mappedScope(call, databases),
    databases: [databases],
    options: {
      ...COMPARE_DEFAULTS,
      workers: workersOf(call),
      settle: (signal) => pause(SETTLE_MS, signal),
      clock: systemClock,
      onProgress: () => undefined,
      onTable: () => undefined,
    },
  };
}

/** The servers by their addresses, and the databases: who they really are stands in the positions. */
function aboutOf({ sides, databases, scope }: Proving): string {
  const address = ({ request: { profile } }: Proving['sides'][Side]) => [profile.engine, profile.nodes];
  return JSON.stringify([address(sides.source), address(sides.target), databases, scope]);
}

async function storeIn(folder: string): Promise<string | null> {
  try {
    return await readFile(path.join(folder, FILE), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw unusable(folder, error);
  }
}

/** All of it or nothing: a call that is interrupted leaves what was there. */
async function keep(folder: string, proofs: Proofs, about: string): Promise<void> {
  const fresh = path.join(folder, `${FILE}.${process.pid}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(fresh, storedText(proofs, about), { mode: 0o600 });
    await rename(fresh, path.join(folder, FILE));
  } catch (error) {
    throw unusable(folder, error);
  }
}

function unusable(folder: string, error: unknown): Failure {
  if (isFailure(error)) return error;
  const problem = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return new Failure('bad-input', {
    text: 'The folder {folder} cannot keep the proofs ({problem}).',
    args: { folder, problem },
  });
}

function documentOf(
  { sides, databases }: Proving,
  { tables }: Proofs,
  answers: Answers | null,
  unread: string | null,
  before: ReadonlyMap<string, TableProof['state']>,
): { json: unknown; exitCode: number } {
  const now = tables.map((table) => told(table, answers));
  const side = (which: Side) => {
    const answer = answers?.[which];
    return {
      complete: answer?.state === 'known',
      grain: answer?.grain ?? sides[which].writes?.grain ?? 'server',
      written: (answer?.written ?? []).map((thing) => nameOf(thing, databases[0]?.[which] ?? '')),
      why: answer ? say(answer.why) : 'There was no earlier position to ask about.',
    };
  };
  const json = {
    tables: now.map((table) => ({
      source: table.source && shortName(table.source),
      target: table.target && shortName(table.target),
      state: table.state,
      why: table.why ? say(table.why) : null,
      before: before.get(pairKey(table)) ?? null,
      comparedAt: table.comparedAt === null ? null : new Date(table.comparedAt).toISOString(),
      positions: table.positions,
      method: table.method,
      notes: table.notes.map((note) => say(note)),
    })),
    source: side('source'),
    target: side('target'),
    ...(unread === null ? {} : { store: unread }),
  };
  const all = now.length > 0 && now.every(({ state }) => state === 'proven');
  return { json, exitCode: now.some(({ state }) => state === 'different') ? 1 : all ? 0 : 2 };
}

/** As it stands in the list of tables; with its database where that is another. */
function nameOf(thing: WrittenThing, database: string): string {
  switch (thing.kind) {
    case 'server':
      return '*';
    case 'database':
      return `${thing.database}.*`;
    default:
      return within(thing.name, database);
  }
}

const within = (name: ObjectName, database: string) =>
  name.database === database ? shortName(name) : `${name.database}.${shortName(name)}`;
