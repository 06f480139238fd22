/**
 * What entries of the oplog say was written. Pure. Transactions and batches come as one `applyOps` entry with the
 * writes inside; definitions as a command that names its collection.
 */
import type { Document } from 'mongodb';
import { at, isDocument, isSystemDatabase, splitNamespace, stringOf } from './text.ts';

/** What is needed of an entry; documents themselves stay on the server. */
export const ENTRY_FIELDS = {
  ts: 1,
  t: 1,
  op: 1,
  ns: 1,
  ...Object.fromEntries(
    ['applyOps.op', 'applyOps.ns', 'applyOps.o', 'prepare', 'commitTransaction', 'abortTransaction'].map(inCommand),
  ),
  ...Object.fromEntries(
    [
      ...['create', 'drop', 'dropDatabase', 'renameCollection', 'to', 'collMod', 'convertToCapped', 'emptycapped'],
      ...['createIndexes', 'dropIndexes', 'deleteIndexes', 'startIndexBuild', 'commitIndexBuild', 'abortIndexBuild'],
    ].map(inCommand),
  ),
} as const;

function inCommand(name: string): [string, 1] {
  return [`o.${name}`, 1];
}

export class OplogWrites {
  /** `database.collection`, or a database where the entry names no finer → writes; the server's own left out */
  readonly written = new Map<string, number>();
  private prepared = 0;

  add(entry: Document): void {
    const namespace = stringOf(entry['ns']);
    switch (entry['op']) {
      case 'n': // the server's own sign of life
        return;
      case 'c':
        this.command(splitNamespace(namespace).database, entry['o']);
        return;
      default:
        // insert, update, delete; and what newer servers may call a write
        this.count(namespace);
    }
  }

  private command(database: string, command: unknown): void {
    const [name = '', value] = Object.entries(isDocument(command) ? command : {})[0] ?? [];
    switch (name) {
      case 'applyOps':
        if (at(command, 'prepare') === true) this.prepared++;
        for (const inner of Array.isArray(value) ? value.filter(isDocument) : []) this.add(inner);
        return;
      case 'commitTransaction':
        // what it wrote was named when it was prepared, maybe before the last reading
        if (this.prepared > 0) this.prepared--;
        else this.count('prepared transaction');
        return;
      case 'abortTransaction':
        return;
      case 'renameCollection':
        this.count(stringOf(value));
        this.count(stringOf(at(command, 'to')));
        return;
      default:
        this.count(typeof value === 'string' ? `${database}.${value}` : database);
    }
  }

  private count(namespace: string): void {
    const name = shownName(namespace);
    const { database, name: collection } = splitNamespace(name);
    if (name === '' || isSystemDatabase(database) || collection === 'system.profile') return;
    this.written.set(name, (this.written.get(name) ?? 0) + 1);
  }
}

/** A time series is named by its own name, not by its buckets'; a command without a collection by its database. */
export function shownName(namespace: string): string {
  const { database, name } = splitNamespace(namespace);
  if (name === '' || name === '$cmd') return database;
  return `${database}.${name.replace(/^system\.buckets\./, '')}`;
}
