/** What can go wrong with a migration on purpose. Every one is real: the target's server is made to behave so. */
import pg, { type Pool } from 'pg';
import type { Stream } from './replication.ts';

const SCHEMA = 'dts_sandbox';
/** program name of DTS's own sessions */
export const PROGRAM = 'dts-sandbox';

/** Nothing is applied any more although the task runs: the subscriptions are disabled, gap and lag grow by themselves. */
export async function setStalled(streams: readonly Stream[], on: boolean): Promise<void> {
  for (const stream of streams) await stream.enable(!on);
}

/** Every row that is applied takes so many milliseconds longer; null ends it. Triggers on the target do it. */
export async function setSlow(target: Pool, msPerRow: number | null): Promise<void> {
  await target.query(`drop schema if exists ${SCHEMA} cascade`);
  if (msPerRow === null) return;
  const tables = await userTables(target);
  await target.query(`create schema ${SCHEMA}`);
  await target.query(`create function ${SCHEMA}.slow() returns trigger language plpgsql as $$
    begin
      perform pg_sleep(tg_argv[0]::float8 / 1000);
      return coalesce(new, old);
    end $$`);
  for (const table of tables) {
    // `always`: the apply worker is a replica, whose ordinary triggers do not fire
    await target.query(
      `create trigger dts_sandbox_slow before insert or update or delete on ${table}
         for each row execute function ${SCHEMA}.slow('${Number(msPerRow)}');
       alter table ${table} enable always trigger dts_sandbox_slow`,
    );
  }
}

/**
 * Loses the newest `rows` rows of a table on the target, foreign keys or not: what a loader that skipped a batch leaves.
 * Nothing reports it. Answers how many are gone.
 * @param table as SQL writes it, e.g. `public.orders`
 */
export async function loseRows(
  target: pg.ClientConfig,
  database: string,
  table: string,
  rows: number,
): Promise<number> {
  const client = new pg.Client({ ...target, database, application_name: PROGRAM });
  await client.connect();
  try {
    await client.query('set session_replication_role to replica');
    const { rowCount } = await client.query(
      `delete from ${table} where ctid in (select ctid from ${table} order by ctid desc limit $1)`,
      [rows],
    );
    return rowCount ?? 0;
  } finally {
    await client.end();
  }
}

/** Tables of users as SQL writes them. */
export async function userTables(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, relname) as name from pg_stat_user_tables where schemaname <> '${SCHEMA}' order by 1`,
  );
  return rows.map((row) => row.name);
}
