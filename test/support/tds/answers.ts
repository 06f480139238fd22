/** Answers statements from the model. What is no known statement of documented parts is an error. */
import { check, outputNames, VIEWS } from './catalogue.ts';
import { local, type Model, type ModelDatabase, type ModelSession } from './model.ts';
import type { Answer } from './server.ts';
import type { ServerError, Table, Value } from './tokens.ts';

type Record = Readonly<{ [name: string]: string | null }>;

interface Known {
  readonly when: RegExp;
  readonly records: (model: Model, spid: number, sql: string) => readonly Record[];
}

export function answer(model: Model, spid: number, sql: string): Answer {
  // the first is the driver's own
  if (/^(set ansi_nulls on\b|SET LOCK_TIMEOUT \d+; SET DEADLOCK_PRIORITY LOW;)/.test(sql)) return { nothing: true };
  if (sql === 'USE [master]') return useMaster(model, spid);
  const kill = /^KILL (\d+)$/.exec(sql);
  if (kill) return killSession(model, spid, Number(kill[1]));
  if (!/^SELECT\b/.test(sql)) return fail(102, `Incorrect syntax near '${sql.slice(0, 20)}'.`);
  const { views, error } = check(sql);
  if (error) return { errors: [error] };
  const denied = deniedBy(model, spid, views);
  if (denied) return { errors: denied };
  if (sql === 'SELECT * FROM sys.dm_exec_connections') return { table: connections(model) };
  const count = /^SELECT CONVERT\(nvarchar\(20\), COUNT_BIG\(\*\)\) AS row_count FROM (\S+)$/.exec(sql);
  if (count) return countRows(model, count[1] ?? '');
  const missing = /FROM \[((?:[^\]]|\]\])+)\]\.sys\./.exec(sql)?.[1];
  if (missing !== undefined && !model.databases.has(missing.replaceAll(']]', ']'))) {
    return fail(911, `Database '${missing}' does not exist. Make sure that the name is entered correctly.`);
  }
  const known = KNOWN.find(({ when }) => when.test(sql));
  const names = outputNames(sql);
  if (!known || !names) return fail(102, `The test server has no answer to: ${sql}`);
  return { table: tableOf(names, known.records(model, spid, sql)) };
}

function useMaster(model: Model, spid: number): Answer {
  const session = model.sessions.get(spid);
  if (session) session.database = 'master';
  return { nothing: true };
}

