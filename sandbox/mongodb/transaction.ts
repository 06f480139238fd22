/** What a transaction has written and nobody else sees yet. */
import type { Document, Long } from 'mongodb';
import { ServerError } from './rights.ts';
import type { Client, MongoServer } from './server.ts';
import type { Write } from './store.ts';

export class Transaction {
  readonly since = Date.now();
  readonly writes: Write[] = [];
  /** by `lockOf`; null for a document that is deleted */
  readonly rows = new Map<string, { readonly ns: string; readonly key: string; readonly view: Document | null }>();
  /** set by a test: it was prepared and waits for the other shards */
  prepared = false;
  readonly ended: Promise<void>;
  end: () => void = () => undefined;

  constructor(
    readonly client: Client,
    readonly lsid: Document,
    readonly number: string,
    /** what was committed later is a conflict */
    readonly began: number,
  ) {
    this.ended = new Promise((resolve) => (this.end = resolve));
  }
}

export function lockOf(ns: string, key: string): string {
  return `${ns}\0${key}`;
}

/** Somebody else's transaction holds the document; outside a transaction one waits for it. */
export class WriteConflict extends ServerError {
  constructor(readonly holder: Transaction | null) {
    super(112, 'WriteConflict', 'Caused by :: Write conflict during plan execution and yielding is disabled.', {
      errorLabels: ['TransientTransactionError'],
    });
  }
}

/** A name for a session, the same whenever the client names it. */
export function sessionKey(lsid: unknown): string {
  const id = (lsid as Document | undefined)?.['id'] as { toString(encoding: string): string } | undefined;
  return id?.toString('hex') ?? '';
}

export const gone = () =>
  new ServerError(251, 'NoSuchTransaction', 'Given transaction number does not match any in-progress transactions.', {
    errorLabels: ['TransientTransactionError'],
  });

/** The open transaction a command belongs to, begun with it where it says so; null outside of one. */
export function transactionOf(server: MongoServer, client: Client, command: Document): Transaction | null {
  if (command['autocommit'] !== false) return null;
  const lsid = command['lsid'] as Document;
  const key = sessionKey(lsid);
  const number = numberOf(command);
  if (command['startTransaction'] === true) {
    server.abort(key);
    server.transactions.set(key, new Transaction(client, lsid, number, server.store.begin()));
  }
  const transaction = server.transactions.get(key);
  if (transaction?.number !== number) throw gone();
  return transaction;
}

export function numberOf(command: Document): string {
  const number = command['txnNumber'] as number | Long | undefined;
  return String(number ?? '');
}
