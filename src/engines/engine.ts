/**
 * The port every engine implements. An adapter knows one server product: how to connect, what its session list
 * means, what moves when somebody writes. It decides nothing: classes and gates live in `cutover/`.
 * Every waiting call takes an AbortSignal, has a time limit of its own and rejects with a `Failure`
 * whose sentence names host:port and never a secret.
 */
import type { WriteWatch } from '../comparison/proofPort.ts';
import type {
  EngineKind,
  MovedKind,
  ObjectName,
  PendingWriter,
  PositionFacts,
  RightFacts,
  RightsScope,
  ServerFacts,
  SessionList,
  Visibility,
} from '../cutover/facts.ts';
import type { HeartbeatRule } from '../cutover/heartbeatTables.ts';
import type { Sentence } from '../util/sentence.ts';

export interface TlsOptions {
  /**
   * `off`; `required`: encrypted, certificate not checked; `verify-ca`: signed by the authority, whatever name it is for;
   * `verify-full`: the host name or address checked too; `pinned`: the server's certificate is one of those in `pin`,
   * whoever signed it
   */
  readonly mode: 'off' | 'required' | 'verify-ca' | 'verify-full' | 'pinned';
  /** fingerprints (SHA-256) of the server's certificate, `AB:CD:…`, separated by commas */
  readonly pin?: string | undefined;
  /** PEM file with the certificate authority, or with the server's own self-signed certificate, for the modes that verify */
  readonly caFile?: string | undefined;
  /** PEM files of the client's own certificate and its key, where the server asks for one */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** Where one server answers. */
export interface ServerNode {
  readonly host: string;
  /** of a named instance that of SQL Server Browser, which tells the instance's own */
  readonly port: number;
  /** SQL Server: the name of an instance, where no port is given */
  readonly instance?: string | undefined;
}

export interface ConnectionProfile {
  /** stable id; the password is kept under it */
  readonly id: string;
  readonly engine: EngineKind;
  /** one for most; several for a MongoDB replica set or mongos */
  readonly nodes: readonly ServerNode[];
  readonly user: string;
  /** the database to connect to first; '' for the engine's default */
  readonly database: string;
  readonly tls: TlsOptions;
  /** MongoDB: replica set name and authentication database */
  readonly replicaSet?: string | undefined;
  readonly authSource?: string | undefined;
}

export interface ConnectRequest {
  readonly profile: ConnectionProfile;
  readonly password: string;
  /** of the client key, where it has one */
  readonly keyPassphrase?: string | undefined;
  /** seen in the server's session list; ours are recognised by it together with their ids */
  readonly programName: string;
  /** limit for connecting and for each single answer, milliseconds */
  readonly timeoutMs: number;
}

/** What belongs to DTS on a server, for telling its writes from others'. */
export interface DtsFootprint {
  /** databases that are DTS's own, e.g. `__tencentdb__` */
  readonly databases: readonly string[];
  /** single objects, e.g. `postgres.public.identify` as {database, schema, name} */
  readonly objects: readonly ObjectName[];
  /** tables in which monitors write, which the user's rule sets aside */
  readonly heartbeats?: readonly HeartbeatTable[] | undefined;
}

/** null stands for any; engines without schemas have none to compare */
export interface HeartbeatTable {
  readonly database: string | null;
  readonly schema: string | null;
  readonly name: string;
}

export interface ObjectFacts {
  readonly kind:
    | 'table'
    | 'view'
    | 'materialized view'
    | 'routine'
    | 'trigger'
    | 'event'
    | 'sequence'
    | 'index'
    | 'constraint'
    | 'collection';
  readonly object: ObjectName;
  /** rows by the server's statistics; null where it keeps none */
  readonly estimatedRows: number | null;
}

/** An object of a server as the statement that makes it again. */
export interface CarriedObject {
  readonly kind: MovedKind | 'account' | 'grant';
  /** null for what belongs to the server as a whole */
  readonly database: string | null;
  readonly schema: string | null;
  readonly name: string;
  /** without passwords and their hashes; null where none can be made */
  readonly statement: string | null;
  /** why there is none, or why there may be more */
  readonly why?: Sentence;
}

/** How far DTS has confirmed to have read the source's log, as the source itself knows it. */
export interface ReadByDts {
  /** bytes of the log behind the slot that lags most */
  readonly behindBytes: number;
}

export interface Engine {
  readonly kind: EngineKind;
  connect(request: ConnectRequest, signal: AbortSignal): Promise<EngineConnection>;
}

/** A working connection (an adapter may keep several sockets behind it). After `close` nothing is left open. */
export interface EngineConnection {
  /** read when the connection was made */
  readonly server: ServerFacts;
  /** asks again, e.g. to see a restart */
  readServer(signal: AbortSignal): Promise<ServerFacts>;
  /** the runbook's own query, normalised, with its raw rows */
  listSessions(signal: AbortSignal): Promise<SessionList>;
  checkVisibility(signal: AbortSignal): Promise<Visibility>;
  /**
   * Whether this account may do what every later step needs, found out by reading grants or by doing what changes
   * nothing. `scope` null for the whole server. A right that is missing is an answer, never a rejection.
   */
  checkRights(scope: readonly RightsScope[] | null, signal: AbortSignal): Promise<readonly RightFacts[]>;
  /** `since` is the `token` of an earlier reading of the same server, null at the first */
  readWritePosition(since: string | null, dts: DtsFootprint, signal: AbortSignal): Promise<PositionFacts>;
  /** which tables were written, for proofs; left out by an engine that cannot tell: nothing is proven there */
  readonly writes?: WriteWatch;
  /**
   * by the slots of DTS's accounts; null where there is none. A sign beside DTS's own figures that opens nothing; only
   * PostgreSQL has it
   */
  readonly readByDts?: (accounts: readonly string[], signal: AbortSignal) => Promise<ReadByDts | null>;
  /** enabled schedules and prepared transactions */
  listPendingWriters(signal: AbortSignal): Promise<readonly PendingWriter[]>;
  /**
   * ends one session of somebody else's; the user has confirmed it. Waits until it is gone where the server can say so;
   * one that is gone already is nothing to do
   */
  terminateSession(id: string, signal: AbortSignal): Promise<void>;
  /** user databases this account can see, without the server's own and DTS's */
  listDatabases(signal: AbortSignal): Promise<readonly string[]>;
  /** user objects of one database */
  listObjects(database: string, signal: AbortSignal): Promise<readonly ObjectFacts[]>;
  /** accounts, roles, grants, and the programs of these databases, for what a task leaves out; not every engine tells */
  readonly listCarryOver?: (databases: readonly string[], signal: AbortSignal) => Promise<readonly CarriedObject[]>;
  /** exact number of rows (documents) of one table */
  countRows(table: ObjectName, signal: AbortSignal): Promise<number>;
  close(): Promise<void>;
}

/** Default footprint of DTS, per engine; settings may add to it. */
export const DTS_FOOTPRINT: Readonly<Record<EngineKind, DtsFootprint>> = {
  mysql: { databases: ['__tencentdb__'], objects: [] },
  postgres: {
    databases: ['__tencentdb__'],
    objects: [{ database: 'postgres', schema: 'public', name: 'identify' }],
  },
  sqlserver: { databases: ['__tencentdb__'], objects: [] },
  mongodb: { databases: ['__tencentdb__', 'TencentDTSData'], objects: [] },
};

/** What is set aside on a server of this kind. */
export function footprintOf(engine: EngineKind, rules: readonly HeartbeatRule[]): DtsFootprint {
  return { ...DTS_FOOTPRINT[engine], heartbeats: rules.flatMap((rule) => tablesOf(engine, rule)) };
}

/** A rule in three parts is none for MySQL, which has no schemas; MongoDB's names of collections may hold dots. */
function tablesOf(engine: EngineKind, [first = '', second = '', third]: HeartbeatRule): HeartbeatTable[] {
  const any = (name: string) => (name === '*' ? null : name);
  if (engine === 'postgres' || engine === 'sqlserver') {
    return third === undefined
      ? [{ database: null, schema: any(first), name: second }]
      : [{ database: any(first), schema: any(second), name: third }];
  }
  if (third === undefined) return [{ database: any(first), schema: null, name: second }];
  return engine === 'mongodb' ? [{ database: any(first), schema: null, name: `${second}.${third}` }] : [];
}
