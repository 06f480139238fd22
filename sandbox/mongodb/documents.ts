/**
 * Documents as they are kept: their BSON is the truth, so that no type is lost between a client and the next; what is
 * queried is a view of it with plain numbers.
 */
import { BSON, ObjectId, type Document } from 'mongodb';

/** Every BSON type as itself. */
export const EXACT = { promoteValues: false, promoteBuffers: false, promoteLongs: false, bsonRegExp: true } as const;

const bytesOf = new WeakMap<Document, Uint8Array>();

/** The view that is queried; `exact` leads back. */
export function viewOf(bytes: Uint8Array): Document {
  const view = BSON.deserialize(bytes);
  bytesOf.set(view, bytes);
  return view;
}

/** A stored document with its own types; what was computed or projected is answered as it is. */
export function exact(document: Document): Document {
  const bytes = bytesOf.get(document);
  return bytes ? parse(bytes) : document;
}

export function bytesIn(view: Document): Uint8Array {
  return bytesOf.get(view) ?? serialize(view);
}

/** Bytes of a stored document; 0 of what was computed. */
export function sizeOf(view: Document): number {
  return bytesOf.get(view)?.length ?? 0;
}

export function parse(bytes: Uint8Array): Document {
  return BSON.deserialize(bytes, EXACT);
}

export function serialize(document: Document): Uint8Array {
  return BSON.serialize(document, { ignoreUndefined: true });
}

/** One text for values that are equal, whatever their numbers' types; nothing else has it. */
export function keyText(value: unknown): string {
  if (value === undefined) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return String(value);
  if (value instanceof ObjectId) return value.toHexString();
  return BSON.EJSON.stringify(value, { relaxed: true });
}

export function at(document: Document, path: string): unknown {
  let here: unknown = document;
  for (const name of path.split('.')) {
    here = typeof here === 'object' && here !== null ? (here as Document)[name] : undefined;
  }
  return here;
}

/** Plain inclusion or exclusion of fields, also inside documents and arrays. */
export function project(document: Document, projection: Document): Document {
  const { _id: id = 1, ...fields } = projection;
  const paths = Object.keys(fields);
  const includes = paths.some((path) => Boolean(fields[path])) || (paths.length === 0 && Boolean(projection['_id']));
  if (Object.keys(projection).length === 0) return document;
  if (!includes) return without(document, [...paths, ...(id ? [] : ['_id'])]);
  return only(document, [...(id ? ['_id'] : []), ...paths]);
}

function only(value: Document, paths: readonly string[]): Document {
  return walk(value, paths, (field, rest) => {
    if (rest.length === 0) return { keep: false };
    if (rest.includes('')) return { keep: true, value: field };
    return isNested(field) ? { keep: true, value: each(field, (one) => only(one, rest)) } : { keep: false };
  });
}

function without(value: Document, paths: readonly string[]): Document {
  return walk(value, paths, (field, rest) => {
    if (rest.includes('')) return { keep: false };
    if (rest.length === 0 || !isNested(field)) return { keep: true, value: field };
    return { keep: true, value: each(field, (one) => without(one, rest)) };
  });
}

/** `rest`: what of the paths goes on inside a field; '' where one ends there */
function walk(
  document: Document,
  paths: readonly string[],
  decide: (field: unknown, rest: readonly string[]) => { readonly keep: boolean; readonly value?: unknown },
): Document {
  const result: Document = {};
  for (const [name, field] of Object.entries(document)) {
    const rest = paths.flatMap((path) =>
      path === name ? [''] : path.startsWith(`${name}.`) ? [path.slice(name.length + 1)] : [],
    );
    const { keep, value } = decide(field, rest);
    if (keep) result[name] = value;
  }
  return result;
}

function each(nested: Document | unknown[], change: (one: Document) => Document): unknown {
  if (!Array.isArray(nested)) return change(nested);
  return nested.filter(isNested).map((one: Document) => each(one, change));
}

export function isNested(value: unknown): value is Document {
  return (
    Array.isArray(value) ||
    (typeof value === 'object' &&
      value !== null &&
      !(value instanceof BSON.BSONValue) &&
      !(value instanceof Date) &&
      !(value instanceof Uint8Array))
  );
}
