/** What is alike in the comparison's sessions of every engine: they pass on what their snapshot answers. */
import type { DigestSession, SchemaObject, TableShape } from '../comparison/port.ts';
import { Failure } from '../util/failure.ts';
import { sentence, type Sentence } from '../util/sentence.ts';

type Held = Pick<DigestSession, 'product' | 'endpoint' | 'latency' | 'renew' | 'close'> & {
  /** connections that read at the same time */
  readonly size: number;
};

export abstract class SnapshotSession<S extends Held> implements DigestSession {
  constructor(readonly snapshot: S) {}

  get product(): string {
    return this.snapshot.product;
  }
  get endpoint(): string {
    return this.snapshot.endpoint;
  }
  get workers(): number {
    return this.snapshot.size;
  }
  abstract describe(signal: AbortSignal): Promise<readonly TableShape[]>;
  abstract blindSpot(signal: AbortSignal): Promise<Sentence | null>;
  abstract unseenDatabases(signal: AbortSignal): Promise<Sentence | null>;
  abstract schemas(signal: AbortSignal): Promise<readonly (string | null)[]>;
  abstract objects(signal: AbortSignal): Promise<readonly SchemaObject[]>;
  abstract raiseStatement(object: SchemaObject, next: bigint): string;
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

/** The session as the engine's own kind, which it is unless the two sides are different kinds of database. */
export function ownSession<T extends DigestSession>(
  kind: abstract new (...args: never[]) => T,
  session: DigestSession,
): T {
  if (session instanceof kind) return session;
  throw new Failure(
    'unsupported',
    sentence('Source and target are different kinds of database; they cannot be compared.'),
  );
}
