import type { SessionRule } from './classify.ts';
import type { HeartbeatRule } from './heartbeatTables.ts';

/** What a user may tune, with units. The host reads it from VS Code's settings, in range and of the right type. */
export interface CutoverSettings {
  /** length of the unbroken quiet window, seconds; the runbook says 1 to 5 minutes */
  readonly quietWindowSeconds: number;
  /** how long gap and lag must stay 0 after the source became quiet, seconds; at least a minute */
  readonly zeroDwellSeconds: number;
  /** pause between the end of one task reading and the next, seconds */
  readonly taskIntervalSeconds: number;
  /** pause between two looks at the sessions, seconds */
  readonly sessionIntervalSeconds: number;
  /** a reading older than this counts as stale, and a gap between two samples longer than this breaks a window, seconds */
  readonly staleAfterSeconds: number;
  /** whether a connected but idle business session keeps the quiet gate shut */
  readonly idleBusinessBlocks: boolean;
  readonly sessionRules: readonly SessionRule[];
  /** tables in which monitors write that a server is alive; writes there do not keep the source from being quiet */
  readonly heartbeatTables: readonly HeartbeatRule[];
  /** statements at once on each side while comparing */
  readonly comparisonWorkers: number;
}

export const DEFAULT_SETTINGS: CutoverSettings = {
  quietWindowSeconds: 180,
  zeroDwellSeconds: 60,
  taskIntervalSeconds: 3,
  sessionIntervalSeconds: 2,
  staleAfterSeconds: 15,
  idleBusinessBlocks: true,
  sessionRules: [],
  heartbeatTables: [],
  comparisonWorkers: 2,
};
