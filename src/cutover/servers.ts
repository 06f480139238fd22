/** Which server of each side a run is about, and who answers in its place. */
import type { ServerFacts, Side } from './facts.ts';
import type { RunState } from './machine.ts';

/** The same server in the same role; a restart of its process makes it another for those engines that tell it so. */
export function isSameServer(a: ServerFacts, b: ServerFacts): boolean {
  return a.identity === b.identity && (a.standby ?? null) === (b.standby ?? null);
}

export function withServer(state: RunState, side: Side, server: ServerFacts): RunState {
  const known = state.servers[side];
  // before a run began, and again where the known one answers, there is nothing to ask
  if (!known || state.startedAt === null || isSameServer(known, server)) {
    return {
      ...state,
      servers: { ...state.servers, [side]: server },
      otherServers: { ...state.otherServers, [side]: null },
    };
  }
  return { ...state, otherServers: { ...state.otherServers, [side]: server } };
}

export function acceptServer(state: RunState, side: Side): RunState {
  const server = state.otherServers[side];
  if (!server) return state;
  return {
    ...state,
    servers: { ...state.servers, [side]: server },
    otherServers: { ...state.otherServers, [side]: null },
    // the word that the address was right was given for the other one
    attestations: { ...state.attestations, [side === 'source' ? 'sourceConnection' : 'targetConnection']: undefined },
  };
}
