/**
 * Documents as the bytes they are stored in: hashed exactly, walked element by element in their own order, and written
 * as canonical extended JSON. JavaScript objects would lose repeated names, the order of names that are numbers, and
 * what tells one number type from another.
 */
import { hash } from 'node:crypto';
import { BSON, type Document } from 'mongodb';

const TYPE = {
  double: 0x01,
  string: 0x02,
  document: 0x03,
  array: 0x04,
  binary: 0x05,
  objectId: 0x07,
  boolean: 0x08,
  date: 0x09,
  regex: 0x0b,
  pointer: 0x0c,
  code: 0x0d,
  symbol: 0x0e,
  codeWithScope: 0x0f,
  int32: 0x10,
  timestamp: 0x11,
  int64: 0x12,
  decimal: 0x13,
} as const;

/** 64 bits of the SHA-1 of these very bytes. As text first: a buffer for every document keeps the collector busy. */
export function hashOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${hash('sha1', bytes, 'hex').slice(0, 16)}`);
}

/** One field: where its type byte, its value and what follows it stand in `bytes`. */
export interface Element {
  readonly bytes: Buffer;
  readonly type: number;
  readonly name: string;
  readonly start: number;
  readonly value: number;
  readonly end: number;
}

/** The fields of a document (or array) that begins at `at`, in stored order. */
export function* elementsOf(bytes: Buffer, at = 0): Generator<Element> {
  const last = at + bytes.readInt32LE(at) - 1;
  for (let start = at + 4; start < last;) {
    const element = elementAt(bytes, start);
    yield element;
    start = element.end;
  }
}

function elementAt(bytes: Buffer, start: number): Element {
  const type = bytes.readUInt8(start);
  const nameEnd = bytes.indexOf(0, start + 1);
  const value = nameEnd + 1;
  return {
    bytes,
    type,
    name: bytes.toString('utf8', start + 1, nameEnd),
    start,
    value,
    end: value + size(bytes, type, value),
  };
}

function size(bytes: Buffer, type: number, at: number): number {
  switch (type) {
    case TYPE.double:
    case TYPE.date:
    case TYPE.timestamp:
    case TYPE.int64:
      return 8;
    case TYPE.string:
    case TYPE.code:
    case TYPE.symbol:
      return 4 + bytes.readInt32LE(at);
    case TYPE.document:
    case TYPE.array:
    case TYPE.codeWithScope:
      return bytes.readInt32LE(at);
    case TYPE.binary:
      return 5 + bytes.readInt32LE(at);
    case TYPE.objectId:
      return 12;
    case TYPE.boolean:
      return 1;
    case TYPE.regex:
      return bytes.indexOf(0, bytes.indexOf(0, at) + 1) + 1 - at;
    case TYPE.pointer:
      return 4 + bytes.readInt32LE(at) + 12;
    case TYPE.int32:
      return 4;
    case TYPE.decimal:
      return 16;
    default:
      // null, undefined, the smallest and the largest key have no value
      return 0;
  }
}

/** The `_id`. */
export function idOf(document: Buffer): Element {
  // servers store it first
  const first = elementAt(document, 4);
  if (first.name === '_id') return first;
  for (const element of elementsOf(document)) if (element.name === '_id') return element;
  throw new Error('a document without _id');
}

/** Type and value of an `_id`, which are its own: two ids are one exactly when these are. A view of the document. */
export const identityOf = ({ bytes, start, end }: Element) => bytes.subarray(start, end);

/** The `_id` as text, from what `identityOf` gives. */
export const textOfIdentity = (identity: Buffer) => textOfElement(elementAt(identity, 0), Number.MAX_SAFE_INTEGER).text;

/** Canonical extended JSON, in stored order; cut where it gets longer than `limit` characters. */
export function textOfElement(element: Element, limit: number): { readonly text: string; readonly cut: boolean } {
  const writer = new Writer(limit);
  writer.value(element);
  return { text: writer.text, cut: writer.full };
}

class Writer {
  text = '';
  constructor(private readonly limit: number) {}

  get full(): boolean {
    return this.text.length > this.limit;
  }

  value(element: Element): void {
    if (element.type === TYPE.document) this.list(element, '{', '}', true);
    else if (element.type === TYPE.array) this.list(element, '[', ']', false);
    else this.text += scalar(element, this.limit);
  }

  private list({ bytes, value }: Element, open: string, close: string, named: boolean): void {
    this.text += open;
    let first = true;
    for (const element of elementsOf(bytes, value)) {
      if (this.full) return;
      if (!first) this.text += ',';
      first = false;
      if (named) this.text += `${JSON.stringify(element.name)}:`;
      this.value(element);
    }
    this.text += close;
  }
}

function scalar(element: Element, limit: number): string {
  const { bytes, type, value, end } = element;
  switch (type) {
    case TYPE.int32:
      return `{"$numberInt":"${bytes.readInt32LE(value)}"}`;
    case TYPE.int64:
      return `{"$numberLong":"${bytes.readBigInt64LE(value)}"}`;
    case TYPE.objectId:
      return `{"$oid":"${bytes.toString('hex', value, end)}"}`;
    case TYPE.string:
      // the rest of a long one is not even decoded; a character has at most four bytes
      return JSON.stringify(bytes.toString('utf8', value + 4, Math.min(end - 1, value + 4 + 4 * (limit + 1))));
    case TYPE.pointer:
      return `{"$dbPointer":{"$ref":${JSON.stringify(bytes.toString('utf8', value + 4, end - 13))},"$id":{"$oid":"${bytes.toString('hex', end - 12, end)}"}}}`;
    default:
      return BSON.EJSON.stringify({ v: typed(element) }, { relaxed: false }).slice('{"v":'.length, -1);
  }
}

/** For the driver, every type as its own class. */
function typed(element: Element): unknown {
  const { type, value, end } = element;
  const body = element.bytes.subarray(value, end);
  const head = Buffer.from([0, 0, 0, 0, type, 0x76, 0]);
  head.writeInt32LE(head.length + body.length + 1, 0);
  const document = BSON.deserialize(Buffer.concat([head, body, Buffer.of(0)]), {
    promoteValues: false,
    bsonRegExp: true,
    validation: { utf8: false },
  });
  return document['v'] as unknown;
}

/** As a value the driver sends back unchanged: documents as maps, which keep every order. */
export function valueOf(element: Element): unknown {
  if (element.type === TYPE.document) {
    const inner = [...elementsOf(element.bytes, element.value)];
    return new Map(inner.map((each) => [each.name, valueOf(each)]));
  }
  return typed(element);
}

/** The same bytes with the fields of every document sorted by name: equal where only the order of fields differs. */
export function withoutOrder(document: Buffer): Buffer {
  return sorted(document, 0, true);
}

function sorted(bytes: Buffer, at: number, byName: boolean): Buffer {
  const parts = [...elementsOf(bytes, at)].map((element) => {
    const nested = element.type === TYPE.document || element.type === TYPE.array;
    const head = bytes.subarray(element.start, element.value);
    if (!nested) return { head, body: bytes.subarray(element.value, element.end) };
    return { head, body: sorted(bytes, element.value, element.type === TYPE.document) };
  });
  // a stable sort: repeated names keep their order
  if (byName) parts.sort((a, b) => Buffer.compare(a.head.subarray(1), b.head.subarray(1)));
  const inner = Buffer.concat(parts.flatMap(({ head, body }) => [head, body]));
  const length = Buffer.alloc(4);
  length.writeInt32LE(inner.length + 5, 0);
  return Buffer.concat([length, inner, Buffer.of(0)]);
}

/** Canonical extended JSON of one value, read back and written again: null where that does not give the same text. */
export function parsed(text: string): { readonly value: unknown } | null {
  let value: unknown;
  try {
    value = (BSON.EJSON.parse(`{"v":${text}}`, { relaxed: false }) as Document)['v'];
    const [element] = elementsOf(Buffer.from(BSON.serialize({ v: value }, { ignoreUndefined: false })));
    return element && textOfElement(element, Number.MAX_SAFE_INTEGER).text === text ? { value } : null;
  } catch {
    return null;
  }
}
