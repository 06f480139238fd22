/** A database server of the sandbox, whatever its product: what the world, the tests and the ledger need of it. */

export interface Login {
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
}

export type Row = Readonly<Record<string, unknown>>;

export interface Queryable {
  /** a statement in the product's own language: SQL, or for MongoDB a command in extended JSON */
  query(sql: string): Promise<{ readonly rows: readonly Row[] }>;
}

export interface SqlSession extends Queryable {
  end(): Promise<void>;
}

export interface SandboxServer {
  readonly host: string;
  readonly port: number;
  /** where its data lies; gone after `stop` */
  readonly folder: string;
  /** a connected session, by default of the administrator */
  connect(login?: Login): Promise<SqlSession>;
  /** stops the server and keeps the folder; `immediate` is a crash */
  halt(mode?: 'fast' | 'immediate'): Promise<void>;
  /** halts it if it runs, and starts it again on the same port */
  restart(mode?: 'fast' | 'immediate'): Promise<void>;
  /** leaves no process and no folder */
  stop(): Promise<void>;
}

/** The value as text, e.g. of a count; '' for none. */
export function textIn(row: Row | undefined, column: string): string {
  const value = row?.[column];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
