/** BSON values as text, no digit lost and nothing secret left in. Pure. */
import { BSON, Long, Timestamp, type Document } from 'mongodb';

/** Compact JSON as mongosh would show it; 64-bit numbers keep their digits, other BSON types are extended JSON. */
export function textOf(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (value === undefined) return 'null';
  if (value instanceof Timestamp) return `Timestamp(${value.getHighBitsUnsigned()}, ${value.getLowBitsUnsigned()})`;
  if (value instanceof Long) return value.toString();
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'null' : JSON.stringify(value.toISOString());
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`;
  if (isDocument(value)) {
    const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}:${textOf(field)}`);
    return `{${fields.join(',')}}`;
  }
  return BSON.EJSON.stringify(value, { relaxed: true });
}

/** One cell of a raw result: text as it is, everything else as compact JSON, null for what is absent. */
export function cellOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : textOf(value);
}

/** A plain document: no array, no BSON type of its own. */
export function isDocument(value: unknown): value is Document {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof RegExp) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Map) &&
    !(value instanceof BSON.BSONValue)
  );
}

/** What a client sends to log in or to set a password; the server hides most of it, older ones not all. */
const SECRET = new Set(['payload', 'pwd', 'password', 'key', 'nonce', 'speculativeAuthenticate', 'credentials']);
const LOGIN = new Set([
  'saslStart',
  'saslContinue',
  'authenticate',
  'createUser',
  'updateUser',
  'hello',
  'isMaster',
  'ismaster',
]);
const HIDDEN = '(hidden)';

/** The document without credentials, wherever in it a login command stands. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isDocument(value)) return value;
  const login = LOGIN.has(Object.keys(value)[0] ?? '');
  return Object.fromEntries(
    Object.entries(value).map(([name, field]): [string, unknown] => {
      if ((login && SECRET.has(name)) || name === 'speculativeAuthenticate') return [name, HIDDEN];
      // the server cuts long commands and shows the rest as one text
      if (name === '$truncated' && typeof field === 'string' && mayHoldSecret(field)) return [name, HIDDEN];
      return [name, withoutSecrets(field)];
    }),
  );
}

function mayHoldSecret(text: string): boolean {
  return [...LOGIN, 'speculativeAuthenticate'].some((word) => text.includes(word));
}

/** A whole number the server may send as a 32-bit, 64-bit or floating one; null where it is none. */
export function wholeOf(value: unknown): bigint | null {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (value instanceof Long && !(value instanceof Timestamp)) return value.toBigInt();
  return null;
}

export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  const whole = wholeOf(value);
  return whole === null ? null : Number(whole);
}

export function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Follows names into nested documents. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let here: unknown = value;
  for (const name of path) here = isDocument(here) ? here[name] : undefined;
  return here;
}

/** `host` of `host:port`, `[v6]:port` or a bare name. */
export function hostOnly(address: string): string {
  const match = /^(?:\[([^\]]+)\]|(.+?))(?::\d+)?$/.exec(address);
  return match?.[1] ?? match?.[2] ?? address;
}

/** A JavaScript string literal for a statement that is pasted into mongosh. */
export function quoteText(text: string): string {
  return JSON.stringify(text);
}

/** The server's own databases, which no migration moves. */
export function isSystemDatabase(name: string): boolean {
  return name === 'admin' || name === 'local' || name === 'config';
}

/** Database and collection of a namespace; the collection may hold dots. */
export function splitNamespace(namespace: string): { readonly database: string; readonly name: string } {
  const dot = namespace.indexOf('.');
  return dot < 0
    ? { database: namespace, name: '' }
    : { database: namespace.slice(0, dot), name: namespace.slice(dot + 1) };
}