const KNOWN: readonly Known[] = [
  { when: /@@SPID$/, records: ownSession },
  { when: /^SELECT SUSER_SNAME\(\) AS account,\s+CONVERT/, records: serverFacts },
  { when: /AS may_open/, records: openable },
  { when: /HAS_PERMS_BY_NAME/, records: permissions },
  { when: /^SELECT SUSER_SNAME\(\) AS account$/, records: (model, spid) => [{ account: account(model, spid) }] },
  { when: /FROM sys\.dm_exec_sessions/, records: sessions },
  { when: /FROM sys\.dm_os_sys_info/, records: (model) => [{ started: time(model.started) }] },
  { when: /FROM sys\.dm_os_performance_counters/, records: counters },
  { when: /FROM sys\.dm_db_index_usage_stats/, records: indexUsage },
  { when: /FROM \(VALUES/, records: tableNames },
  { when: /HAS_DBACCESS/, records: userDatabases },
  { when: /FROM sys\.databases/, records: allDatabases },
  { when: /FROM msdb\.dbo\.sysjobs/, records: (model) => model.jobs },
  { when: /FROM sys\.dm_tran_active_transactions/, records: (model) => model.distributed },
  { when: /AS kind/, records: objects },
];

function tableOf(names: readonly string[], records: readonly Record[]): Table {
  const value = (record: Record, name: string): Value => {
    const found = record[name];
    if (found === undefined) throw new Error(`the test server has no column ${name}`);
    return found;
  };
  return {
    columns: names.map((name) => ({ name, type: 'nvarchar' })),
    rows: records.map((record) => names.map((name) => value(record, name))),
  };
}

function fail(number: number, message: string): Answer {
  return { errors: [{ number, message, class: 16 }] };
}

/** As the server does: what is missing, and that the user may not. */
function deniedBy(model: Model, spid: number, views: ReadonlySet<string>): readonly ServerError[] | null {
  for (const view of views) {
    const needs = VIEWS[view]?.needs;
    if (needs === undefined || model.may(spid, needs)) continue;
    if (needs === 'msdb') {
      const object = view.split('.').at(-1) ?? '';
      const message = `The SELECT permission was denied on the object '${object}', database 'msdb', schema 'dbo'.`;
      return [{ number: 229, message }];
    }
    const right = Number(model.version.split('.')[0]) >= 16 ? needs : 'VIEW SERVER STATE';
    return [
      { number: 300, message: `${right} permission was denied on object 'server', database 'master'.` },
      { number: 297, message: 'The user does not have permission to perform this action.' },
    ];
  }
  return null;
}

function killSession(model: Model, spid: number, target: number): Answer {
  if (!model.may(spid, 'ALTER ANY CONNECTION')) {
    return fail(6102, 'User does not have permission to use the KILL statement.');
  }
  if (target === spid) return fail(6104, 'Cannot use KILL to kill your own process.');
  const session = model.sessions.get(target);
  if (!session) return fail(6106, `Process ID ${target} is not an active process ID.`);
  if (!session.userProcess) return fail(6107, 'Only user processes can be killed.');
  model.sessions.delete(target);
  model.events.emit('killed', target);
  return { nothing: true };
}

function account(model: Model, spid: number): string {
  return model.sessions.get(spid)?.login ?? '';
}

/** CONVERT style 121 */
function time(date: Date | null): string | null {
  return date && local(date).toISOString().replace('T', ' ').replace('Z', '');
}

function ownSession(model: Model, spid: number): Record[] {
  return [
    {
      session_id: String(spid),
      login_time: time(model.sessions.get(spid)?.loggedIn ?? null),
      server_name: model.name,
      machine_name: model.name,
      product_version: model.version,
      engine_edition: model.edition,
    },
  ];
}

function serverFacts(model: Model, spid: number): Record[] {
  const now = new Date();
  return [
    {
      account: account(model, spid),
      utc_now: now.toISOString().replace('T', ' ').replace('Z', ''),
      local_now: time(now),
      updateability: 'READ_WRITE',
      started: time(model.started),
    },
  ];
}

function permissions(model: Model, spid: number): Record[] {
  const split = Number(model.version.split('.')[0]) >= 16;
  const holds = (right: string) => (model.may(spid, right) ? '1' : '0');
  return [
    {
      account: account(model, spid),
      database_name: model.sessions.get(spid)?.database ?? 'master',
      server_state: holds('VIEW SERVER STATE'),
      performance_state: split ? holds('VIEW SERVER PERFORMANCE STATE') : null,
      security_state: split ? holds('VIEW SERVER SECURITY STATE') : null,
      database_state: holds('VIEW DATABASE STATE'),
    },
  ];
}

function sessions(model: Model, spid: number): Record[] {
  const all = model.may(spid, 'VIEW SERVER PERFORMANCE STATE');
  const now = new Date();
  return [...model.sessions.values()]
    .filter((session) => all || session.login === account(model, spid))
    .map((session) => ({ ...sessionRecord(session, spid), server_now: time(now), server_utc: utc(now) }));
}

function utc(date: Date): string {
  return date.toISOString().replace('T', ' ').replace('Z', '');
}

function sessionRecord(session: ModelSession, spid: number): Record {
  const own = session.spid === spid;
  return {
    session_id: String(session.spid),
    login_name: session.login,
    program_name: session.userProcess ? session.program : null,
    host_name: session.userProcess ? session.host : null,
    is_user_process: session.userProcess ? '1' : '0',
    status: own ? 'running' : session.status,
    open_transaction_count: String(session.openTransactions),
    database_name: session.database,
    login_time: time(session.loggedIn),
    last_request_end_time: time(session.lastEnd),
    client_net_address: session.userProcess ? session.address : null,
    request_status: own ? 'running' : (session.request?.status ?? null),
    request_start_time: own ? time(new Date()) : time(session.request?.since ?? null),
    statement: session.statement.slice(0, 2000),
  };
}

function connections(model: Model): Table {
  const columns = (VIEWS['sys.dm_exec_connections']?.columns ?? []).map((name) => ({ name, type: typeOf(name) }));
  const rows = [...model.sessions.values()]
    .filter((session) => session.userProcess)
    .map((session) => columns.map(({ name }) => connectionValue(session, name)));
  return { columns, rows };
}

function typeOf(column: string) {
  if (/_time$|^last_/.test(column)) return 'datetime' as const;
  if (/^(parent_)?connection_id$/.test(column)) return 'uniqueidentifier' as const;
  if (column === 'most_recent_sql_handle') return 'varbinary' as const;
  if (/address$/.test(column)) return 'varchar' as const;
  if (column === 'node_affinity') return 'smallint' as const;
  return /^(net_transport|protocol_type|encrypt_option|auth_scheme)$/.test(column)
    ? ('nvarchar' as const)
    : ('int' as const);
}

function connectionValue(session: ModelSession, column: string): Value {
  switch (column) {
    case 'session_id':
    case 'most_recent_session_id':
      return session.spid;
    case 'connect_time':
      return local(session.loggedIn);
    case 'last_read':
    case 'last_write':
      return session.lastEnd && local(session.lastEnd);
    case 'net_transport':
      return 'TCP';
    case 'protocol_type':
      return 'TSQL';
    case 'encrypt_option':
      return 'FALSE';
    case 'auth_scheme':
      return 'SQL';
    case 'client_net_address':
      return session.address;
    case 'connection_id':
      return `6f9619ff-8b86-d011-b42d-${String(session.spid).padStart(12, '0')}`;
    case 'parent_connection_id':
      return null;
    case 'most_recent_sql_handle':
      return Buffer.from('0200a0ff', 'hex');
    default:
      return typeOf(column) === 'int' || typeOf(column) === 'smallint' ? 0 : null;
  }
}

function counters(model: Model): Record[] {
  const all = [...model.databases.values(), null].filter((database) => database?.state === 0 || database === null);
  return all.flatMap((database) => [
    counter(database, 'Log Bytes Flushed/sec', database?.logBytes ?? 0n),
    counter(database, 'Write Transactions/sec', database?.commits ?? 0n),
    counter(database, 'XTP Memory Used (KB)', database?.memoryOptimisedKb ?? 0n),
  ]);
}

function counter(database: ModelDatabase | null, name: string, value: bigint): Record {
  return { database_name: database?.name ?? '_Total', counter: name, value: String(value) };
}

function indexUsage(model: Model): Record[] {
  return [...model.databases.values()].flatMap((database) =>
    [...database.tables.values()]
      .filter(({ updates }) => updates.some((count) => count > 0n))
      .map(({ objectId, updates }) => ({
        database_id: String(database.id),
        object_id: String(objectId),
        total: String(updates.reduce((sum, count) => sum + count, 0n)),
        statements: String(updates.reduce((most, count) => (count > most ? count : most), 0n)),
      })),
  );
}

function tableNames(model: Model, _spid: number, sql: string): Record[] {
  return [...sql.matchAll(/\((\d+), (\d+)\)/g)].map(([, database = '', object = '']) => {
    const found = [...model.databases.values()].find(({ id }) => String(id) === database);
    const table = [...(found?.tables.values() ?? [])].find(({ objectId }) => String(objectId) === object);
    const names = { schema_name: table?.schema ?? null, object_name: table?.name ?? null };
    return { database_id: database, object_id: object, ...names };
  });
}

function userDatabases(model: Model): Record[] {
  const open = [...model.databases.values()].filter(({ id, state, closed }) => id > 4 && state === 0 && !closed);
  return open.map(({ name }) => ({ name }));
}

/** Public has VIEW ANY DATABASE unless it was taken away. */
function openable(model: Model, spid: number): Record[] {
  const seesAll = !model.may(spid, 'no VIEW ANY DATABASE') || model.may(spid, 'sysadmin');
  return [...model.databases.values()].map(({ id, name, closed }) => ({
    name,
    may_open: closed ? '0' : '1',
    sees_all: seesAll ? '1' : '0',
    of_users: id > 4 ? '1' : '0',
  }));
}

function allDatabases(model: Model): Record[] {
  return [...model.databases.values()].map((database) => ({
    database_id: String(database.id),
    name: database.name,
    cdc: database.cdc ? '1' : '0',
    auto_close: database.autoClose ? '1' : '0',
    distributor: '0',
    state: String(database.state),
  }));
}

function objects(model: Model, _spid: number, sql: string): Record[] {
  const name = /FROM \[((?:[^\]]|\]\])+)\]\.sys\./.exec(sql)?.[1]?.replaceAll(']]', ']') ?? '';
  return [...model.database(name).tables.values()].flatMap(({ schema, name: table, rows }) => {
    const record = (kind: string, object: string, count: string | null): Record => {
      return { kind, schema_name: schema, object_name: object, row_count: count };
    };
    return [record('table', table, String(rows)), record('index', `${table}.PK_${table}`, null)];
  });
}

function countRows(model: Model, name: string): Answer {
  const [database = '', schema = '', table = ''] = [...name.matchAll(/\[((?:[^\]]|\]\])+)\]/g)].map((part) =>
    (part[1] ?? '').replaceAll(']]', ']'),
  );
  const found = model.databases.get(database)?.tables.get(`${schema}.${table}`);
  if (!found) return fail(208, `Invalid object name '${database}.${schema}.${table}'.`);
  return { table: tableOf(['row_count'], [{ row_count: String(found.rows) }]) };
}
