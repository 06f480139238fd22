import type { RunState } from './machine.ts';

/** What has to be watched in a state. */
export interface Wanted {
  readonly sourceSessions: boolean;
  readonly targetSessions: boolean;
  /** the business is down or a call is on its way: go on even when nobody looks */
  readonly evenUnwatched: boolean;
}

export function wanted(state: RunState): Wanted {
  const running = state.startedAt !== null && state.finishedAt === null && state.handedOver === null;
  return {
    sourceSessions: running,
    targetSessions: running,
    evenUnwatched: running && state.pausedAt !== null,
  };
}
