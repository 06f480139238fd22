import type { DigestEngine } from '../comparison/port.ts';
import type { EngineKind } from '../cutover/facts.ts';

/**
 * Loads what compares data on an engine the first time it is needed: from the adapter's own bundle, because both share
 * the driver and the knowledge which sessions are ours.
 */
export async function loadDigestEngine(kind: EngineKind): Promise<DigestEngine> {
  switch (kind) {
    case 'postgres':
      return (await import('./postgres/index.ts')).postgresDigest;
    case 'mysql':
      return (await import('./mysql/index.ts')).mysqlDigest;
    case 'sqlserver':
      return (await import('./sqlserver/index.ts')).sqlserverDigest;
    case 'mongodb':
      return (await import('./mongodb/index.ts')).mongodbDigest;
  }
}
