import type { EngineKind } from '../../cutover/facts.ts';
import type { TlsOptions } from '../../engines/engine.ts';

export const ENGINES: readonly EngineKind[] = ['mysql', 'postgres', 'sqlserver', 'mongodb'];
export const TLS_MODES: readonly TlsOptions['mode'][] = ['off', 'required', 'verify-ca', 'verify-full', 'pinned'];
