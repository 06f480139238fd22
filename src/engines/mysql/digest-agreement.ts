/** What two servers compute alike, and the quickest of it. */
import { both } from '../../comparison/tableRows.ts';
import { Failure, isFailure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { hashed, type Agreement, type HashFunction } from './digest-hash.ts';
import type { Snapshot } from './digest-snapshot.ts';
import { errorNumber } from './errors.ts';

const ROUNDS = 3;
/** About a millisecond. */
const TIMES = 4000;

/** @throws Failure `unsupported` when no hash gives the same on both sides */
export async function agree(source: Snapshot, target: Snapshot, signal: AbortSignal): Promise<Agreement> {
  const common = source.dialect.builtInHashes.filter((hash) => target.dialect.builtInHashes.includes(hash));
  const [mine, theirs] = await both(trial(source, common, signal), trial(target, common, signal));
  const [best] = common
    .filter((hash) => mine.results.get(hash) != null && mine.results.get(hash) === theirs.results.get(hash))
    .map((hash) => ({ hash, took: (mine.times.get(hash) ?? Infinity) + (theirs.times.get(hash) ?? Infinity) }))
    .sort((a, b) => a.took - b.took);
  if (!best) {
    throw new Failure(
      'unsupported',
      sentence('{source} and {target} do not compute the same hash of the same values.', {
        source: source.endpoint,
        target: target.endpoint,
      }),
    );
  }
  const [point, other] = await both(pointBytes(source, signal), pointBytes(target, signal));
  return {
    hash: best.hash,
    packet: Math.min(mine.packet, theirs.packet),
    points: point !== null && point === other,
  };
}

interface Trial {
  readonly packet: number;
  readonly results: ReadonlyMap<HashFunction, string | null>;
  /** seconds on the server's own clock, the best of some rounds: the way there and back must not choose */
  readonly times: ReadonlyMap<HashFunction, number>;
}

async function trial(snapshot: Snapshot, hashes: readonly HashFunction[], signal: AbortSignal): Promise<Trial> {
  const now = 'UNIX_TIMESTAMP(SYSDATE(6))';
  const round = hashes.flatMap((hash) => [`BENCHMARK(${TIMES}, ${hashed(hash, "REPEAT('abcdefgh', 16)")})`, now]);
  const [row = []] = await snapshot.ask(
    `SELECT @@max_allowed_packet, ${[...hashes.map((hash) => hashed(hash, "'a''b 中文 😀'")), now, ...Array<string[]>(ROUNDS).fill(round).flat()].join(', ')}`,
    signal,
  );
  const clock = row
    .slice(1 + hashes.length)
    .filter((_, i) => i % 2 === 0)
    .map(Number);
  const took = (hash: number) =>
    Array.from({ length: ROUNDS }, (_, i) => {
      const at = i * hashes.length + hash;
      return (clock[at + 1] ?? NaN) - (clock[at] ?? NaN);
    });
  return {
    packet: Number(row[0] ?? 1_048_576),
    results: new Map(hashes.map((hash, i) => [hash, row[1 + i] ?? null])),
    times: new Map(hashes.map((hash, i) => [hash, Math.min(...took(i))])),
  };
}

/** null where the server has no such functions: some that speak MySQL's protocol know no shapes */
async function pointBytes(snapshot: Snapshot, signal: AbortSignal): Promise<string | null> {
  try {
    const [row] = await snapshot.ask('SELECT HEX(ST_AsBinary(POINT(-1.5e0, 0)))', signal);
    return row?.[0] ?? null;
  } catch (error) {
    if (isFailure(error) && NOT_THERE.has(errorNumber(error))) return null;
    throw error;
  }
}

/** no such function, not supported, syntax */
const NOT_THERE: ReadonlySet<number> = new Set([1305, 1235, 1064, 1128]);
