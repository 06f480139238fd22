/**
 * The sandbox, composed: two databases, a business that writes, a migration that moves it, and a DTS service that
 * tells about it, with everything the extension needs to be told to use them.
 *
 *     const world = await startWorld({ engine: 'postgres', log: console.log });
 *     await world.business.pause();              // stop the business
 *     await world.business.ledger.check(client); // is every committed row on that server?
 *     await world.stop();                        // no process, port or folder is left
 */
import { randomBytes } from 'node:crypto';
import { ensureMariaDb, ensureMySql } from '../scripts/provision.ts';
import type { ConnectionProfile } from '../src/engines/engine.ts';
import type { Business } from './business/shop.ts';
import { SHOP_DATABASE } from './business/schema.ts';
import { decorativeTasks } from './dts/decorative.ts';
import type { FaultInput } from './dts/faults.ts';
import { startDtsService, type DtsService, type SandboxTask } from './dts/service.ts';
import type { Account } from './migration/accounts.ts';
import type { Migration } from './migration/migration.ts';
import type { Stage, StageOptions } from './migration/stage.ts';
import type { SandboxServer } from './server.ts';

/** The engines there is a sandbox for. */
export const WORLD_ENGINES = ['postgres', 'mysql', 'mariadb', 'mongodb'] as const;
export type WorldEngine = (typeof WORLD_ENGINES)[number];

export interface WorldOptions extends Omit<StageOptions, 'jobId'> {
  readonly engine: WorldEngine;
  /** how many more tasks stand in the list and move nothing; default 30 */
  readonly decorativeTasks?: number | false;
  /** faults of the DTS service from the beginning; `control` changes them later */
  readonly faults?: readonly FaultInput[];
  /** resolve when existing rows are copied and changes are followed (default), or as soon as the task runs */
  readonly until?: 'following' | 'started';
  /** whether SIGINT, SIGTERM and SIGHUP stop the world and then end the process; default true */
  readonly handleSignals?: boolean;
  /** port of the DTS service; any free one when missing */
  readonly port?: number;
}

export interface WorldServer {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly accounts: {
    /** sees every session, reads every table, may end sessions */
    readonly observer: Account;
    /** may do exactly what README asks for */
    readonly reader: Account;
    /** reads every table, sees only its own session */
    readonly limited: Account;
  };
}

/** What a user would have entered as connections; the passwords are apart, as they are in the extension. */
export interface WorldConnections {
  readonly profiles: readonly ConnectionProfile[];
  /** by profile id */
  readonly passwords: Readonly<Record<string, string>>;
  /** which connections belong to which task */
  readonly mapping: readonly {
    readonly region: string;
    readonly jobId: string;
    readonly source: string;
    readonly target: string;
  }[];
}

export interface World {
  readonly dts: {
    readonly url: string;
    readonly secretId: string;
    readonly secretKey: string;
    readonly region: string;
  };
  /** the one real task */
  readonly task: { readonly region: string; readonly jobId: string };
  readonly source: WorldServer;
  readonly target: WorldServer;
  /** `observer` on both sides is mapped to the task; the profiles of `reader` and `limited` are there to be chosen */
  readonly connections: WorldConnections;
  readonly business: Business;
  readonly backend: Migration;
  readonly control: {
    /** of the migration: stall, lose rows, fail */
    readonly migration: Migration['faults'];
    /** of the DTS service: faults by call, clock, tasks added and removed */
    readonly service: DtsService['control'];
    /** the servers: halt, restart, statements as administrator */
    readonly servers: Readonly<Record<'source' | 'target', SandboxServer>>;
  };
  /** leaves no process, connection, port or folder; may be called more than once */
  stop(): Promise<void>;
}

const REGION = 'ap-guangzhou';
const JOB_ID = 'dts-shop2026';

/** The service tells what became of a command so much later. */
const TELLS_LATE_MS = 1_500;

interface Moved extends Pick<SandboxTask, 'advancedObjects' | 'tradeStatus'> {
  /** which of the extension's engines speaks to it */
  readonly engine: ConnectionProfile['engine'];
  /** how the task names it */
  readonly databaseType: string;
  readonly schema?: string;
}

const advancedObjects = ['procedure', 'function', 'trigger', 'event'];

const MOVED: Readonly<Record<WorldEngine, Moved>> = {
  postgres: { engine: 'postgres', databaseType: 'postgresql', schema: 'public' },
  mysql: { engine: 'mysql', databaseType: 'mysql', advancedObjects },
  mariadb: { engine: 'mysql', databaseType: 'mariadb', advancedObjects },
  mongodb: { engine: 'mongodb', databaseType: 'mongodb', tradeStatus: 'notBilled' },
};

