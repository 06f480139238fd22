/** The consistency step over two configured endpoints: row counts, or the full comparison. */
import {
  COMPARE_DEFAULTS,
  compareData,
  isUnmoved,
  type CompareSide,
  type CompareOptions,
} from '../comparison/compare.ts';
import { compareCounts } from '../comparison/counts.ts';
import { factsOf } from '../comparison/document.ts';
import { NO_MEMORY, usable, without, type ComparisonMemory } from '../comparison/memory.ts';
import { databasePairs } from '../comparison/scope.ts';
import type { ComparisonFacts, Side } from '../cutover/facts.ts';
import type { Compare, ComparisonRequest } from '../cutover/ports.ts';
import { systemClock } from '../util/clock.ts';
import { Failure } from '../util/failure.ts';
import { sentence } from '../util/sentence.ts';
import { pause } from '../util/wait.ts';
import { DTS_FOOTPRINT, type ConnectRequest, type EngineConnection } from './engine.ts';
import { loadEngine } from './load.ts';
import { loadDigestEngine } from './loadDigest.ts';

/** Rows that differ while somebody writes are read again after this long. */
const SETTLE_MS = 2_000;

export interface ComparedEndpoint {
  /** what to connect with; asked at every comparison, because connections and passwords change */
  request(): Promise<ConnectRequest>;
}

export interface CompareThroughOptions {
  /** statements at once on each side; asked at every comparison */
  workers(): number;
  /** gets what the facts leave out: the differing rows, the objects, the repair statements' material */
  readonly memory: ComparisonMemory;
}

const DEFAULTS: CompareThroughOptions = { workers: () => COMPARE_DEFAULTS.workers, memory: NO_MEMORY };

/** Compares through connections of its own, so that watching the sessions goes on meanwhile; they are closed at the end. */
export function compareThrough(
  endpoints: Readonly<Record<Side, ComparedEndpoint>>,
  options: CompareThroughOptions = DEFAULTS,
): Compare {
  return async (request, onProgress, signal) => {
    const requests = { source: await endpoints.source.request(), target: await endpoints.target.request() };
    const connections: EngineConnection[] = [];
    const connect = async (side: Side) => {
      const engine = await loadEngine(requests[side].profile.engine);
      const connection = await engine.connect(requests[side], signal);
      connections.push(connection);
      return connection;
    };
    try {
      const source = await connect('source');
      const target = await connect('target');
      if (request.method === 'counts') {
        return await compareCounts(source, target, { ...request, now: () => systemClock.now() }, onProgress, signal);
      }
      const sides = { source: sideOf(requests.source, source), target: sideOf(requests.target, target) };
      const databases = await source.listDatabases(signal);
      return await compareDigests(request, sides, databases, options, onProgress, signal);
    } finally {
      await Promise.allSettled(connections.map((connection) => connection.close()));
    }
  };
}

function sideOf(request: ConnectRequest, connection: EngineConnection): CompareSide {
  const footprint = DTS_FOOTPRINT[request.profile.engine];
  return { request, readPosition: (since, signal) => connection.readWritePosition(since, footprint, signal) };
}

type Sides = Readonly<Record<Side, CompareSide>>;

async function compareDigests(
  request: ComparisonRequest,
  sides: Sides,
  databases: readonly string[],
  options: CompareThroughOptions,
  onProgress: Parameters<Compare>[1],
  signal: AbortSignal,
): Promise<ComparisonFacts> {
  const kind = sides.source.request.profile.engine;
  if (kind !== sides.target.request.profile.engine) {
    throw new Failure(
      'unsupported',
      sentence('Source and target are different kinds of database: {source} and {target}.', {
        source: kind,
        target: sides.target.request.profile.engine,
      }),
    );
  }
  const { memory } = options;
  const subject = subjectOf(request, sides);
  const { only, finished } = await whatToCompare(request, sides, subject, memory, signal);
  // only a comparison of everything is worth being gone on with after an interruption
  const writer = request.tables === null ? memory.finished.begin(subject, systemClock.now()) : null;
  const result = await compareData(
    await loadDigestEngine(kind),
    sides,
    {
      ...COMPARE_DEFAULTS,
      workers: options.workers(),
      scope: request.scope,
      databases: databasePairs(request.scope, databases),
      only,
      settle: (stop) => pause(SETTLE_MS, stop),
      clock: systemClock,
      onProgress,
      onTable: (table, tokens) => writer?.add(table, tokens),
      finished,
    },
    signal,
  );
  // a cancelled comparison has no verdict of its own: the run records that it ended without one
  if (signal.aborted) throw new Failure('cancelled', sentence('Cancelled.'));
  await writer?.ended();
  const id = `digest-${result.startedAt}`;
  const whole = only === null;
  await memory.keep(id, result, { subject, whole });
  return { ...factsOf(id, result), whole };
}

/**
 * Everything goes on where an interrupted comparison stopped. Some tables are looked at again within the newest whole
 * result, as long as nobody has written since: then the verdict is about all tables. Otherwise it is about these only.
 */
async function whatToCompare(
  { tables, notBefore }: ComparisonRequest,
  sides: Sides,
  subject: string,
  memory: ComparisonMemory,
  signal: AbortSignal,
): Promise<Pick<CompareOptions, 'only' | 'finished'>> {
  if (tables === null) {
    return { only: null, finished: usable(await memory.finished.read(), subject, notBefore) };
  }
  const whole = usable(await memory.whole(), subject, notBefore);
  const readers = { source: sides.source.readPosition, target: sides.target.readPosition };
  if (!whole || !(await isUnmoved(whole.tokens, readers, signal))) return { only: tables, finished: null };
  return { only: null, finished: without(whole, tables) };
}

/** The same scope on the same servers, by the addresses in the settings. */
function subjectOf({ scope }: ComparisonRequest, sides: Sides): string {
  const address = ({ request: { profile } }: CompareSide) => [profile.engine, profile.nodes, profile.database];
  return JSON.stringify([address(sides.source), address(sides.target), scope]);
}
