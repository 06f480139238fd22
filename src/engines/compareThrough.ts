/** The consistency step over two configured endpoints: row counts, or the full comparison. */
import { COMPARE_DEFAULTS, compareData, type CompareSide } from '../comparison/compare.ts';
import { compareCounts } from '../comparison/counts.ts';
import { factsOf } from '../comparison/document.ts';
import type { ComparisonResult } from '../comparison/result.ts';
import { databasePairs } from '../comparison/scope.ts';
import type { Side } from '../cutover/facts.ts';
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

/**
 * Compares through connections of its own, so that watching the sessions goes on meanwhile; they are closed at the end.
 * `onResult` gets what the facts leave out: the differing rows, the objects, the repair statements' material.
 */
export function compareThrough(
  endpoints: Readonly<Record<Side, ComparedEndpoint>>,
  onResult: (id: string, result: ComparisonResult) => void = () => undefined,
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
      const result = await compareDigests(request, sides, await source.listDatabases(signal), onProgress, signal);
      const id = `digest-${result.startedAt}`;
      onResult(id, result);
      return factsOf(id, result);
    } finally {
      await Promise.allSettled(connections.map((connection) => connection.close()));
    }
  };
}

function sideOf(request: ConnectRequest, connection: EngineConnection): CompareSide {
  const footprint = DTS_FOOTPRINT[request.profile.engine];
  return { request, readPosition: (since, signal) => connection.readWritePosition(since, footprint, signal) };
}

async function compareDigests(
  request: ComparisonRequest,
  sides: Readonly<Record<Side, CompareSide>>,
  databases: readonly string[],
  onProgress: Parameters<Compare>[1],
  signal: AbortSignal,
): Promise<ComparisonResult> {
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
  const result = await compareData(
    await loadDigestEngine(kind),
    sides,
    {
      ...COMPARE_DEFAULTS,
      scope: request.scope,
      databases: databasePairs(request.scope, databases),
      only: request.tables,
      settle: (stop) => pause(SETTLE_MS, stop),
      clock: systemClock,
      onProgress,
      onTable: () => undefined,
      finished: null,
    },
    signal,
  );
  // a cancelled comparison has no verdict of its own: the run records that it ended without one
  if (signal.aborted) throw new Failure('cancelled', sentence('Cancelled.'));
  return result;
}
