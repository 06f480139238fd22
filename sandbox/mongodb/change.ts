/** Updates of one document, on its own types, and how the oplog tells them. */
import { Double, Int32, Long, type Document } from 'mongodb';
import { isNested, serialize } from './documents.ts';
import { ServerError } from './rights.ts';

/** The document after a replacement or after `$set`, `$unset`, `$inc`, `$setOnInsert` and `$currentDate`. */
export function changed(before: Document, change: Document, inserting: boolean): Document {
  if (Array.isArray(change)) throw new ServerError(9, 'FailedToParse', 'updates by a pipeline are not available here');
  const operators = Object.keys(change).filter((name) => name.startsWith('$'));
  if (operators.length === 0) return { ...('_id' in before ? { _id: before['_id'] as unknown } : {}), ...change };
  const after = copy(before);
  for (const operator of operators) {
    const apply = OPERATORS[operator];
    if (!apply) throw new ServerError(9, 'FailedToParse', `Unknown modifier: ${operator}`);
    if (operator === '$setOnInsert' && !inserting) continue;
    for (const [path, value] of Object.entries(change[operator] as Document)) apply(...placeOf(after, path), value);
  }
  if (!inserting && !same(after['_id'], before['_id'])) {
    throw new ServerError(
      66,
      'ImmutableField',
      "Performing an update on the path '_id' would modify the immutable field",
    );
  }
  return after;
}

type Operator = (parent: Document, name: string, value: unknown) => void;

const set: Operator = (parent, name, value) => {
  parent[name] = value;
};

const OPERATORS: Readonly<Record<string, Operator>> = {
  $set: set,
  $setOnInsert: set,
  $unset: (parent, name) => {
    delete parent[name];
  },
  $inc: (parent, name, value) => {
    parent[name] = sum(parent[name] ?? new Int32(0), value);
  },
  $currentDate: (parent, name) => {
    parent[name] = new Date();
  },
};

/** As a mongod adds: the wider type wins, and 32 bits that overflow become 64. */
function sum(one: unknown, other: unknown): unknown {
  if (one instanceof Double || other instanceof Double) return new Double(Number(one) + Number(other));
  if (one instanceof Long || other instanceof Long) return long(one).add(long(other));
  const total = numberIn(one) + numberIn(other);
  if (!Number.isInteger(total)) return new Double(total);
  return Math.abs(total) < 2 ** 31 ? new Int32(total) : Long.fromNumber(total);
}

function long(value: unknown): Long {
  return value instanceof Long ? value : Long.fromNumber(numberIn(value));
}

function numberIn(value: unknown): number {
  if (value instanceof Int32 || typeof value === 'number') return Number(value);
  throw new ServerError(14, 'TypeMismatch', 'Cannot apply $inc to a value of non-numeric type');
}

/** The document in which a path ends, made where it is missing, and the name there. */
function placeOf(document: Document, path: string): [Document, string] {
  const names = path.split('.');
  const last = names.pop() ?? '';
  let here = document;
  for (const name of names) {
    const next: unknown = here[name];
    const inner: Document = isNested(next) ? next : {};
    here[name] = inner;
    here = inner;
  }
  return [here, last];
}

function copy<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copy) as T;
  if (!isNested(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]: [string, unknown]) => [name, copy(field)])) as T;
}

/** As mongod since 5.0 writes it: fields that are new, other or gone; null when nothing is. */
export function diffOf(before: Document, after: Document): Document | null {
  const [i, u, d]: [Document, Document, Document] = [{}, {}, {}];
  for (const [name, value] of Object.entries(after) as [string, unknown][]) {
    if (!(name in before)) i[name] = value;
    else if (!same(before[name], value)) u[name] = value;
  }
  for (const name of Object.keys(before)) if (!(name in after)) d[name] = false;
  const diff = Object.fromEntries(Object.entries({ d, u, i }).filter(([, fields]) => Object.keys(fields).length > 0));
  return Object.keys(diff).length > 0 ? { $v: 2, diff } : null;
}

/** What `diffOf` wrote, or a whole document. */
export function patched(before: Document, o: Document): Document {
  const diff = o['diff'] as Document | undefined;
  if (!diff) return o;
  const after: Document = { ...before, ...(diff['u'] as Document), ...(diff['i'] as Document) };
  for (const name of Object.keys((diff['d'] ?? {}) as Document)) delete after[name];
  return after;
}

function same(one: unknown, other: unknown): boolean {
  return Buffer.compare(serialize({ v: one }), serialize({ v: other })) === 0;
}
