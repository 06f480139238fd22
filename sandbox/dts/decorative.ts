/**
 * Tasks that only look like tasks, in every type, state, region and engine, for lists and trees. Always the same ones
 * for the same number, so that a screen looks the same twice.
 */
import { ScriptedBackend, type Script } from './scripted.ts';
import type { SandboxEndpoint, SandboxNode, SandboxTask } from './task.ts';

export const DECORATIVE_REGIONS = ['ap-guangzhou', 'ap-shanghai', 'ap-beijing', 'ap-hongkong', 'ap-singapore'] as const;

const SUBJECTS = [
  'orders',
  'billing',
  'users',
  'stock',
  'payments',
  'search',
  'audit',
  'sessions',
  'reports',
  'catalog',
];
const STAGES = ['prod', 'staging', 'eu', 'archive', 'canary', 'legacy', 'dr'];
const TYPES = ['fullAndIncrement', 'fullAndIncrement', 'fullAndIncrement', 'full', 'structure'] as const;

/** Source and target as DTS names them, an account, the port, and how many nodes the source has. */
const PAIRS = [
  ['mysql', 'mysql', 3306, 1],
  ['postgresql', 'postgresql', 5432, 1],
  ['mysql', 'cynosdbmysql', 3306, 1],
  ['sqlserver', 'sqlserver', 1433, 1],
  ['mongodb', 'mongodb', 27017, 3],
  ['mariadb', 'mysql', 3306, 1],
  ['percona', 'mysql', 3306, 1],
  ['tdsqlmysql', 'tdsqlmysql', 3306, 4],
  ['redis', 'redis', 6379, 1],
  ['tdsqlpercona', 'cynosdbmysql', 3306, 2],
  ['keewidb', 'keewidb', 6379, 1],
  ['clickhouse', 'clickhouse', 9000, 1],
  ['tendis', 'redis', 6379, 1],
] as const;

const ERRORS = [
  {
    message:
      "Access denied for user 'dts'@'10.0.0.9' (using password: YES): the account lost the privilege REPLICATION CLIENT.",
    solution: 'Grant REPLICATION CLIENT and REPLICATION SLAVE on *.* to the migration account, then resume the task.',
  },
  {
    message: 'The binlog mysql-bin.000042 was purged on the source before it was read.',
    solution: 'Keep binlogs for at least three days (binlog_expire_logs_seconds) and create the task again.',
  },
  {
    message: 'Duplicate entry 4711 for key PRIMARY in shop.orders on the target.',
    solution: 'Something else writes to the target. Remove the row there, keep writers away, then resume the task.',
  },
  {
    message: 'could not access file "decoderbufs": No such file or directory',
    solution: 'Install the logical decoding plug-in on the source, or use pgoutput.',
  },
];

/** Billing states of tasks that go on all the same; one in twelve tells none. */
const TRADES = [
  ...['normal', 'normal', 'normal', 'notBilled', 'normal', 'normal', 'resizing', 'normal', 'reversing'],
  ...['normal', 'NotBilledByInternational', null],
] as const;

