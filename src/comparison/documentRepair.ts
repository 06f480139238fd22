/** Statements that would make the target's documents what the source's are. For reading and editing; nothing runs them. */
import type { ObjectName } from '../cutover/facts.ts';
import type { DocumentRepair } from './port.ts';
import type { RowDifference } from './result.ts';

/** Deletions first, so that unique values are free. What cannot be written exactly gives a comment instead. */
export function documentStatements(
  dialect: DocumentRepair,
  target: ObjectName,
  differences: readonly RowDifference[],
): string[] {
  const rank = { extra: 0, changed: 1, missing: 2 } as const;
  return [...differences]
    .sort((a, b) => rank[a.kind] - rank[b.kind])
    .map((difference) => statement(dialect, target, difference));
}

function statement(
  dialect: DocumentRepair,
  target: ObjectName,
  { kind, key, source, cut, digest }: RowDifference,
): string {
  const [id = ''] = Object.values(key);
  const call = kind === 'extra' ? dialect.delete(id) : written(dialect, kind, id, digest ? null : source, cut ?? []);
  if (call !== null) return `${dialect.collection(target)}.${call};`;
  return comment(`${dialect.collection(target)} ${id}: this document cannot be written here exactly`);
}

function written(
  dialect: DocumentRepair,
  kind: 'changed' | 'missing',
  id: string,
  source: RowDifference['source'],
  cut: readonly string[],
): string | null {
  if (!source || cut.length > 0) return null;
  const fields: [string, string][] = [];
  for (const [name, text] of Object.entries(source)) {
    if (text === null) return null;
    fields.push([name, text]);
  }
  return dialect[kind === 'changed' ? 'replace' : 'insert'](id, Object.fromEntries(fields));
}

/** On one line, whatever the text: a value must not end the comment. */
const comment = (text: string) => `// ${text.replace(/[\r\n\u2028\u2029]+/g, ' ')}`;
