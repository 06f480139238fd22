/** What the newest look at a side is worth now. Pure. */
import { elapsedMs, type Moment } from '../util/clock.ts';
import type { ServerFacts, Side } from './facts.ts';
import type { SideLook, SideWatch } from './sideWatch.ts';

/** The newest look while it says something about now: connected, recent, and at the server that the run is about. */
export function freshLookOf(
  { last, connection }: Pick<SideWatch, 'last' | 'connection'>,
  otherServer: ServerFacts | null,
  now: Moment,
  maxAgeMs: number,
): SideLook | null {
  if (!last || connection.state !== 'connected' || otherServer) return null;
  const age = elapsedMs(last, now);
  return age !== null && age <= maxAgeMs ? last : null;
}

/** What the newest looks say that gates ask for; null for a side that nobody has looked at lately. */
export function seenNow({ source, target }: Readonly<Record<Side, SideLook | null>>) {
  return {
    businessOnSource: businessIn(source, 'source'),
    businessOnTarget: businessIn(target, 'target'),
    writes: { source: source?.position.foreign ?? null, target: target?.position.foreign ?? null },
  };
}

/** Business sessions; on the source unknown ones count too. Null without a look. */
function businessIn(look: SideLook | null, side: Side): number | null {
  if (!look) return null;
  return look.sessions.filter((s) => s.class === 'business' || (side === 'source' && s.class === 'unknown')).length;
}
