/** What the parser makes of a statement. */
import type { SqlType, Typed } from './values.ts';

export type Expr =
  | { readonly is: 'literal'; readonly value: Typed }
  | { readonly is: 'column'; readonly parts: readonly string[] }
  | { readonly is: 'variable'; readonly name: string }
  | { readonly is: 'binary'; readonly op: string; readonly left: Expr; readonly right: Expr }
  | { readonly is: 'not' | 'negative'; readonly of: Expr }
  | { readonly is: 'null'; readonly of: Expr; readonly not: boolean }
  | { readonly is: 'in'; readonly of: Expr; readonly list: readonly Expr[]; readonly not: boolean }
  | { readonly is: 'between'; readonly of: Expr; readonly low: Expr; readonly high: Expr }
  | { readonly is: 'case'; readonly whens: readonly { when: Expr; then: Expr }[]; readonly other: Expr | null }
  | { readonly is: 'cast'; readonly of: Expr; readonly to: SqlType; readonly style: Expr | null }
  | {
      readonly is: 'call';
      readonly name: string;
      readonly args: readonly Expr[];
      readonly over: readonly Expr[] | null;
    }
  | { readonly is: 'star' }
  | { readonly is: 'scalar' | 'exists'; readonly select: Select }
  | { readonly is: 'collate'; readonly of: Expr; readonly collation: string };

export interface Select {
  readonly top: Expr | null;
  readonly items: readonly { readonly of: Expr; readonly name: string }[];
  readonly from: readonly Source[];
  readonly where: Expr | null;
  readonly group: readonly Expr[];
  readonly order: readonly { readonly of: Expr; readonly down: boolean }[];
}

export interface Source {
  readonly join: 'cross' | 'inner' | 'left';
  readonly on: Expr | null;
  readonly alias: string;
  readonly relation:
    | { readonly is: 'table'; readonly name: readonly string[] }
    | { readonly is: 'select'; readonly select: Select }
    | { readonly is: 'values'; readonly rows: readonly (readonly Expr[])[]; readonly columns: readonly string[] };
}

export interface ColumnDefinition {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly identity: boolean;
  readonly computed: Expr | null;
}

export type Statement =
  | { readonly is: 'select'; readonly select: Select }
  | { readonly is: 'set'; readonly option: string; readonly value: string }
  | { readonly is: 'begin' }
  | { readonly is: 'rollback' }
  | {
      readonly is: 'create table';
      readonly name: readonly string[];
      readonly columns: readonly ColumnDefinition[];
      readonly keys: readonly { readonly primary: boolean; readonly columns: readonly string[] }[];
    }
  | {
      readonly is: 'insert';
      readonly name: readonly string[];
      readonly columns: readonly string[] | null;
      readonly rows: readonly (readonly Expr[])[];
    }
  | {
      readonly is: 'update';
      readonly name: readonly string[];
      readonly set: readonly { readonly column: string; readonly to: Expr }[];
      readonly where: Expr | null;
    }
  | { readonly is: 'delete'; readonly name: readonly string[]; readonly where: Expr | null }
  | { readonly is: 'drop table'; readonly name: readonly string[] };
