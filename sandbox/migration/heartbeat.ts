/**
 * How far the target is behind, in seconds, measured and not computed: a beat is written into `postgres.public.identify`
 * on the source every second, replicated like any other row, and looked for on the target. A beat counts as applied
 * when the target's table shows it *and* the replication slots of all databases are confirmed past its position,
 * for each database has a stream of its own. The lag is the age of the oldest beat that is not applied.
 */
import type pg from 'pg';

export const HEARTBEAT_TABLE = `create table if not exists public.identify (
  id integer primary key, beat bigint not null, written_at timestamptz not null)`;

interface Beat {
  readonly number: number;
  /** epoch milliseconds of this machine */
  readonly at: number;
  /** flushed position after it; null when the source refused the write, as a read-only server does */
  readonly lsn: bigint | null;
}

export class Heartbeat {
  private next = Date.now();
  private waiting: Beat[] = [];

  /** @param source connections to the database `postgres` of the source, as the migration account */
  constructor(private readonly source: pg.Pool) {}

  /** Writes one beat. A beat that cannot be written is never applied, so the lag grows, as DTS's does then. */
  async beat(): Promise<void> {
    const number = this.next++;
    const at = Date.now();
    let lsn: bigint | null = null;
    try {
      await this.source.query(
        `insert into public.identify values (1, $1, now())
         on conflict (id) do update set beat = excluded.beat, written_at = excluded.written_at`,
        [number],
      );
      const { rows } = await this.source.query<{ lsn: string }>(
        `select pg_current_wal_flush_lsn() - '0/0'::pg_lsn as lsn`,
      );
      lsn = BigInt(rows[0]?.lsn ?? 0);
    } finally {
      this.waiting.push({ number, at, lsn });
    }
  }

  /**
   * The lag in milliseconds at `now`.
   * @param applied number of the beat in the target's table; null when there is none yet
   * @param confirmed position up to which the target has confirmed every stream, in bytes
   */
  lagMs(applied: string | null, confirmed: bigint, now: number): number {
    const last = this.waiting.findLastIndex(
      (beat) => beat.lsn !== null && beat.lsn <= confirmed && applied !== null && beat.number <= Number(applied),
    );
    this.waiting.splice(0, last + 1);
    const oldest = this.waiting[0];
    return oldest ? now - oldest.at : 0;
  }
}
