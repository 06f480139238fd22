/**
 * Databases in memory behind the TDS test server. Every statement is parsed and evaluated by an implementation of its
 * own of what SQL Server documents, so that a statement that is wrong gives a wrong answer or an error here.
 */
import type { Model } from '../model.ts';
import type { Answer } from '../server.ts';
import type { Statement } from './ast.ts';
import { parse } from './parser.ts';
import { select, type Relation, type World } from './query.ts';
import { Database } from './store.ts';
import { systemView } from './systemViews.ts';
import { Moment, SqlError, type Typed } from './values.ts';

/** About the server and its sessions: what the model answers. */
const OF_THE_MODEL =
  /^USE |^KILL |@@SPID|sys\.dm_|SUSER_SNAME|HAS_DBACCESS|SET LOCK_TIMEOUT|set ansi_nulls|msdb|d\.is_distributor|AS kind, s\.name AS schema_name, t\.name AS object_name/i;

interface SessionState {
  contextInfo: Buffer;
  snapshotLevel: boolean;
  depth: number;
  /** tables as they were when the transaction first looked */
  view: Map<string, Relation> | null;
}

export class DigestServer {
  readonly databases = new Map<string, Database>();
  private readonly sessions = new Map<number, SessionState>();
  /** tables whose readers wait for a lock: their statements never end */
  readonly locked = new Set<string>();
  otherFloats = false;

  constructor(private readonly model: Model) {
    model.intercept = (sql, spid) => this.answer(sql, spid);
  }

  addDatabase(name: string, collation = 'SQL_Latin1_General_CP1_CI_AS'): Database {
    this.model.addDatabase(name);
    // Azure SQL Database says 12 and has what is newest
    const level = this.model.edition === '5' ? 17 : Number(this.model.version.split('.')[0]);
    const ways = { level, otherFloats: this.otherFloats };
    const database = new Database(name, collation, ways);
    this.databases.set(name, database);
    return database;
  }

  private answer(sql: string, spid: number): Answer | null {
    const database = this.databases.get(this.model.sessions.get(spid)?.database ?? '');
    if (!database || OF_THE_MODEL.test(sql)) return null;
    const kind = this.model.asked.at(-1)?.kind ?? 'batch';
    try {
      let answer: Answer = { nothing: true };
      for (const statement of parse(sql)) answer = this.execute(statement, database, spid, kind);
      return answer;
    } catch (error) {
      if (error instanceof Waiting) return { hang: true };
      if (error instanceof SqlError) return { errors: [{ number: error.number, message: error.message, class: 16 }] };
      // what the evaluator does not know must not pass for an answer
      return {
        errors: [{ number: 50_000, message: `The test server gave up: ${String(error)} in ${sql}`, class: 16 }],
      };
    }
  }

  private execute(statement: Statement, database: Database, spid: number, kind: 'batch' | 'rpc'): Answer {
    const session = this.session(spid);
    switch (statement.is) {
      case 'select':
        return { table: tableOf(select(statement.select, this.world(database, session, spid), null)) };
      case 'set':
        // what sp_executesql sets ends with it
        if (kind === 'batch') set(session, statement.option, statement.value);
        return { nothing: true };
      case 'rollback':
        session.depth = 0;
        session.view = null;
        return { nothing: true };
      case 'begin':
        if (kind === 'rpc')
          throw new SqlError(
            266,
            'Transaction count after EXECUTE indicates a mismatching number of BEGIN and COMMIT statements.',
          );
        session.depth++;
        return { nothing: true };
      default:
        throw new Error(`only the tests themselves may ${statement.is}`);
    }
  }

  private session(spid: number): SessionState {
    const known = this.sessions.get(spid);
    if (known) return known;
    const session = { contextInfo: Buffer.alloc(0), snapshotLevel: false, depth: 0, view: null };
    this.sessions.set(spid, session);
    return session;
  }

  private world(database: Database, session: SessionState, spid: number): World {
    const rights = this.model.logins.get(this.model.sessions.get(spid)?.login ?? '')?.rights ?? new Set<string>();
    const all = rights.has('sysadmin');
    return {
      ...database.ways,
      database: database.name,
      login: this.model.sessions.get(spid)?.login ?? '',
      contextInfo: session.contextInfo,
      depth: session.depth,
      may: (kind, name, right) => {
        if (right === 'UNMASK' && database.ways.level < 13) return null;
        return (
          all ||
          rights.has(kind === 'OBJECT' ? `${right} ON ${name}` : right) ||
          (kind === 'OBJECT' && rights.has(right))
        );
      },
      relation: (name) => this.relation(name, database, session),
    };
  }

  private relation(name: readonly string[], database: Database, session: SessionState): Relation {
    if (name[0] === 'sys') return look(systemView(name[1] ?? '', database), database, session);
    const table = database.table(name);
    if (this.locked.has(table.name) && !session.snapshotLevel) throw new Waiting();
    const { view } = seen(database, session);
    return view?.get(`${table.schema}.${table.name}`) ?? database.relation(table);
  }
}

/** A lock that is not given up. */
class Waiting extends Error {}

function look(relation: Relation, database: Database, session: SessionState): Relation {
  seen(database, session);
  return relation;
}

/** The first look of a SNAPSHOT transaction keeps what is there now. */
function seen(database: Database, session: SessionState): SessionState {
  if (!session.snapshotLevel) return session;
  if (!database.snapshots)
    throw new SqlError(3952, `Snapshot isolation transaction failed accessing database '${database.name}'.`);
  if (session.depth > 0) {
    session.view ??= new Map([...database.tables].map(([name, table]) => [name, database.relation(table)]));
  }
  return session;
}

const OPTIONS =
  /^(ANSI_WARNINGS|ANSI_PADDING|ARITHABORT|CONCAT_NULL_YIELDS_NULL|NUMERIC_ROUNDABORT|XACT_ABORT|DATEFORMAT|TEXTSIZE|LOCK_TIMEOUT)$/;

function set(session: SessionState, option: string, value: string): void {
  if (option === 'CONTEXT_INFO') session.contextInfo = Buffer.from(value, 'hex');
  else if (option === 'TRANSACTION ISOLATION LEVEL') session.snapshotLevel = value.toUpperCase() === 'SNAPSHOT';
  else if (option === 'TRANSACTION ISOLATION LEVEL READ') session.snapshotLevel = false;
  else if (!OPTIONS.test(option)) throw new SqlError(195, `'${option}' is not a recognized SET option.`);
}

function tableOf({ columns, types, rows }: Relation): Extract<Answer, { table: unknown }>['table'] {
  const long = types.map((type) => type.size === -1);
  return {
    columns: columns.map((name, i) => ({ name, type: long[i] === true ? 'nvarchar(max)' : 'nvarchar' })),
    rows: rows.map((row) => row.map(sent)),
  };
}

/** The digest asks for texts and small numbers only; anything else would lose digits in the driver. */
function sent({ type, value }: Typed): string | null {
  if (value === null) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Moment) throw new Error('a time on the wire');
  throw new Error(`a ${type.name} on the wire`);
}
