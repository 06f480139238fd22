/**
 * Comparing data on MongoDB 4.2 and later. Documents are streamed as they are stored and hashed here: what the servers
 * themselves offer is no help. `dbHash` holds a lock that keeps writers of a live source waiting and says nothing about
 * single documents; `$toHashedIndexKey` takes large floats for equal and is missing before version 6.
 */
import type { DigestEngine, DigestSession, PairDigest, SchemaObject, TableShape } from '../../comparison/port.ts';
import { ownSession, SnapshotSession } from '../snapshotSession.ts';
import type { Sentence } from '../../util/sentence.ts';
import {
  blindSpotOf,
  readCatalog,
  tablesOf,
  unseenDatabases,
  type Catalog,
  type CollectionFacts,
} from './digest-catalog.ts';
import { objectsOf } from './digest-objects.ts';
import { Ranges, sampleBounds } from './digest-ranges.ts';
import { documentRepair } from './digest-repair.ts';
import { Snapshot } from './digest-snapshot.ts';
import { BucketDigest, RangeDigest, type CollectionSide } from './digest-table.ts';
import { documentsInAnAnswer } from './link.ts';
import { textOf } from './text.ts';

/** A differing range is read again as a whole: small ones move less, and ask more often. */
const DOCUMENTS_IN_A_RANGE = 4096;
const BYTES_IN_A_RANGE = 4_000_000;
/** A sample of one in twenty or more makes the server read all. */
const FEWEST_IN_A_RANGE = 32;
const MOST_RANGES = 65_536;
/** Of both sides together. */
const SMALL_GROUP = 40_000;
const DOCUMENTS_IN_A_BUCKET = 256;
/** Where the server does not say. Bytes. */
const USUAL_SIZE = 1_000;

export const mongodbDigest = digestByRangesOf(DOCUMENTS_IN_A_RANGE);

/** @param documents at most so many, as far as a random sample can tell */
export function digestByRangesOf(documents: number): DigestEngine {
  return {
    kind: 'mongodb',
    repair: documentRepair,
    match: () => ({ form: 'bson', note: null }),
    async openSnapshot(request, { database, workers }, signal) {
      return new MongoSession(await Snapshot.open(request, database, workers, signal));
    },
    async pair(plan, source, target, _options, signal) {
      const [left, right] = [ours(source), ours(target)];
      const [mine, theirs] = [left.facts(plan.source), right.facts(plan.target)];
      return orderedAlike(mine, theirs)
        ? byRanges(sideOf(left, mine), sideOf(right, theirs), documents, signal)
        : byBuckets(sideOf(left, mine), sideOf(right, theirs));
    },
  };
}

async function byRanges(
  source: CollectionSide,
  target: CollectionSide,
  documents: number,
  signal: AbortSignal,
): Promise<PairDigest> {
  const larger = source.documents >= target.documents ? source : target;
  const inARange = Math.min(documents, Math.max(FEWEST_IN_A_RANGE, Math.floor(BYTES_IN_A_RANGE / larger.size)));
  const bounds = await sampleBounds(larger, Math.min(MOST_RANGES, Math.ceil(larger.documents / inARange)), signal);
  const ranges = new Ranges([source, target], bounds, inARange);
  return pairOf(new RangeDigest(source, ranges), new RangeDigest(target, ranges), 'by ranges of the _id');
}

function byBuckets(source: CollectionSide, target: CollectionSide): PairDigest {
  const wanted = Math.max(source.documents, target.documents) / DOCUMENTS_IN_A_BUCKET;
  const buckets = 2n ** BigInt(Math.ceil(Math.log2(Math.max(16, Math.min(MOST_RANGES, wanted)))));
  return pairOf(new BucketDigest(source, buckets), new BucketDigest(target, buckets), 'by hashes of the _id');
}

/** The method is read when all is done: a snapshot may have been lost on the way. */
function pairOf<T extends RangeDigest | BucketDigest>(source: T, target: T, groups: string): PairDigest {
  return {
    source,
    target,
    indexed: source instanceof RangeDigest,
    smallGroup: SMALL_GROUP,
    get method() {
      const readings = [source, target].map(({ side }) => side.snapshot.consistency);
      return `64 bits of SHA-1 of each document as stored, ${groups}, ${[...new Set(readings)].join(' / ')}`;
    },
  };
}

function sideOf({ snapshot }: MongoSession, facts: CollectionFacts): CollectionSide {
  const size = Math.max(facts.averageSize ?? USUAL_SIZE, 16);
  return {
    snapshot,
    collection: facts.name,
    capped: facts.options['capped'] === true,
    documents: facts.estimatedRows ?? 0,
    size,
    batch: documentsInAnAnswer(size),
  };
}

/** Whether both sides have an index of the `_id`, in one order. */
function orderedAlike(source: CollectionFacts, target: CollectionFacts): boolean {
  const order = ({ indexes, options }: CollectionFacts) => {
    const index = indexes.find(({ key }) => Object.keys((key ?? {}) as object).join() === '_id');
    // who may not see the options still sees the collation at the index
    return index ? textOf(index['collation'] ?? options['collation'] ?? null) : null;
  };
  const mine = order(source);
  return mine !== null && mine === order(target);
}

class MongoSession extends SnapshotSession<Snapshot> {
  private known: Catalog = { collections: [], complete: true };

  async describe(signal: AbortSignal): Promise<readonly TableShape[]> {
    this.known = await readCatalog(this.snapshot.questions, this.snapshot.database, signal);
    return tablesOf(this.known, this.snapshot.database);
  }
  /** What the server said of this collection when the tables were described. */
  facts({ name }: TableShape): CollectionFacts {
    const found = this.known.collections.find((collection) => collection.name === name.name);
    if (!found) throw new Error(`${name.name} was not described`);
    return found;
  }
  async blindSpot(): Promise<Sentence | null> {
    return blindSpotOf(this.known, this.snapshot.questions, this.snapshot.database);
  }
  unseenDatabases(signal: AbortSignal): Promise<Sentence | null> {
    return unseenDatabases(this.snapshot.questions, signal);
  }
  /** a database is what its collections make */
  async schemas(): Promise<readonly null[]> {
    return this.known.complete && this.known.collections.length === 0 ? [] : [null];
  }
  async objects(signal: AbortSignal): Promise<readonly SchemaObject[]> {
    const { questions, database } = this.snapshot;
    return objectsOf(await readCatalog(questions, database, signal), database);
  }
  raiseStatement(): string {
    throw new Error('MongoDB counts nothing up by itself');
  }
}

const ours = (session: DigestSession) => ownSession(MongoSession, session);
