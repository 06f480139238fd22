import type { SessionFacts } from './facts.ts';

/** Servers tell when a session began by their own clock; brought to ours it differs by how long the answer took. */
const JITTER_MS = 1000;

/**
 * The sessions with the start they had at the look before where it is the same but for jitter: who was there is not
 * new. An id that is given to somebody else comes with a start that is later by far more.
 */
export function steadyStarts(
  sessions: readonly SessionFacts[],
  before: readonly SessionFacts[],
): readonly SessionFacts[] {
  const starts = new Map(before.map(({ id, startedAt }) => [id, startedAt]));
  return sessions.map((session) => {
    const known = starts.get(session.id) ?? null;
    if (known === null || session.startedAt === null || known === session.startedAt) return session;
    return Math.abs(known - session.startedAt) <= JITTER_MS ? { ...session, startedAt: known } : session;
  });
}
