/**
 * Moves data between two MongoDB replica sets as DTS does: collections and documents are copied while the source goes
 * on, then its oplog is followed from where it stood before the copy. It leaves DTS's footprint: connections of the
 * migration account, one of them on the oplog, and a heartbeat in the database `TencentDTSData`.
 */
import { Long, MongoClient, type Document, type Timestamp } from 'mongodb';
import type { MigrationEnd, Mover, MoverOptions, Standing, TableName } from '../mover.ts';
import { copyDatabase, copyIndexes } from './copy.ts';
import { Follower } from './follower.ts';
import { openSide } from './side.ts';

const DTS_DATABASE = 'TencentDTSData';
const HEARTBEAT = 'heartbeat';
/** A server that does not answer in this time is away. */
const ANSWER_MS = 2_000;

interface Beat extends Document {
  readonly _id: number;
  readonly beat: Long;
  readonly written_at: Date;
}

export class MongodbMover implements Mover {
  private readonly source: MongoClient;
  private readonly target: MongoClient;
  private follower: Follower | null = null;

  constructor(private readonly options: MoverOptions) {
    this.source = clientOf(options.source);
    this.target = clientOf(options.target);
  }

  async copy(progress: (percent: number) => void, signal: AbortSignal): Promise<void> {
    const { database, log } = this.options;
    await this.beats(this.source).updateOne({ _id: 1 }, { $setOnInsert: beatOf(0) }, { upsert: true });
    const from = await this.newest();
    const databases = [database, DTS_DATABASE];
    let [copied, total] = [0, 1];
    for (const name of databases) total += await this.countDocuments(name);
    for (const name of databases) {
      const count = (documents: number) => {
        copied += documents;
        progress(Math.min(99, Math.floor((99 * copied) / total)));
      };
      await copyDatabase(this.source.db(name), this.target.db(name), count, signal);
    }
    log?.('structure and documents copied');
    this.follower = new Follower(this.source, this.target, (name) => databases.includes(name), from);
  }

  async beat(number: number): Promise<bigint> {
    return this.source.withSession(async (session) => {
      await this.beats(this.source).updateOne({ _id: 1 }, { $set: beatOf(number) }, { session, maxTimeMS: ANSWER_MS });
      return session.operationTime?.toBigInt() ?? 0n;
    });
  }

  async look(): Promise<Standing | null> {
    const { follower } = this;
    if (!follower) return null;
    const beat = await this.beats(this.target).findOne({ _id: 1 }, { maxTimeMS: ANSWER_MS });
    const { applied, broken } = follower;
    const gapBytes = await follower.gapBytes();
    return { beat: beat && String(beat.beat), applied: applied.toBigInt(), gapBytes, broken };
  }

  apply(on: boolean): Promise<void> {
    this.follower?.apply(on);
    return Promise.resolve();
  }

  /** A fault: every change takes so many milliseconds longer; null ends it. */
  slow(msPerChange: number | null): void {
    if (this.follower) this.follower.slowMs = msPerChange ?? 0;
  }

  /** The source keeps its heartbeat. `force`: also when the target is gone. */
  async end(force: boolean): Promise<void> {
    await this.follower?.stop();
    this.follower = null;
    const dropped = this.target.db(DTS_DATABASE).dropDatabase();
    await (force ? dropped.catch(() => undefined) : dropped);
  }

  addLateObjects(): Promise<void> {
    const { database } = this.options;
    return copyIndexes(this.source.db(database), this.target.db(database), () => true);
  }

  /** MongoDB numbers nothing by itself: an `_id` is made by its client. */
  copySequences(): Promise<void> {
    return Promise.resolve();
  }

  /** @param table name of the collection */
  async loseRows(table: string, rows: number): Promise<number> {
    const client = await clientOf(this.options.target).connect();
    try {
      const collection = client.db(this.options.database).collection(table);
      const newest = await collection.find({}, { sort: { _id: -1 }, limit: rows, projection: { _id: 1 } }).toArray();
      const { deletedCount } = await collection.deleteMany({ _id: { $in: newest.map(({ _id }) => _id) } });
      return deletedCount;
    } finally {
      await client.close();
    }
  }

  async tables(): Promise<readonly TableName[]> {
    const all = await this.source.db(this.options.database).listCollections().toArray();
    const collections = all.filter(({ type, name }) => type !== 'view' && !name.startsWith('system.'));
    return collections.map(({ name }) => ({ schema: '', table: name })).sort((a, b) => (a.table < b.table ? -1 : 1));
  }

  openSide(side: 'source' | 'target', { table }: TableName) {
    return openSide(this[side].db(this.options.database), table);
  }

  async disconnect(): Promise<void> {
    await this.follower?.stop();
    await Promise.all([this.source.close(), this.target.close()]);
  }

  private beats(client: MongoClient) {
    return client.db(DTS_DATABASE).collection<Beat>(HEARTBEAT);
  }

  /** Where the source's oplog ends. */
  private async newest(): Promise<Timestamp> {
    const oplog = this.source.db('local').collection<{ ts: Timestamp }>('oplog.rs');
    const entry = await oplog.findOne({}, { sort: { $natural: -1 } });
    if (!entry) throw new Error('The source has no oplog: it is no replica set.');
    return entry.ts;
  }

  private async countDocuments(name: string): Promise<number> {
    const database = this.source.db(name);
    let total = 0;
    for (const { type, name: collection } of await database.listCollections().toArray()) {
      if (type !== 'view') total += await database.collection(collection).estimatedDocumentCount();
    }
    return total;
  }
}

function beatOf(number: number): Pick<Beat, 'beat' | 'written_at'> {
  return { beat: Long.fromNumber(number), written_at: new Date() };
}

function clientOf({ host, port, user, password }: MigrationEnd): MongoClient {
  return new MongoClient(`mongodb://${host}:${port}/`, {
    ...{ auth: { username: user, password }, authSource: 'admin', appName: 'dts-sandbox', retryWrites: false },
    ...{ connectTimeoutMS: ANSWER_MS, serverSelectionTimeoutMS: ANSWER_MS, maxPoolSize: 4 },
  });
}
