/** Reading the oplog: where it stands, and what was written since. */
import { Timestamp, type Document } from 'mongodb';
import { CODE, errorNumber } from './errors.ts';
import type { Link } from './link.ts';
import { ENTRY_FIELDS, OplogWrites } from './oplogWrites.ts';
import { cellOf } from './text.ts';

export interface OplogPosition {
  /** 64 bits as a decimal number: seconds and a counter */
  readonly ts: string;
  /** the election in which it was written */
  readonly term: string;
}

export type OplogReading =
  | { readonly state: 'complete' | 'too much'; readonly until: OplogPosition; readonly writes: OplogWrites }
  /** the entry read last is no longer there: rolled over, rolled back, or another oplog */
  | { readonly state: 'gone'; readonly until: OplogPosition }
  | { readonly state: 'denied' };

/** One reading looks at no more. */
const MAX_ENTRIES = 5_000;

/** The end of the oplog, or why it cannot be had. */
export async function readNewest(link: Link, signal: AbortSignal): Promise<OplogPosition | 'denied'> {
  const newest = await entries(link, {}, { sort: { $natural: -1 }, limit: 1 }, signal);
  if (newest === 'denied' || !newest[0]) return 'denied';
  // Read backwards, the newest entry may stand behind ones still on their way; forwards the server waits for them.
  const onwards = await entries(link, { ts: { $gte: newest[0]['ts'] as unknown } }, { limit: MAX_ENTRIES }, signal);
  if (onwards === 'denied') return 'denied';
  return positionOf(onwards.at(-1) ?? newest[0]);
}

export async function readOplog(link: Link, since: OplogPosition, signal: AbortSignal): Promise<OplogReading> {
  const from = { ts: { $gte: new Timestamp(BigInt(since.ts)) } };
  const found = await entries(link, from, { limit: MAX_ENTRIES + 2 }, signal);
  if (found === 'denied') return { state: 'denied' };
  const [anchor, ...rest] = found;
  const last = found.at(-1);
  const lost = !anchor || !last || !isAt(positionOf(anchor), since);
  if (lost || rest.length > MAX_ENTRIES) {
    const until = await readNewest(link, signal);
    if (until === 'denied') return { state: 'denied' };
    if (lost) return { state: 'gone', until };
    return { state: 'too much', until, writes: collect(rest) };
  }
  return { state: 'complete', until: positionOf(last), writes: collect(rest) };
}

export function displayOf({ ts, term }: OplogPosition): string {
  const at = new Timestamp(BigInt(ts));
  return `Timestamp(${at.getHighBitsUnsigned()}, ${at.getLowBitsUnsigned()}) term ${term}`;
}

function collect(found: readonly Document[]): OplogWrites {
  const writes = new OplogWrites();
  for (const entry of found) writes.add(entry);
  return writes;
}

function positionOf(entry: Document): OplogPosition {
  const ts: unknown = entry['ts'];
  if (!(ts instanceof Timestamp)) throw new Error('an oplog entry without a timestamp');
  return { ts: ts.toBigInt().toString(), term: cellOf(entry['t']) ?? '' };
}

function isAt(one: OplogPosition, other: OplogPosition): boolean {
  return one.ts === other.ts && one.term === other.term;
}

async function entries(
  link: Link,
  filter: Document,
  options: { readonly sort?: { readonly $natural: -1 }; readonly limit: number },
  signal: AbortSignal,
): Promise<readonly Document[] | 'denied'> {
  try {
    return await link.find('local', 'oplog.rs', filter, { ...options, projection: ENTRY_FIELDS }, signal);
  } catch (error) {
    if (errorNumber(error) === CODE.unauthorized) return 'denied';
    throw error;
  }
}
