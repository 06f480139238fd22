/** Tasks that only stand in the list, so that the one real task has neighbours as in an account that is used. */
import { ScriptedBackend, type Script } from './dts/scripted.ts';
import type { SandboxEndpoint, SandboxTask } from './dts/task.ts';

const HOUR = 3_600_000;

interface Decoration {
  readonly name: string;
  readonly region: string;
  readonly databaseType: string;
  readonly migrateType?: SandboxTask['migrateType'];
  /** a status to stand in; without it the script tells */
  readonly status?: string;
  readonly tradeStatus?: string;
  readonly script?: Script;
}

const following = (gapMb: number | null, lagSeconds: number | null): Script => ({
  phase: 'incremental',
  percent: 100,
  gapMb,
  lagSeconds,
});

const DECORATIONS: readonly Decoration[] = [
  { name: 'billing to TDSQL-C', region: 'ap-guangzhou', databaseType: 'cynosdbmysql', script: following(0, 0) },
  { name: 'crm mysql', region: 'ap-guangzhou', databaseType: 'mysql', script: following(412, 95) },
  { name: 'catalog mongodb', region: 'ap-guangzhou', databaseType: 'mongodb', script: following(-1, -1) },
  { name: 'warehouse sql server', region: 'ap-guangzhou', databaseType: 'sqlserver', script: following(0, 2) },
  {
    name: 'history, once',
    region: 'ap-guangzhou',
    databaseType: 'mysql',
    migrateType: 'full',
    script: { phase: 'full', percent: 63 },
  },
  { name: 'sessions cache', region: 'ap-guangzhou', databaseType: 'redis', script: following(0, 1) },
  {
    name: 'loyalty',
    region: 'ap-guangzhou',
    databaseType: 'mariadb',
    status: 'manualPaused',
    script: following(7, 300),
  },
  {
    name: 'returns',
    region: 'ap-guangzhou',
    databaseType: 'percona',
    script: {
      phase: 'failed',
      percent: 100,
      error: {
        message: "Duplicate entry '4711' for key 'PRIMARY' on the target.",
        solution: 'Remove the conflicting row on the target and resume the task.',
      },
    },
  },
  { name: 'new shop, not started', region: 'ap-guangzhou', databaseType: 'postgresql', status: 'checkPass' },
  { name: 'reports', region: 'ap-guangzhou', databaseType: 'mysql', status: 'success', script: { phase: 'finished' } },
  { name: 'trial', region: 'ap-guangzhou', databaseType: 'mysql', status: 'canceled' },
  { name: 'old mall', region: 'ap-guangzhou', databaseType: 'mysql', tradeStatus: 'isolated', script: following(3, 8) },
];

/** @param now epoch milliseconds the creation times are counted back from */
export function decorativeTasks(now: number): SandboxTask[] {
  return DECORATIONS.map(({ name, region, databaseType, migrateType, status, tradeStatus, script }, index) => ({
    jobId: `dts-decor${String(index + 1).padStart(3, '0')}`,
    ...{ name, region, migrateType: migrateType ?? 'fullAndIncrement', databases: 'all' as const },
    source: endpoint(databaseType, region, 'extranet', { host: `10.0.${index}.5`, port: 3306, user: 'dts' }),
    target: endpoint(databaseType, region, 'cdb', { instanceId: `cdb-decor${index}`, user: 'root' }),
    backend: new ScriptedBackend(script),
    createdAt: now - (index + 1) * 7 * HOUR,
    ...(status === undefined ? {} : { status }),
    ...(tradeStatus === undefined ? {} : { tradeStatus }),
  }));
}

function endpoint(
  databaseType: string,
  region: string,
  accessType: string,
  node: SandboxEndpoint['nodes'][number],
): SandboxEndpoint {
  return { databaseType, region, accessType, nodeType: 'simple', nodes: [node] };
}
