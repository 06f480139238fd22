/**
 * The server the SQL Server tests talk to: one of our own that speaks TDS to the unmodified driver over a model of
 * SQL Server, so that its situations can be played at will. A real one given in DTS_CUTOVER_TEST_SQLSERVER_URL
 * (`sqlserver://user:password@host:port/`, a sysadmin) is used by test/engines/sqlserverReal.test.ts.
 */
import type { ConnectionProfile, ConnectRequest, EngineConnection } from '../../src/engines/engine.ts';
import { sqlserver } from '../../src/engines/sqlserver/index.ts';
import { answer } from './tds/answers.ts';
import { Model } from './tds/model.ts';
import { TdsServer, type Handlers, type TdsOptions } from './tds/server.ts';

export const never = new AbortController().signal;
export const DTS = { databases: ['__tencentdb__'], objects: [] };
export const PROGRAM = 'DTS Cutover';

export class TestServer {
  readonly model = new Model();
  readonly tds: TdsServer;
  private readonly connections: EngineConnection[] = [];

  private constructor(options: TdsOptions) {
    this.tds = new TdsServer(handlersOf(this.model), options);
    this.model.events.on('killed', (spid: number) => this.tds.kill(spid));
  }

  static async start(options: TdsOptions = {}): Promise<TestServer> {
    const server = new TestServer(options);
    await server.tds.start();
    return server;
  }

  request(change: Partial<ConnectRequest> = {}, profile: Partial<ConnectionProfile> = {}): ConnectRequest {
    return {
      profile: {
        id: 'test',
        engine: 'sqlserver',
        nodes: [{ host: '127.0.0.1', port: this.tds.port }],
        user: 'admin',
        database: '',
        tls: { mode: 'off' },
        ...profile,
      },
      password: this.model.logins.get(profile.user ?? 'admin')?.password ?? '',
      programName: PROGRAM,
      timeoutMs: 5_000,
      ...change,
    };
  }

  async connect(
    change: Partial<ConnectRequest> = {},
    profile: Partial<ConnectionProfile> = {},
  ): Promise<EngineConnection> {
    const connection = await sqlserver.connect(this.request(change, profile), never);
    this.connections.push(connection);
    return connection;
  }

  /** An account with no right but to log in, or with those given. */
  addLogin(name: string, rights: readonly string[] = []): void {
    this.model.logins.set(name, { password: `${name}-password`, rights: new Set(rights) });
  }

  /** Resolves when a statement arrives that matches. */
  arrived(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const look = (sql: string) => {
        if (!pattern.test(sql)) return;
        this.model.events.off('asked', look);
        resolve();
      };
      this.model.events.on('asked', look);
    });
  }

  /** The server goes down and comes up on the same port, its counters at zero. */
  async restart(): Promise<void> {
    await this.tds.stop();
    this.model.restart();
    await this.tds.start();
  }

  async stop(): Promise<void> {
    for (const connection of this.connections) await connection.close();
    await this.tds.stop();
  }
}

function handlersOf(model: Model): Handlers {
  return {
    login({ user, password, program, host, database, processId }) {
      model.events.emit('login', user);
      if (model.refuseLogins) return model.refuseLogins;
      const login = model.logins.get(user);
      const refused = { number: 18456, message: `Login failed for user '${user}'.` };
      if (login?.password !== password) return [refused];
      if (database !== '' && !model.databases.has(database)) {
        const message = `Cannot open database "${database}" requested by the login. The login failed.`;
        return [{ number: 4060, message, class: 11 }, refused];
      }
      const own = { login: user, program, host, processId, address: '127.0.0.1', statement: '', lastEnd: null };
      const { spid } = model.addSession({ ...own, database: database || 'master', loggedIn: new Date() });
      return spid;
    },
    ask(spid, sql, kind) {
      model.asked.push({ spid, sql, kind });
      model.events.emit('asked', sql);
      return model.intercept(sql, spid) ?? answer(model, spid, sql);
    },
    attention: (spid) => void model.events.emit('attention', spid),
    ended: (spid) => void model.sessions.delete(spid),
  };
}
