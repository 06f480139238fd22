/**
 * Documents as the bytes they are stored in: hashed exactly, walked element by element in their own order, and written
 * as canonical extended JSON. JavaScript objects would lose repeated names, the order of names that are numbers, and
 * what tells one number type from another.
 */
import { createHash, hash } from 'node:crypto';
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
  return first64(hash('sha1', bytes, 'hex'));
}

const first64 = (hex: string) => BigInt(`0x${hex.slice(0, 16)}`);

/** Hashed a piece at a time. Bytes. */
const PIECE = 1_000_000;

/** The same of a document that takes so long that others should have their turn meanwhile. */
export async function hashInPieces(bytes: Uint8Array, pause: () => Promise<void>): Promise<bigint> {
  const hashing = createHash('sha1');
  for (let at = 0; at < bytes.length; at += PIECE) {
    hashing.update(bytes.subarray(at, at + PIECE));
    await pause();
  }
  return first64(hashing.digest('hex'));
}

export const isLong = (bytes: Uint8Array) => bytes.length > 2 * PIECE;

/** One field: where its type byte, its value and what follows it stand in `bytes`. */
export class Element {
  constructor(
    readonly bytes: Buffer,
    readonly type: number,
    readonly start: number,
    readonly value: number,
    readonly end: number,
  ) {}

  get name(): string {
    return this.bytes.toString('utf8', this.start + 1, this.value - 1);
  }
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
  return new Element(bytes, type, start, value, value + size(bytes, type, value));
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
  /** joined at the end: a text that is added to keeps all the pieces it came from */
  private readonly parts: string[] = [];
  private length = 0;
  constructor(private readonly limit: number) {}

  get full(): boolean {
    return this.length > this.limit;
  }
  get text(): string {
    return this.parts.join('');
  }

  value(element: Element): void {
    if (element.type === TYPE.document) this.list(element, '{', '}', true);
    else if (element.type === TYPE.array) this.list(element, '[', ']', false);
    else this.add(scalar(element, this.limit - this.length));
  }

  private list({ bytes, value }: Element, open: string, close: string, named: boolean): void {
    this.add(open);
    let first = true;
    for (const element of elementsOf(bytes, value)) {
      if (this.full) return;
      if (!first) this.add(',');
      first = false;
      if (named) this.add(`${JSON.stringify(element.name)}:`);
      this.value(element);
    }
    this.add(close);
  }

  private add(text: string): void {
    this.parts.push(text);
    this.length += text.length;
  }
}

/** @param room characters of it that are wanted; of more the rest may be missing */
function scalar(element: Element, room: number): string {
  const { bytes, type, value, end } = element;
  switch (type) {
    case TYPE.int32:
      return `{"$numberInt":"${bytes.readInt32LE(value)}"}`;
    case TYPE.int64:
      return `{"$numberLong":"${bytes.readBigInt64LE(value)}"}`;
    case TYPE.objectId:
      return `{"$oid":"${bytes.toString('hex', value, end)}"}`;
    case TYPE.string:
      return quoted(element, room);
    case TYPE.code:
      return `{"$code":${quoted(element, room)}}`;
    case TYPE.symbol:
      return `{"$symbol":${quoted(element, room)}}`;
    case TYPE.pointer:
      return `{"$dbPointer":{"$ref":${JSON.stringify(bytes.toString('utf8', value + 4, end - 13))},"$id":{"$oid":"${bytes.toString('hex', end - 12, end)}"}}}`;
    case TYPE.binary:
      // three bytes are four characters
      if (end - value > room)
        return `{"$binary":{"base64":"${bytes.toString('base64', value + 5, value + 5 + 3 * Math.ceil((room + 1) / 4))}`;
      break;
    default:
  }
  return BSON.EJSON.stringify({ v: typed(element) }, { relaxed: false }).slice('{"v":'.length, -1);
}

/** The rest of a long text is not even decoded; a character has at most four bytes. */
function quoted({ bytes, value, end }: Element, room: number): string {
  const text = bytes.toString('utf8', value + 4, Math.min(end - 1, value + 4 + 4 * (room + 1)));
  return JSON.stringify(text.slice(0, room + 1));
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

/** Fields put in order for one document: more would hold the event loop. */
const MOST_SORTED = 20_000;

/**
 * The same bytes with the fields of every document sorted by name: equal where only the order of fields differs.
 * Null for a document of too many fields.
 */
export function withoutOrder(document: Buffer): Buffer | null {
  const bytes = Buffer.from(document);
  return sortFields(bytes, 0, true, 0) > MOST_SORTED ? null : bytes;
}

/** In their place, which keeps its length. Answers how many fields there were, those `before` these included. */
function sortFields(bytes: Buffer, at: number, byName: boolean, before: number): number {
  const fields: { readonly name: string; readonly start: number; readonly end: number }[] = [];
  let count = before;
  for (const { type, start, value, end } of elementsOf(bytes, at)) {
    if (type === TYPE.document || type === TYPE.array) count = sortFields(bytes, value, type === TYPE.document, count);
    if (++count > MOST_SORTED) return count;
    // one character for each byte
    if (byName) fields.push({ name: bytes.toString('latin1', start + 1, value - 1), start, end });
  }
  if (!fields.some(({ name }, i) => name < (fields[i - 1]?.name ?? ''))) return count;
  // a stable sort: repeated names keep their order
  fields.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  Buffer.concat(fields.map(({ start, end }) => bytes.subarray(start, end))).copy(bytes, at + 4);
  return count;
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
