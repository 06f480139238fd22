/**
 * Comparing data on MongoDB 4.2 and later. Documents are streamed as they are stored and hashed here: what the servers
 * themselves offer is no help. `dbHash` holds a lock that keeps writers of a live source waiting and says nothing about
 * single documents; `$toHashedIndexKey` takes large floats for equal and is missing before version 6.
 */
import type { DigestEngine, DigestSession, PairDigest, SchemaObject, TableShape } from '../../comparison/port.ts';
import { Failure } from '../../util/failure.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import { blindSpotOf, readCatalog, tablesOf, type Catalog, type CollectionFacts } from './digest-catalog.ts';
import { objectsOf } from './digest-objects.ts';
import { Ranges, sampleBounds } from './digest-ranges.ts';
import { documentRepair } from './digest-repair.ts';
import { Snapshot } from './digest-snapshot.ts';
import { BucketDigest, RangeDigest, type CollectionSide } from './digest-table.ts';
import { textOf } from './text.ts';

/** A differing range is read again as a whole: small ones move less, and ask more often. */
const DOCUMENTS_IN_A_RANGE = 4096;
const BYTES_IN_A_RANGE = 4_000_000;
const MOST_RANGES = 65_536;
/** Of both sides together. */
const SMALL_GROUP = 40_000;
const DOCUMENTS_IN_A_BUCKET = 256;
/** Bytes asked for at a time, and the documents they are at most. */
const BATCH_BYTES = 1_000_000;
const BATCH_DOCUMENTS = 2_000;
/** Where the server does not say. Bytes. */
const USUAL_SIZE = 1_000;

export const mongodbDigest: DigestEngine = {
  kind: 'mongodb',
  repair: documentRepair,
  match: () => ({ form: 'bson', note: null }),
  async openSnapshot(request, { database, workers }, signal) {
    return new MongoSession(await Snapshot.open(request, database, workers, signal));
  },
  async pair(plan, source, target, _options, signal) {
    const [left, right] = [ours(source), ours(target)];
    const [mine, theirs] = [left.facts(plan.source), right.facts(plan.target)];
    const sides = [sideOf(left, mine), sideOf(right, theirs)] as const;
    const documents = Math.max(mine.estimatedRows ?? 0, theirs.estimatedRows ?? 0, 1);
    const method = (groups: string) => () => {
      const readings = [...new Set([left.snapshot.consistency, right.snapshot.consistency])].join(' / ');
      return `64 bits of SHA-1 of each document as stored, ${groups}, ${readings}`;
    };
    if (!orderedAlike(mine, theirs)) {
      const buckets =
        2n ** BigInt(Math.ceil(Math.log2(Math.max(16, Math.min(MOST_RANGES, documents / DOCUMENTS_IN_A_BUCKET)))));
      const [source, target] = sides.map((side) => new BucketDigest(side, buckets)) as [BucketDigest, BucketDigest];
      return pairOf(source, target, false, method('by hashes of the _id'));
    }
    const size = Math.max(mine.averageSize ?? USUAL_SIZE, 16);
    const inARange = Math.max(64, Math.min(DOCUMENTS_IN_A_RANGE, Math.floor(BYTES_IN_A_RANGE / size)));
    const larger = (mine.estimatedRows ?? 0) >= (theirs.estimatedRows ?? 0) ? sides[0] : sides[1];
    const bounds = await sampleBounds(larger, Math.min(MOST_RANGES, Math.ceil(documents / inARange)), signal);
    const ranges = new Ranges(sides, bounds, inARange);
    return pairOf(
      new RangeDigest(sides[0], ranges),
      new RangeDigest(sides[1], ranges),
      true,
      method('by ranges of the _id'),
    );
  },
};

/** The method is read when all is done: a snapshot may have been lost on the way. */
function pairOf(
  source: PairDigest['source'],
  target: PairDigest['target'],
  indexed: boolean,
  method: () => string,
): PairDigest {
  return {
    source,
    target,
    indexed,
    smallGroup: SMALL_GROUP,
    get method() {
      return method();
    },
  };
}

function sideOf({ snapshot }: MongoSession, { name, options, averageSize }: CollectionFacts): CollectionSide {
  const batch = Math.floor(BATCH_BYTES / Math.max(averageSize ?? USUAL_SIZE, 16));
  return {
    snapshot,
    collection: name,
    capped: options['capped'] === true,
    batch: Math.max(2, Math.min(BATCH_DOCUMENTS, batch)),
  };
}

/** Whether both sides have an index of the `_id`, in one order. */
function orderedAlike(source: CollectionFacts, target: CollectionFacts): boolean {
  const indexed = ({ indexes, options }: CollectionFacts) =>
    options['clusteredIndex'] !== undefined ||
    indexes.some(({ key }) => Object.keys((key ?? {}) as object).join() === '_id');
  const collation = ({ options }: CollectionFacts) => textOf(options['collation'] ?? null);
  return indexed(source) && indexed(target) && collation(source) === collation(target);
}

class MongoSession implements DigestSession {
  constructor(readonly snapshot: Snapshot) {}

  get product(): string {
    return this.snapshot.product;
  }
  get endpoint(): string {
    return this.snapshot.endpoint;
  }
  get workers(): number {
    return this.snapshot.size;
  }
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
  async objects(signal: AbortSignal): Promise<readonly SchemaObject[]> {
    const { questions, database } = this.snapshot;
    return objectsOf(await readCatalog(questions, database, signal), database);
  }
  raiseStatement(): string {
    throw new Error('MongoDB counts nothing up by itself');
  }
  latency(signal: AbortSignal): Promise<number> {
    return this.snapshot.latency(signal);
  }
  renew(signal: AbortSignal): Promise<void> {
    return this.snapshot.renew(signal);
  }
  close(): Promise<void> {
    return this.snapshot.close();
  }
}

function ours(session: DigestSession): MongoSession {
  if (session instanceof MongoSession) return session;
  throw new Failure(
    'unsupported',
    sentence('Source and target are different kinds of database; they cannot be compared.'),
  );
}
