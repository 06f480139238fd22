/** What will write later by itself: prepared transactions. MongoDB shows its triggers and schedules to nobody. */
import type { PendingWriter } from '../../cutover/facts.ts';
import type { Deployment } from './deployment.ts';
import { listEntries } from './sessions.ts';
import { at, numberOf } from './text.ts';

export async function listPendingWriters(
  deployment: Deployment,
  signal: AbortSignal,
): Promise<readonly PendingWriter[]> {
  const entries = await listEntries(deployment, signal);
  return entries.flatMap(({ session, entry }): PendingWriter[] => {
    const micros = numberOf(at(entry, 'transaction', 'timePreparedMicros'));
    if (micros === null) return [];
    const detail = `prepared ${Math.round(micros / 1e6)} s ago`;
    return [{ kind: 'prepared transaction', name: session.id, detail, blocks: true }];
  });
}
