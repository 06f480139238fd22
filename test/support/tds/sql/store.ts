/** Databases in memory: tables with typed rows, and what else the catalog tells about them. */
import type { ColumnDefinition, Expr, Statement } from './ast.ts';
import { convert, type Ways } from './convert.ts';
import { parse } from './parser.ts';
import { evaluate, truth, type Relation, type World } from './query.ts';
import { integer, plain, SqlError, typed, type SqlType, type Typed } from './values.ts';

export interface StoredColumn extends ColumnDefinition {
  readonly id: number;
  masked: boolean;
}

export interface StoredIndex {
  readonly name: string;
  readonly primary: boolean;
  readonly columns: readonly string[];
  filter: string | null;
  unique: boolean;
  disabled: boolean;
}

export interface StoredTable {
  readonly id: number;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly StoredColumn[];
  readonly indexes: StoredIndex[];
  /** replaced, never changed: who has it keeps what he saw */
  rows: readonly (readonly Typed[])[];
  lastIdentity: bigint | null;
  readonly flags: Set<'in memory' | 'external' | 'graph' | 'filtered'>;
}

/** Rows of catalog views that are not made from tables: view → rows as plain values. */
export type Extra = Record<string, readonly Readonly<Record<string, string | number | bigint | null>>[]>;

export class Database {
  readonly tables = new Map<string, StoredTable>();
  snapshots = true;
  rowVersions = false;
  extra: Extra = {};
  private nextId = 1000;

  constructor(
    readonly name: string,
    readonly collation: string,
    readonly ways: Ways,
  ) {}

  /** What a test prepares; one after the other. */
  run(sql: string): void {
    for (const statement of parse(sql)) this.execute(statement);
  }

  table(name: readonly string[]): StoredTable {
    const found = this.tables.get(keyOf(name));
    if (!found) throw new SqlError(208, `Invalid object name '${name.join('.')}'.`);
    return found;
  }

  /** The table's rows with the types of its columns, computed columns included. */
  relation(table: StoredTable, rows = table.rows): Relation {
    const types = table.columns.map((column): SqlType => ({ ...column.type, fromColumn: true }));
    return {
      columns: table.columns.map(({ name }) => name),
      types,
      rows: rows.map((row) => row.map((value, i) => typed(types[i] ?? value.type, value.value))),
    };
  }

  private execute(statement: Statement): void {
    switch (statement.is) {
      case 'create table':
        return this.create(statement);
      case 'drop table':
        this.tables.delete(keyOf(statement.name));
        return;
      case 'insert':
        return this.insert(statement);
      case 'update': {
        const table = this.table(statement.name);
        this.replace(table, (row) =>
          this.holds(statement.where, table, row) ? this.changed(table, row, statement.set) : row,
        );
        return;
      }
      case 'delete': {
        const table = this.table(statement.name);
        table.rows = table.rows.filter((row) => !this.holds(statement.where, table, row));
        return;
      }
      default:
        throw new Error(`the test's own statements do not ${statement.is}`);
    }
  }

  private create({ name, columns, keys }: Extract<Statement, { is: 'create table' }>): void {
    const id = this.nextId++;
    const inKey = new Set(keys.filter(({ primary }) => primary).flatMap((key) => key.columns));
    const [schema, table] = name.length > 1 ? [name[0] ?? '', name[1] ?? ''] : ['dbo', name[0] ?? ''];
    this.tables.set(`${schema}.${table}`, {
      id,
      schema,
      name: table,
      columns: columns.map((column, i) => ({
        ...column,
        id: i + 1,
        masked: false,
        nullable: column.nullable && !inKey.has(column.name),
        type:
          column.type.collation === null ? column.type : { ...column.type, collation: this.collationOf(column.type) },
      })),
      indexes: keys.map(({ primary, columns: own }, i) => ({
        name: `${primary ? 'PK' : 'UQ'}_${table}_${i}`,
        primary,
        columns: own,
        filter: null,
        unique: true,
        disabled: false,
      })),
      rows: [],
      lastIdentity: null,
      flags: new Set(),
    });
  }