/** A state with how often it comes up among all, and what stands behind it. */
const STATES: readonly { status: string; share: number; script: Script; failed?: true; trade?: string }[] = [
  { status: 'success', share: 36, script: { phase: 'finished', percent: 100 } },
  { status: 'running', share: 12, script: { phase: 'full', percent: 35 } },
  { status: 'running', share: 8, script: { phase: 'incremental', percent: 100, gapMb: 420, lagSeconds: 1800 } },
  { status: 'readyComplete', share: 6, script: { phase: 'incremental', percent: 100, gapMb: 0, lagSeconds: 0 } },
  { status: 'readyComplete', share: 3, script: { phase: 'incremental', percent: 100, gapMb: 3, lagSeconds: 2 } },
  { status: 'readyComplete', share: 1, script: { phase: 'incremental', percent: 100, gapMb: null, lagSeconds: null } },
  { status: 'failed', share: 6, script: { phase: 'full', percent: 62 }, failed: true },
  { status: 'resumableErr', share: 4, script: { phase: 'incremental', percent: 100 }, failed: true },
  { status: 'canceled', share: 5, script: {} },
  { status: 'created', share: 3, script: {} },
  { status: 'checkPass', share: 2, script: {} },
  { status: 'checkNotPass', share: 2, script: {}, failed: true },
  { status: 'manualPaused', share: 2, script: { phase: 'full', percent: 70 } },
  { status: 'readyComplete', share: 1, script: { phase: 'incremental', percent: 100 }, trade: 'isolated' },
  ...['creating', 'checking', 'readyRun', 'stopping', 'completing', 'pausing', 'resuming', 'unknown', 'error'].map(
    (status) => ({ status, share: 1, script: {} }),
  ),
];
const WHEEL = STATES.flatMap((state) => Array.from({ length: state.share }, () => state));

export function decorativeTasks(count: number, regions: readonly string[] = DECORATIVE_REGIONS): SandboxTask[] {
  return Array.from({ length: count }, (_, index) => decorativeTask(index, regions));
}

function decorativeTask(index: number, regions: readonly string[]): SandboxTask {
  const state = at(WHEEL, index * 37);
  const [from, to, port, nodes] = at(PAIRS, index * 5);
  // one further with every turn of the wheel, so that a rare state is not always in the same region
  const region = at(regions, index + Math.floor(index / WHEEL.length));
  const error = state.failed ? at(ERRORS, index) : null;
  const migrateType = state.script.phase === 'incremental' ? 'fullAndIncrement' : at(TYPES, index * 3);
  return {
    jobId: `dts-${(900_000_000_000 + index * 790_000_019).toString(36)}`,
    name: `${at(SUBJECTS, index * 3)}-${at(STAGES, index)}-${index + 1}`,
    region,
    migrateType,
    source: source(from, port, nodes, index, region),
    target: target(to, index, at(regions, index * 3 + 1)),
    databases:
      index % 3 === 0
        ? [{ name: 'shop', tables: [{ name: 'orders' }, { name: 'items', newName: 'order_items' }] }]
        : 'all',
    backend: new ScriptedBackend({ ...state.script, error }),
    status: state.status,
    tradeStatus: state.trade ?? at(TRADES, index),
    // half an hour apart, the first one newest
    createdAt: Date.UTC(2026, 9, 1) - index * 1_800_000,
  };
}

function source(databaseType: string, port: number, nodes: number, index: number, region: string): SandboxEndpoint {
  return {
    databaseType,
    accessType: at(['extranet', 'ccn', 'dcg', 'vpncloud', 'intranet'], index),
    region,
    nodeType: nodes === 1 ? 'simple' : databaseType === 'mongodb' ? 'replicaset' : 'cluster',
    nodes: Array.from({ length: nodes }, (_, node): SandboxNode => {
      return {
        host: `10.${index % 200}.${node}.${(index * 7) % 250}`,
        port,
        user: 'dts',
        password: `leak-src-${index}`,
      };
    }),
  };
}

function target(databaseType: string, index: number, region: string): SandboxEndpoint {
  const prefix = { mysql: 'cdb', postgresql: 'postgres', mongodb: 'cmgo', redis: 'crs', sqlserver: 'mssql' };
  const name = Object.entries(prefix).find(([type]) => type === databaseType)?.[1] ?? databaseType.slice(0, 8);
  const instanceId = `${name}-${(0x100000 + index * 31).toString(36)}`;
  return {
    databaseType,
    accessType: 'cdb',
    region,
    nodes: [
      {
        instanceId,
        user: 'dts',
        password: `leak-dst-${index}`,
        tmpSecretKey: `leak-key-${index}`,
        tmpToken: `leak-token-${index}`,
      },
    ],
  };
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
}
