/** What a task of the sandbox is made of. Names and values that appear in answers are in DTS's spelling. */
import type { MigrationBackend } from './backend.ts';

export interface SandboxNode {
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  /** the real service sends it in clear, so this one does too */
  readonly password?: string;
  readonly instanceId?: string;
  readonly tmpSecretKey?: string;
  readonly tmpToken?: string;
}

export interface SandboxEndpoint {
  readonly databaseType: string;
  /** `extranet`, `cdb`, `ccn`, … */
  readonly accessType: string;
  readonly region: string;
  /** `simple`, `cluster`, `replicaset`, … */
  readonly nodeType?: string;
  readonly nodes: readonly SandboxNode[];
}

export interface SandboxTable {
  readonly name: string;
  readonly newName?: string;
}

export interface SandboxDatabase {
  readonly name: string;
  readonly newName?: string;
  readonly schema?: string;
  readonly newSchema?: string;
  /** `all`, or the chosen ones */
  readonly tables: 'all' | readonly SandboxTable[];
}

export interface SandboxTask {
  readonly jobId: string;
  readonly name: string;
  readonly region: string;
  readonly migrateType: 'structure' | 'full' | 'fullAndIncrement';
  readonly source: SandboxEndpoint;
  readonly target: SandboxEndpoint;
  /** `all` for the whole instance */
  readonly databases: 'all' | readonly SandboxDatabase[];
  readonly backend: MigrationBackend;
  /** a status the task stands in until something acts on it; without it the status follows the backend */
  readonly status?: string;
  /** `normal` when missing; null: the service tells nothing of it */
  readonly tradeStatus?: string | null;
  /** kinds of objects that come over besides tables and views; the service tells none when missing */
  readonly advancedObjects?: readonly string[];
  readonly keepsTargetReadOnly?: boolean;
  /** milliseconds after which the service tells what a command made of the status; at once when missing */
  readonly tellsLateMs?: number;
  /** epoch milliseconds; now when missing */
  readonly createdAt?: number;
}
