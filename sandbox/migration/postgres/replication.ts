/**
 * One database's stream: a publication and a replication slot on the source, a subscription on the target, as
 * PostgreSQL's own logical replication makes them. The first synchronisation copies the rows that are already there.
 */
import type { ClientBase, Pool } from 'pg';
import pg from 'pg';

export interface StreamEnds {
  /** connections to this database on either side, as the migration account */
  readonly source: Pool;
  readonly target: Pool;
}

export class Stream {
  /** name of publication, slot and subscription */
  readonly name: string;

  /**
   * @param conninfo how the target's server reaches the source's database, in libpq's form, with the password
   */
  constructor(
    jobId: string,
    readonly database: string,
    private readonly conninfo: string,
    private readonly ends: StreamEnds,
  ) {
    this.name = `${jobId}_${database}`.replace(/[^a-z0-9]+/gi, '_').toLowerCase();
  }

  /** @param tables what to carry, or null for everything in the database */
  async create(tables: readonly string[] | null): Promise<void> {
    const what = tables ? `table ${tables.join(', ')}` : 'all tables';
    await this.ends.source.query(`create publication ${this.name} for ${what}`);
    await this.ends.target.query(
      `create subscription ${this.name} connection ${pg.escapeLiteral(this.conninfo)} publication ${this.name}`,
    );
  }

  async enable(on: boolean): Promise<void> {
    await this.ends.target.query(`alter subscription ${this.name} ${on ? 'enable' : 'disable'}`);
  }

  /** Rows copied so far, and whether every table is done and follows the changes. */
  async copied(): Promise<{ readonly rows: number; readonly done: boolean }> {
    const { rows } = await this.ends.target.query<{ rows: string; done: boolean }>(
      `select coalesce(sum(case when r.srsubstate in ('f', 's', 'r') then greatest(s.n_live_tup, p.tuples_processed, 0)
         else coalesce(p.tuples_processed, 0) end), 0)::text as rows,
         coalesce(bool_and(r.srsubstate = 'r'), true) as done
       from pg_subscription u join pg_subscription_rel r on r.srsubid = u.oid
       left join pg_stat_user_tables s on s.relid = r.srrelid
       left join pg_stat_progress_copy p on p.relid = r.srrelid
       where u.subname = $1`,
      [this.name],
    );
    return { rows: Number(rows[0]?.rows ?? 0), done: rows[0]?.done ?? false };
  }

  /**
   * Ends the stream and leaves neither subscription, slot nor publication. What was not applied is not applied any more.
   * With `force` it also ends when the other server is gone, and then the slot stays where it is.
   */
  async drop(force = false): Promise<void> {
    const target = await this.ends.target.connect();
    try {
      await dropSubscription(target, this.name, force);
    } finally {
      target.release();
    }
    await this.ends.source.query(`drop publication if exists ${this.name}`);
  }
}

async function dropSubscription(target: ClientBase, name: string, force: boolean): Promise<void> {
  const { rowCount } = await target.query('select from pg_subscription where subname = $1', [name]);
  if (!rowCount) return;
  await target.query(`alter subscription ${name} disable`);
  try {
    await target.query(`drop subscription ${name}`);
  } catch (error) {
    if (!force) throw error;
    await target.query(`alter subscription ${name} set (slot_name = none)`);
    await target.query(`drop subscription ${name}`);
  }
}

/** Where the source writes, and how far the slots of these streams are confirmed, in bytes; null when one is not there. */
export async function readSlots(
  source: Pool,
  streams: readonly Stream[],
): Promise<{ readonly written: bigint; readonly confirmed: bigint } | null> {
  const { rows } = await source.query<{ written: string; confirmed: string | null; slots: number }>(
    `select pg_current_wal_lsn() - '0/0'::pg_lsn as written, min(confirmed_flush_lsn - '0/0'::pg_lsn) as confirmed,
       count(*)::int as slots
     from pg_replication_slots where slot_name = any($1)`,
    [streams.map((stream) => stream.name)],
  );
  const row = rows[0];
  if (!row || row.confirmed === null || row.slots < streams.length) return null;
  return { written: BigInt(row.written), confirmed: BigInt(row.confirmed) };
}
