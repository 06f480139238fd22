/** Repair statements for mongosh: whole documents, by their _id. */
import type { ObjectName } from '../../cutover/facts.ts';
import type { DocumentRepair } from '../../comparison/port.ts';
import { parsed } from './digest-bson.ts';
import { quoteText } from './text.ts';

export const documentRepair: DocumentRepair = {
  collection: ({ database, name }: ObjectName) =>
    `db.getSiblingDB(${quoteText(database)}).getCollection(${quoteText(name)})`,
  delete: (id) => (exact(id) ? `deleteOne({_id: ${value(id)}})` : null),
  insert: (_id, fields) => (writable(fields) ? `insertOne(${document(fields)})` : null),
  replace: (id, fields) =>
    exact(id) && writable(fields) ? `replaceOne({_id: ${value(id)}}, ${document(fields)})` : null,
};

type Fields = Readonly<Record<string, string>>;

/** Extended JSON in a string literal: it says every type exactly, and nothing in it can end the statement. */
const value = (text: string) => `EJSON.parse(${literal(text)}, {relaxed: false})`;

function document(fields: Fields): string {
  const text = Object.entries(fields).map(([name, field]) => `${JSON.stringify(name)}:${field}`);
  return value(`{${text.join(',')}}`);
}

const literal = (text: string) =>
  `'${text.replace(/[\\'\u2028\u2029]/g, (c) => (c > '\u007f' ? `\\u${c.charCodeAt(0).toString(16)}` : `\\${c}`))}'`;

/** Names that are numbers would change their place in the shell, and values must come back as they were. */
const writable = (fields: Fields) =>
  Object.entries(fields).every(([name, text]) => !/^\d+$/.test(name) && name !== '__proto__' && exact(text));

/** U+FFFD stands for bytes that are no text. */
const exact = (text: string) => !text.includes('\ufffd') && parsed(text) !== null;
