/** How far DTS's replication slots are confirmed: what the source itself knows of DTS's work. */
import type { ReadByDts } from '../engine.ts';
import type { Backend } from './backend.ts';
import { arrayLiteral } from './text.ts';

/** A slot in use by one of these accounts; a standby has no end of its own log to measure from. */
const SLOTS = `
  SELECT max(CASE WHEN NOT pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_current_wal_lsn(), s.confirmed_flush_lsn) END)::bigint AS behind
  FROM pg_replication_slots s JOIN pg_stat_activity a ON a.pid = s.active_pid
  WHERE s.slot_type = 'logical' AND a.usename = ANY (($1)::name[])`;

export async function readByDts(
  backend: Backend,
  accounts: readonly string[],
  signal: AbortSignal,
): Promise<ReadByDts | null> {
  const [row] = await backend.rows(SLOTS, [arrayLiteral([...accounts])], signal);
  const behind = row?.['behind'];
  return behind == null ? null : { behindBytes: Math.max(0, Number(behind)) };
}
