import type { EngineKind } from '../cutover/facts.ts';
import type { Engine } from './engine.ts';

/**
 * Loads an adapter with its driver the first time it is needed; the driver is no part of activation.
 * The build gives each of these imports a bundle of its own.
 */
export async function loadEngine(kind: EngineKind): Promise<Engine> {
  switch (kind) {
    case 'postgres':
      return (await import('./postgres/index.ts')).postgres;
    case 'mysql':
      return (await import('./mysql/index.ts')).mysql;
    case 'mongodb':
      return (await import('./mongodb/index.ts')).mongodb;
    case 'sqlserver':
      return (await import('./sqlserver/index.ts')).sqlserver;
  }
}