  private collationOf(type: SqlType): string {
    return type.collation === 'SQL_Latin1_General_CP1_CI_AS' ? this.collation : (type.collation ?? this.collation);
  }

  private insert({ name, columns, rows }: Extract<Statement, { is: 'insert' }>): void {
    const table = this.table(name);
    const settable = table.columns.filter((column) => column.computed === null && column.type.name !== 'timestamp');
    const names = columns ?? settable.map((column) => column.name);
    const added = rows.map((row) => {
      const given = new Map(names.map((column, i) => [column, row[i]] as const));
      return this.complete(table, (column) => this.value(given.get(column.name) ?? null, column, table, null));
    });
    table.rows = [...table.rows, ...added];
    this.check(table);
  }

  private replace(table: StoredTable, change: (row: readonly Typed[]) => readonly Typed[]): void {
    table.rows = table.rows.map(change);
    this.check(table);
  }

  private changed(
    table: StoredTable,
    row: readonly Typed[],
    set: readonly { column: string; to: Expr }[],
  ): readonly Typed[] {
    return this.complete(table, (column, i) => {
      const found = set.find((each) => each.column === column.name);
      return found ? this.value(found.to, column, table, row) : (row[i] ?? integer(null));
    });
  }

  /** Numbers what the server numbers, and computes what it computes. */
  private complete(table: StoredTable, of: (column: StoredColumn, i: number) => Typed): Typed[] {
    const row = table.columns.map((column, i) => {
      if (column.type.name === 'timestamp')
        return typed(column.type, Buffer.from(`${this.nextId++}`.padStart(8, '0'), 'latin1'));
      const value = of(column, i);
      if (!column.identity) return value;
      table.lastIdentity = value.value === null ? (table.lastIdentity ?? 0n) + 1n : BigInt(plain(value.value));
      return typed(column.type, table.lastIdentity);
    });
    table.columns.forEach((column, i) => {
      if (column.computed) row[i] = evaluate(column.computed, this.place(table, row));
    });
    return row;
  }

  private value(of: Expr | null, column: StoredColumn, table: StoredTable, row: readonly Typed[] | null): Typed {
    if (!of) return typed(column.type, null);
    const given = evaluate(of, this.place(table, row));
    // a column takes the characters of its own code page
    const found = convert({ ...given, type: { ...given.type, collation: null } }, column.type, null, this.ways);
    return typed(column.type, found.value);
  }

  private holds(where: Expr | null, table: StoredTable, row: readonly Typed[]): boolean {
    return where === null || truth(evaluate(where, this.place(table, row)));
  }

  private place(table: StoredTable, row: readonly Typed[] | null) {
    const { columns, types } = this.relation(table, []);
    const values = row?.map((value, i) => typed(types[i] ?? value.type, value.value));
    const bound = values ? [{ alias: table.name, columns, values }] : [];
    const world = { ...this.ways, database: this.name, login: 'dbo', contextInfo: Buffer.alloc(0), depth: 0 };
    const full: World = { ...world, may: () => true, relation: (name) => this.relation(this.table(name)) };
    return {
      world: full,
      scope: { bound, outer: null },
      group: null,
      keys: [],
      inAggregate: false,
      numbers: new Map(),
    };
  }

  /** No NULL where there may be none, no two alike where one is allowed. */
  private check(table: StoredTable): void {
    for (const row of table.rows) {
      table.columns.forEach((column, i) => {
        if (!column.nullable && row[i]?.value === null)
          throw new SqlError(515, `Cannot insert NULL into '${column.name}'.`);
      });
    }
  }
}

export const keyOf = (name: readonly string[]) => (name.length > 1 ? name.slice(-2).join('.') : `dbo.${name[0] ?? ''}`);
