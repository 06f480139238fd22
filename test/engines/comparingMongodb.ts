/** Two MongoDB servers to compare, with a client each: our own, or two databases of the given one. */
import type { Db, Document } from 'mongodb';
import { COMPARE_DEFAULTS, type CompareOptions } from '../../src/comparison/compare.ts';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { mongodbDigest } from '../../src/engines/mongodb/digest.ts';
import type { Options } from '../../sandbox/mongodb/server.ts';
import { TestServer } from '../support/mongodb.ts';
import { compare, everything, type Compared } from './comparing.ts';

export class MongoPair {
  private constructor(
    readonly source: TestServer,
    readonly target: TestServer,
    readonly mine: Db,
    readonly theirs: Db,
  ) {}

  static async start(options?: Options): Promise<MongoPair> {
    const [source, target] = [await TestServer.start(options), await TestServer.start(options)];
    const [mine, theirs] = [await source.client(), await target.client()];
    return new MongoPair(source, target, mine.db(source.database), theirs.db(target.database));
  }

  get urls(): Pick<Compared, 'source' | 'target'> {
    return { source: urlOf(this.source), target: urlOf(this.target) };
  }

  /** Everything of both databases, unless `options` say otherwise. */
  compare(options: Partial<CompareOptions> = {}, more: Partial<Compared> = {}): Promise<ComparisonResult> {
    return compare(mongodbDigest, { ...this.urls, options, ...more });
  }

  /** The tables `old` become `new` on the target. */
  renaming(tables: readonly { readonly name: string; readonly newName: string }[]): Partial<CompareOptions> {
    const [whole] = everything(this.source.database, this.target.database).databases;
    return { ...COMPARE_DEFAULTS, scope: { mode: 'partial', databases: whole ? [{ ...whole, tables }] : [] } };
  }

  async clear(): Promise<void> {
    await Promise.all([this.mine.dropDatabase(), this.theirs.dropDatabase()]);
  }

  async stop(): Promise<void> {
    await Promise.all([this.source.stop(), this.target.stop()]);
  }
}

export function urlOf({ profile, password, database }: TestServer): string {
  const nodes = profile.nodes.map(({ host, port }) => `${host}:${port}`).join(',');
  const login = profile.user === '' ? '' : `${encodeURIComponent(profile.user)}:${encodeURIComponent(password)}@`;
  const tls = profile.tls.mode === 'off' ? '' : '&tls=true&tlsAllowInvalidCertificates=true';
  const set = profile.replicaSet ? `&replicaSet=${profile.replicaSet}` : '';
  return `mongodb://${login}${nodes}/${database}?authSource=${profile.authSource ?? 'admin'}${tls}${set}`;
}

/** A few documents as they are: the driver's own methods give an _id to what has none, and to null. */
export async function insertAsGiven(db: Db, collection: string, documents: readonly Document[]): Promise<void> {
  if (documents.length > 0) await db.command({ insert: collection, documents });
}
