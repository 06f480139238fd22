/** Counters of writes, for servers whose oplog cannot be read: standalone ones, mongos, and without the right to. */
import type { Document } from 'mongodb';
import type { WrittenObject } from '../../cutover/facts.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import type { DtsFootprint } from '../engine.ts';
import { asideWhy, setAside } from '../footprint.ts';
import { optional, type Link } from './link.ts';
import { shownName } from './oplogWrites.ts';
import { readServerStatus } from './server.ts';
import { at, isDocument, isSystemDatabase, splitNamespace, wholeOf } from './text.ts';

/** Since the start of the process; numbers of the server as text. */
export interface Counters {
  /** documents, and writes that go through commands of other names */
  readonly global: Readonly<Record<string, string>>;
  /** writes per `database.collection`; null where the server does not tell */
  readonly collections: Readonly<Record<string, string>> | null;
}

const DOCUMENTS = ['inserted', 'updated', 'deleted'];
const OPERATIONS = ['insert', 'update', 'delete'];
/** Writes that are counted under no collection, and changes of definitions. */
const COMMANDS = [
  ...['findAndModify', 'findandmodify', 'bulkWrite', 'applyOps', 'mapReduce', 'mapreduce', 'commitTransaction'],
  ...['create', 'createIndexes', 'drop', 'dropDatabase', 'dropIndexes', 'deleteIndexes', 'renameCollection'],
  ...['collMod', 'convertToCapped', 'cloneCollectionAsCapped', 'emptycapped'],
];
const STAGES = ['$out', '$merge'];

/** `denied`: the account may not read them; `none`: the server keeps none. Of several mongos the sums. */
export async function readCounters(
  members: readonly Link[],
  signal: AbortSignal,
): Promise<Counters | 'denied' | 'none'> {
  const global: Record<string, bigint> = {};
  let collections: Counters['collections'] = null;
  for (const member of members) {
    // the finer ones first: what is written meanwhile then shows in the coarser ones
    collections = members.length === 1 ? await readCollections(member, signal) : null;
    const status = await readServerStatus(member, signal);
    if (!status) return 'denied';
    if ((at(status, 'metrics', 'document') ?? status['opcounters']) === undefined) return 'none';
    for (const [name, value] of globalCounters(status)) global[name] = (global[name] ?? 0n) + value;
  }
  return {
    global: Object.fromEntries(Object.entries(global).map(([name, value]) => [name, String(value)])),
    collections,
  };
}

function globalCounters(status: Document): readonly (readonly [string, bigint])[] {
  const read = (prefix: string, names: readonly string[], ...path: readonly string[]) =>
    names.map((name) => [`${prefix}${name}`, wholeOf(at(status, ...path, name))] as const);
  const total = COMMANDS.map((name) => [name, wholeOf(at(status, 'metrics', 'commands', name, 'total'))] as const);
  return [
    ...read('', DOCUMENTS, 'metrics', 'document'),
    ...read('', OPERATIONS, 'opcounters'),
    ...read('', STAGES, 'metrics', 'aggStageCounters'),
    ...total,
  ].flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}

async function readCollections(link: Link, signal: AbortSignal): Promise<Counters['collections']> {
  const answer = await optional(link.command('admin', { top: 1 }, signal));
  const totals: unknown = answer?.['totals'];
  if (!isDocument(totals)) return null;
  const counts: Record<string, string> = {};
  for (const [namespace, usage] of Object.entries(totals)) {
    if (!isDocument(usage)) continue;
    const writes = ['insert', 'update', 'remove'].map((kind) => wholeOf(at(usage, kind, 'count')) ?? 0n);
    const sum = writes.reduce((a, b) => a + b, 0n);
    if (sum > 0n) counts[shownName(namespace)] = String(sum);
  }
  return counts;
}

export interface CounterVerdict {
  readonly foreign: 'none' | 'written' | 'unknown';
  readonly written: readonly WrittenObject[];
  readonly why: Sentence;
}

/** Pure. `dtsThere`: databases of DTS exist on the server, so it may have written too. */
export function judgeCounters(before: Counters, now: Counters, dtsThere: boolean, dts: DtsFootprint): CounterVerdict {
  const grown = growth(before.global, now.global);
  if ([...grown.values()].some((count) => count < 0n)) {
    return { foreign: 'unknown', written: [], why: sentence('The server’s counters of writes went back.') };
  }
  const moved = new Map([...grown].filter(([, count]) => count > 0n));
  if (moved.size === 0) {
    return { foreign: 'none', written: [], why: sentence('The server’s counters of writes have not moved.') };
  }
  const named = before.collections && now.collections ? growth(before.collections, now.collections) : null;
  const written = writtenCollections(named ?? new Map<string, bigint>(), dts);
  const foreign = written.filter((object) => !object.byDts);
  if (foreign.length > 0) {
    const collections = foreign.map(({ name }) => name).join(', ');
    return {
      foreign: 'written',
      written,
      why: sentence('The server counts writes to {collections}.', { collections }),
    };
  }
  // the server keeps books of sessions in its own databases; only plain writes are counted by collection
  const plain = [...moved.keys()].every((name) => DOCUMENTS.includes(name) || OPERATIONS.includes(name));
  if (named && plain && [...named.values()].some((count) => count > 0n)) {
    return {
      foreign: 'none',
      written,
      why: asideWhy(written, sentence('The server counts writes to its own and DTS’s collections only.')),
    };
  }
  const counters = [...moved].map(([name, count]) => `${name} +${count}`).join(', ');
  if (dtsThere || named) {
    return {
      foreign: 'unknown',
      written,
      why: sentence('Something was written ({counters}); the server does not tell where, or by whom.', { counters }),
    };
  }
  return {
    foreign: 'written',
    written,
    why: sentence('Something was written ({counters}); the server does not tell where.', { counters }),
  };
}

function growth(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): ReadonlyMap<string, bigint> {
  return new Map(Object.entries(now).map(([name, value]) => [name, BigInt(value) - BigInt(before[name] ?? '0')]));
}

function writtenCollections(grown: ReadonlyMap<string, bigint>, dts: DtsFootprint): readonly WrittenObject[] {
  return [...grown].flatMap(([name, count]) =>
    count <= 0n || isSystemDatabase(splitNamespace(name).database)
      ? []
      : [{ name, count: Number(count), ...asideOf(name, dts) }],
  );
}

export function asideOf(name: string, dts: DtsFootprint): Pick<WrittenObject, 'byDts' | 'heartbeat'> {
  return setAside(isOfDts(name, dts), { ...splitNamespace(name), schema: null }, dts);
}

function isOfDts(name: string, dts: DtsFootprint): boolean {
  const { database } = splitNamespace(name);
  return dts.databases.includes(database) || dts.objects.some((each) => `${each.database}.${each.name}` === name);
}

export function displayOf({ global }: Counters): string {
  const documents = DOCUMENTS.map((name) => global[name]);
  return documents.includes(undefined)
    ? `insert/update/delete ${OPERATIONS.map((name) => global[name] ?? '?').join('/')}`
    : `documents inserted/updated/deleted ${documents.join('/')}`;
}
