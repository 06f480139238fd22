/** What a database holds besides documents: indexes, views, validators and the options of its collections. */
import type { Document } from 'mongodb';
import type { SchemaObject } from '../../comparison/port.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import type { Catalog, CollectionFacts } from './digest-catalog.ts';
import { isDocument, textOf } from './text.ts';

/** Not part of what an index is: its format, its former namespace, its name, and how it was once built. */
const NO_PART_OF_AN_INDEX: ReadonlySet<string> = new Set(['v', 'ns', 'name', 'key', 'background']);
const VALIDATION = ['validator', 'validationLevel', 'validationAction'] as const;
/** What else changes which documents a collection takes, keeps or finds. */
const OPTIONS = ['collation', 'capped', 'size', 'max', 'clusteredIndex', 'timeseries', 'expireAfterSeconds'] as const;

export function objectsOf({ collections, complete }: Catalog, database: string): SchemaObject[] {
  if (!complete) {
    throw new Failure(
      'insufficient-privilege',
      sentence('The account may not list the collections of {database} with their options.', { database }),
    );
  }
  return collections.flatMap((collection) =>
    collection.type === 'view' ? [view(collection)] : aroundDocuments(collection, database),
  );
}

function view({ name, options }: CollectionFacts): SchemaObject {
  const definition = chosen(options, ['viewOn', 'pipeline', 'collation']);
  return { kind: 'view', schema: null, table: null, name, definition, exact: true };
}

function aroundDocuments({ name, options, indexes }: CollectionFacts, database: string): SchemaObject[] {
  const common = { schema: null, table: { database, schema: null, name }, exact: true };
  const validation = chosen(options, VALIDATION);
  return [
    ...indexes.map((index) => ({ ...common, kind: 'index' as const, name: indexText(index), definition: '' })),
    ...(options['validator'] === undefined
      ? []
      : [{ ...common, kind: 'constraint' as const, name: 'validator', definition: validation }]),
    { ...common, kind: 'options', name: 'options', definition: chosen(options, OPTIONS) },
  ];
}

/** The keys in their order, then every option by name. */
function indexText(index: Document): string {
  const names = Object.keys(index)
    .filter((name) => !NO_PART_OF_AN_INDEX.has(name))
    .sort();
  const options = names.length === 0 ? '' : ` ${chosen(index, names)}`;
  return `${definitionOf(index['key'])}${options}`;
}

const chosen = (from: Document, names: readonly string[]) =>
  definitionOf(
    Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name] as unknown])),
  );

/** As text that tells a date from its text: a condition on the one never meets the other. */
const definitionOf = (value: unknown) => textOf(datesMarked(value));

function datesMarked(value: unknown): unknown {
  if (value instanceof Date) return { $date: value };
  if (Array.isArray(value)) return value.map(datesMarked);
  if (!isDocument(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, datesMarked(field)]));
}