/** About 5 s until changes are followed. SIGINT, SIGTERM and SIGHUP stop it before the process ends. */
export async function startWorld(given: WorldOptions): Promise<World> {
  const options = { ...given, engine: await available(given.engine) };
  const log = options.log ?? (() => undefined);
  const stage = await startStage(options);
  const keys = { secretId: `AKIDsandbox${randomBytes(8).toString('hex')}`, secretKey: randomBytes(16).toString('hex') };
  let service: DtsService;
  try {
    service = await startDtsService({
      accounts: [{ ...keys, uin: '100000000001', permissions: 'full' }],
      tasks: [
        realTask(options.engine, stage),
        ...decorativeTasks(options.decorativeTasks === false ? 0 : (options.decorativeTasks ?? 30), [REGION]),
      ],
      ...(options.port === undefined ? {} : { port: options.port }),
    });
  } catch (error) {
    await stage.stop();
    throw error;
  }
  log(`DTS service at ${service.url}`);
  for (const fault of options.faults ?? []) service.control.faults.add(fault);

  let stopped: Promise<void> | null = null;
  const stop = () => (stopped ??= stopBoth());
  const unhandle = options.handleSignals === false ? () => undefined : onSignals(stop);
  async function stopBoth(): Promise<void> {
    unhandle();
    await service.stop().finally(() => stage.stop());
  }

  try {
    await stage.migration.start();
    if (options.until !== 'started') await following(stage.migration);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    dts: { url: service.url, ...keys, region: REGION },
    task: { region: REGION, jobId: JOB_ID },
    source: server(stage, 'source'),
    target: server(stage, 'target'),
    connections: connections(options.engine, stage),
    business: stage.business,
    backend: stage.migration,
    control: { migration: stage.migration.faults, service: service.control, servers: stage },
    stop,
  };
}

/** MariaDB takes the place of a MySQL that cannot be had here, and one line says why. */
async function available(engine: WorldEngine): Promise<WorldEngine> {
  if (engine !== 'mysql') return engine;
  try {
    await ensureMySql();
    return engine;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)} MariaDB takes its place.\n`);
    return 'mariadb';
  }
}

/** Only what the engine needs is loaded. */
async function startStage({ engine, ...options }: WorldOptions): Promise<Stage> {
  const staged = { ...options, jobId: JOB_ID };
  switch (engine) {
    case 'postgres':
      return (await import('./migration/postgres/stage.ts')).startPostgresStage(staged);
    case 'mysql':
      return (await import('./migration/mysql/stage.ts')).startMysqlStage(engine, staged);
    case 'mariadb':
      await ensureMariaDb();
      return (await import('./migration/mysql/stage.ts')).startMysqlStage(engine, staged);
    case 'mongodb':
      return (await import('./migration/mongodb/stage.ts')).startMongodbStage(staged);
  }
}

function realTask(engine: WorldEngine, { source, target, accounts, migration }: Stage): SandboxTask {
  const { engine: _engine, databaseType, schema, ...odd } = MOVED[engine];
  const endpoint = ({ host, port }: Stage['source']) => ({
    ...{ databaseType, accessType: 'extranet', region: REGION, nodeType: 'simple' },
    nodes: [{ host, port, ...accounts.dts_migrator }],
  });
  return {
    jobId: JOB_ID,
    name: 'shop to the new server',
    region: REGION,
    migrateType: 'fullAndIncrement',
    source: endpoint(source),
    target: endpoint(target),
    databases: [{ name: SHOP_DATABASE, ...(schema === undefined ? {} : { schema }), tables: 'all' }],
    backend: migration,
    tellsLateMs: TELLS_LATE_MS,
    ...odd,
  };
}

function server(stage: Stage, side: 'source' | 'target'): WorldServer {
  const { host, port } = stage[side];
  const { observer, reader, limited } = stage.accounts;
  return { host, port, database: SHOP_DATABASE, accounts: { observer, reader, limited } };
}

function connections(engine: WorldEngine, stage: Stage): WorldConnections {
  const profiles: ConnectionProfile[] = [];
  const passwords: Record<string, string> = {};
  for (const side of ['source', 'target'] as const) {
    for (const { user, password } of [stage.accounts.observer, stage.accounts.reader, stage.accounts.limited]) {
      const id = `shop-${side}-${user}`;
      const { host, port } = stage[side];
      profiles.push({
        id,
        engine: MOVED[engine].engine,
        nodes: [{ host, port }],
        user,
        database: SHOP_DATABASE,
        tls: { mode: 'off' },
        ...(engine === 'mongodb' ? { authSource: 'admin' } : {}),
      });
      passwords[id] = password;
    }
  }
  const mapping = [{ region: REGION, jobId: JOB_ID, source: 'shop-source-observer', target: 'shop-target-observer' }];
  return { profiles, passwords, mapping };
}

/** Waits until the rows are copied; rejects when the copy failed. */
async function following(migration: Migration): Promise<void> {
  while (migration.phase === 'full') await new Promise((resolve) => setTimeout(resolve, 50));
  if (migration.phase === 'failed') throw new Error(`The migration failed: ${migration.error?.message}`);
}

/** Ends the process by the same signal once everything is stopped; answers how to take the handlers back. */
function onSignals(stop: () => Promise<void>): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const unhandle = () => signals.forEach((signal) => process.off(signal, handle));
  const handle = (signal: NodeJS.Signals) => {
    void stop().finally(() => {
      unhandle();
      process.kill(process.pid, signal);
    });
  };
  for (const signal of signals) process.on(signal, handle);
  return unhandle;
}
