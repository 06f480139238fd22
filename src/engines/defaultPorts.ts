import type { EngineKind } from '../cutover/facts.ts';

/** Where a server listens when nobody says otherwise. */
export const DEFAULT_PORTS: Readonly<Record<EngineKind, number>> = {
  mysql: 3306,
  postgres: 5432,
  sqlserver: 1433,
  mongodb: 27017,
};
