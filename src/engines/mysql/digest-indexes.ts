/** Indexes and foreign keys: by what they are over, as their names do not matter. */
import type { SchemaObject } from '../../comparison/port.ts';
import { fillerCondition } from './digest-catalog.ts';
import type { Created } from './digest-created.ts';
import { plainExpression } from './digest-expression.ts';
import type { Cell, Snapshot } from './digest-snapshot.ts';
import { quoteText } from './text.ts';

export interface IndexReader {
  readonly snapshot: Snapshot;
  readonly created: Created;
  /** takes the database's own name out of an expression */
  readonly normalised: (expression: string) => string;
}

export async function readIndexes(
  { snapshot, created, normalised }: IndexReader,
  signal: AbortSignal,
): Promise<SchemaObject[]> {
  const { database } = snapshot;
  const columns = await snapshot.ask(
    `SELECT COLUMN_NAME FROM information_schema.COLUMNS
      WHERE TABLE_SCHEMA = 'information_schema' AND TABLE_NAME = 'STATISTICS'`,
    signal,
  );
  const has = (column: string) => columns.some(([name]) => name === column);
  const rows = await snapshot.ask(
    `SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, LOWER(INDEX_TYPE), ${snapshot.dialect.unusedIndex}, COLUMN_NAME, SUB_PART, COLLATION,
            ${has('EXPRESSION') ? 'EXPRESSION' : 'NULL'}
       FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ${quoteText(database)}
      ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`,
    signal,
  );
  const fillers = new Set(
    (
      await snapshot.ask(
        `SELECT TABLE_NAME FROM information_schema.COLUMNS c WHERE c.TABLE_SCHEMA = ${quoteText(database)} AND ${fillerCondition('c')}`,
        signal,
      )
    ).map(([table]) => table ?? ''),
  );
  const parsers = await readParsers(
    created,
    rows.flatMap(([table, , , type]) => (type === 'fulltext' ? [table ?? ''] : [])),
  );
  return groups(rows).map(([[table, index, free, type, ignored], parts]) => {
    const overIn = (spelled: (expression: string) => string) =>
      parts.map(([, , , , , column, part, , expression]) =>
        [column ?? `(${spelled(normalised(expression ?? ''))})`, part].filter((text) => text != null).join(':'),
      );
    const over = overIn((expression) => expression);
    const plain = overIn((expression) => plainExpression(expression).form);
    const named = (columns: readonly string[]) => `${free === '0' ? 'unique ' : ''}${type} (${columns.join(', ')})`;
    // the case of a letter makes no other column
    const folded = plain.map((part, i) => (parts[i]?.[5] == null ? part : part.toLowerCase()));
    const orders = parts.map(([, , , , , , , order], i) => (order === 'D' ? `${folded[i]} DESC` : folded[i]));
    const filler = fillers.has(table ?? '') && index === 'PRIMARY';
    return {
      ...{ kind: 'index', schema: null, table: { database, schema: null, name: table ?? '' }, definition: '' },
      ...{ name: named(over), foundBy: named(folded), ...(filler ? { part: true } : { refuses: free === '0' }) },
      traits: [
        // MySQL 5.7 reads DESC and forgets it
        { name: 'order', value: `(${orders.join(', ')})`, weight: 'spelled' },
        { name: 'PRIMARY KEY', value: index === 'PRIMARY' ? 'yes' : 'no', weight: 'counts' },
        // FORCE INDEX names it
        { name: 'name', value: index ?? '', weight: 'told' },
        { name: 'used by queries', value: ignored === '1' ? 'no' : 'yes', weight: 'counts' },
        ...(type === 'fulltext'
          ? [
              {
                name: 'PARSER',
                value: parsers.get(JSON.stringify([table, index])) ?? 'none',
                weight: 'counts',
              } as const,
            ]
          : []),
      ],
    };
  });
}

/** No catalog has them: which words a FULLTEXT index finds. By table and index; those of the server's own are left out. */
async function readParsers(created: Created, tables: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const table of new Set(tables)) {
    for (const [, index, rest] of (await created.table(table)).matchAll(/^\s*FULLTEXT KEY `((?:[^`]|``)+)` (.*)$/gm)) {
      // a comment may say anything
      const parser = /WITH PARSER `((?:[^`]|``)+)`/.exec((rest ?? '').replace(/'(?:[^'\\]|''|\\.)*'/g, ''))?.[1];
      if (parser !== undefined) found.set(JSON.stringify([table, (index ?? '').replaceAll('``', '`')]), parser);
    }
  }
  return found;
}

/** Where they lead may have another name on the target, in another database too. */
export async function readForeignKeys(snapshot: Snapshot, signal: AbortSignal): Promise<SchemaObject[]> {
  const { database } = snapshot;
  const rows = await snapshot.ask(
    `SELECT k.TABLE_NAME, k.CONSTRAINT_NAME, k.COLUMN_NAME, k.REFERENCED_TABLE_SCHEMA, k.REFERENCED_TABLE_NAME,
            k.REFERENCED_COLUMN_NAME, r.UPDATE_RULE, r.DELETE_RULE
       FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.REFERENTIAL_CONSTRAINTS r
         ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
      WHERE k.TABLE_SCHEMA = ${quoteText(database)} AND k.REFERENCED_TABLE_NAME IS NOT NULL
      ORDER BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION`,
    signal,
  );
  return groups(rows).map(([[table, , , inDatabase, other, , update, remove], parts]) => ({
    ...{ kind: 'constraint', schema: null, table: { database, schema: null, name: table ?? '' } },
    name: `foreign key (${parts.map(([, , column]) => column).join(', ')})`,
    refersTo: {
      table: { database: inDatabase ?? database, schema: null, name: other ?? '' },
      columns: `(${parts.map(([, , , , , column]) => column).join(', ')})`,
    },
    definition: `${rule(update)} ${rule(remove)}`,
    exact: true,
  }));
}

/** To InnoDB both mean the same; MySQL and MariaDB call what nobody chose by different names. */
const rule = (name: Cell | undefined) => (name === 'NO ACTION' ? 'RESTRICT' : (name ?? ''));

type Row = readonly Cell[];

/** Rows of one table and one name, which follow one another; the first of them stands for all. */
function groups(rows: readonly Row[]): [Row, readonly Row[]][] {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify([row[0], row[1]]);
    const group = found.get(key);
    if (group) group.push(row);
    else found.set(key, [row]);
  }
  return [...found.values()].map((group) => [group[0] ?? [], group]);
}
