/** One collection in memory, with what its unique indexes guard. */
import type { Document } from 'mongodb';
import { at, keyText } from './documents.ts';
import { ServerError } from './rights.ts';

export interface Row {
  readonly view: Document;
  /** of the commit that wrote it */
  readonly sequence: number;
}

export const ID_INDEX: Document = { v: 2, key: { _id: 1 }, name: '_id_' };

export class Collection {
  readonly type: 'collection' | 'view' | 'timeseries';
  private readonly rows = new Map<string, Row>();
  private readonly specs: Document[];
  /** by index: the key of the index → the key of the row */
  private readonly guarded = new Map<string, Map<string, string>>();
  private listed: readonly Document[] | null = null;

  /** @param options as `create` takes them: `viewOn`, `pipeline`, `timeseries`, a validator … */
  constructor(readonly options: Document = {}) {
    this.type = options['viewOn'] ? 'view' : options['timeseries'] ? 'timeseries' : 'collection';
    this.specs = this.type === 'view' ? [] : [ID_INDEX];
  }

  /** Views of all documents in their natural order. */
  get documents(): readonly Document[] {
    return (this.listed ??= [...this.rows.values()].map(({ view }) => view));
  }

  get indexes(): readonly Document[] {
    return this.specs;
  }

  get(key: string): Row | undefined {
    return this.rows.get(key);
  }

  put(key: string, view: Document, sequence: number): void {
    this.forget(key);
    this.rows.set(key, { view, sequence });
    for (const [spec, keys] of this.unique()) keys.set(indexKey(spec, view), key);
    this.listed = null;
  }

  remove(key: string): void {
    this.forget(key);
    this.rows.delete(key);
    this.listed = null;
  }

  /** Rejects what a unique index forbids. */
  check(key: string, view: Document, isGone: (key: string) => boolean): void {
    for (const [spec, keys] of this.unique()) {
      const holder = keys.get(indexKey(spec, view));
      if (holder !== undefined && holder !== key && !isGone(holder)) throw duplicate(spec, view);
    }
  }

  addIndex(spec: Document): boolean {
    if (this.specs.some(({ name }) => name === spec['name'])) return false;
    if (spec['unique'] === true) {
      const keys = new Map<string, string>();
      for (const [key, { view }] of this.rows) {
        if (keys.has(indexKey(spec, view))) throw duplicate(spec, view);
        keys.set(indexKey(spec, view), key);
      }
      this.guarded.set(String(spec['name']), keys);
    }
    this.specs.push(spec);
    return true;
  }

  dropIndex(name: string): void {
    const place = this.specs.findIndex((spec) => spec['name'] === name && name !== ID_INDEX['name']);
    if (place < 0) throw new ServerError(27, 'IndexNotFound', `index not found with name [${name}]`);
    this.specs.splice(place, 1);
    this.guarded.delete(name);
  }

  private forget(key: string): void {
    const old = this.rows.get(key);
    if (old) for (const [spec, keys] of this.unique()) keys.delete(indexKey(spec, old.view));
  }

  private unique(): (readonly [Document, Map<string, string>])[] {
    return this.specs.flatMap((spec) => {
      const keys = this.guarded.get(String(spec['name']));
      return keys ? [[spec, keys] as const] : [];
    });
  }
}

function indexKey(spec: Document, view: Document): string {
  return Object.keys(spec['key'] as Document)
    .map((path) => keyText(at(view, path)))
    .join();
}

export function duplicate(spec: Document, view: Document): ServerError {
  const key = spec['key'] as Document;
  const keyValue = Object.fromEntries(Object.keys(key).map((path) => [path, at(view, path)]));
  const shown = Object.entries(keyValue).map(([path, value]) => `${path}: ${keyText(value)}`);
  return new ServerError(
    11000,
    'DuplicateKey',
    `E11000 duplicate key error index: ${String(spec['name'])} dup key: { ${shown.join(', ')} }`,
    { keyPattern: key, keyValue },
  );
}
