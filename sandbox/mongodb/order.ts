/** The order of the `_id` index: values of every BSON type in one line, as servers keep them. */
import { BSON, type Document } from 'mongodb';
import { exact } from './documents.ts';
import { ServerError } from './rights.ts';

const inOrder = new WeakMap<readonly Document[], readonly Document[]>();

/** By `_id`; sorted once as long as nothing is written. */
export function byId(documents: readonly Document[]): readonly Document[] {
  const known = inOrder.get(documents);
  if (known) return known;
  const keyed = documents.map((document) => ({ document, id: idOf(document) }));
  keyed.sort((a, b) => compare(a.id, b.id));
  const sorted = keyed.map(({ document }) => document);
  inOrder.set(documents, sorted);
  return sorted;
}

/** Bounds of the index, across types: from `min` on, up to what stands before `max`. */
export function between(documents: readonly Document[], min: Document | undefined, max: Document | undefined) {
  if (min && max && compare(min['_id'], max['_id']) >= 0) {
    throw new ServerError(2, 'BadValue', 'The value of min must come before the value of max');
  }
  const sorted = byId(documents);
  const from = min ? firstNotBefore(sorted, min['_id']) : 0;
  const to = max ? firstNotBefore(sorted, max['_id']) : sorted.length;
  return sorted.slice(from, to);
}

function firstNotBefore(sorted: readonly Document[], bound: unknown): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(idOf(sorted[middle] ?? {}), bound) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

const idOf = (document: Document) => exact(document)['_id'] as unknown;

/** Both with their own BSON types. */
export function compare(a: unknown, b: unknown): number {
  const rank = rankOf(a);
  if (rank !== rankOf(b)) return rank - rankOf(b);
  if (rank === RANK.number) return compareNumbers(numberOf(a), numberOf(b));
  if (rank === RANK.string) return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
  if (rank === RANK.document || rank === RANK.array) return compareFields(a as Document, b as Document);
  if (a instanceof BSON.Binary && b instanceof BSON.Binary) {
    return a.length() - b.length() || a.sub_type - b.sub_type || Buffer.compare(a.buffer, b.buffer);
  }
  if (a instanceof BSON.ObjectId && b instanceof BSON.ObjectId) return Buffer.compare(a.id, b.id);
  if (a instanceof BSON.Timestamp && b instanceof BSON.Timestamp) return compareNumbers(a.toBigInt(), b.toBigInt());
  if (rank === RANK.boolean || rank === RANK.date) return Number(a) - Number(b);
  const [left, right] = [BSON.EJSON.stringify(a), BSON.EJSON.stringify(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

const RANK = {
  ...{ least: -1, null: 5, number: 10, string: 15, document: 20, array: 25, binary: 30, objectId: 35, boolean: 40 },
  ...{ date: 45, timestamp: 47, regex: 50, code: 60, most: 127 },
} as const;

const CLASSES: readonly (readonly [abstract new (...args: never[]) => unknown, number])[] = [
  [BSON.MinKey, RANK.least],
  [BSON.MaxKey, RANK.most],
  // a timestamp is a long to the driver, so it comes first
  [BSON.Timestamp, RANK.timestamp],
  [BSON.Int32, RANK.number],
  [BSON.Double, RANK.number],
  [BSON.Long, RANK.number],
  [BSON.Decimal128, RANK.number],
  [BSON.BSONSymbol, RANK.string],
  [BSON.Binary, RANK.binary],
  [BSON.ObjectId, RANK.objectId],
  [Date, RANK.date],
  [BSON.BSONRegExp, RANK.regex],
  [BSON.Code, RANK.code],
];

function rankOf(value: unknown): number {
  if (value === null || value === undefined) return RANK.null;
  if (typeof value === 'number' || typeof value === 'bigint') return RANK.number;
  if (typeof value === 'string') return RANK.string;
  if (typeof value === 'boolean') return RANK.boolean;
  if (Array.isArray(value)) return RANK.array;
  return CLASSES.find(([type]) => value instanceof type)?.[1] ?? RANK.document;
}

function numberOf(value: unknown): number | bigint {
  if (value instanceof BSON.Long) return value.toBigInt();
  return value instanceof BSON.Decimal128 ? Number(value.toString()) : Number(value);
}

/** NaN before every other number. */
function compareNumbers(a: number | bigint, b: number | bigint): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareFields(a: Document, b: Document): number {
  const [left, right] = [Object.entries(a), Object.entries(b)];
  for (const [i, [name, value]] of left.entries()) {
    const other = right[i];
    if (!other) return 1;
    const [otherName, otherValue] = other as [string, unknown];
    const byType = rankOf(value) - rankOf(otherValue);
    if (byType !== 0) return byType;
    if (name !== otherName) return name < otherName ? -1 : 1;
    const byValue = compare(value, otherValue);
    if (byValue !== 0) return byValue;
  }
  return left.length - right.length;
}
