/**
 * Moves data between two servers of MySQL or of MariaDB with the server's own means: structure and rows by a dump of one snapshot, the
 * changes by native replication. It leaves DTS's footprint: sessions and a `Binlog Dump` of the migration account, and
 * a heartbeat in the database `__tencentdb__`.
 */
import { createPool } from 'mysql2';
import mysql, { type Pool } from 'mysql2/promise';
import { rowsOf, SESSION_OPTIONS } from '../../mysqlSession.ts';
import { textIn } from '../../server.ts';
import type { MigrationEnd, Mover, MoverOptions, Standing, TableName } from '../mover.ts';
import { distance, ordinal, type LogPlace } from './binlog.ts';
import { copyDatabases } from './copy.ts';
import { bring, withhold } from './late.ts';
import { REPLICATION, type Replication } from './replication.ts';
import { openSide } from './side.ts';

const DTS_DATABASE = '__tencentdb__';
const HEARTBEAT = `${DTS_DATABASE}.heartbeat`;
const HEARTBEAT_TABLE = `create table if not exists ${HEARTBEAT} (
  id integer primary key, beat bigint not null, written_at timestamp(3) not null default current_timestamp(3))`;

export class MysqlMover implements Mover {
  private readonly source: Pool;
  private readonly target: Pool;
  private readonly replication: Replication;
  private closed = false;
  private late: readonly string[] = [];

  constructor(
    product: keyof typeof REPLICATION,
    private readonly options: MoverOptions,
  ) {
    this.replication = REPLICATION[product];
    this.source = openPool(options.source, this.replication);
    this.target = openPool(options.target, this.replication);
  }

  async copy(progress: (percent: number) => void, signal: AbortSignal): Promise<void> {
    const { source, target, database } = this.options;
    await this.source.query(`create database if not exists ${DTS_DATABASE}`);
    await this.source.query(HEARTBEAT_TABLE);
    await this.source.query(`insert ignore into ${HEARTBEAT} (id, beat) values (1, 0)`);
    const total = await this.dataBytes();
    const databases = [database, DTS_DATABASE];
    await copyDatabases(
      {
        ...{ programs: await this.replication.programs(), source, target, databases },
        onBytes: (bytes) => progress(Math.min(99, Math.floor((99 * bytes) / total))),
      },
      signal,
    );
    this.late = await withhold(target, database);
    this.options.log?.('structure and rows copied');
    // accounts and other databases do not move
    await this.replication.follow(this.target, source, databases);
    await this.apply(true);
  }

  async beat(number: number): Promise<bigint> {
    // a source that lets nobody write is not waited for: the session's limits
    await this.source.query(`update ${HEARTBEAT} set beat = ?, written_at = current_timestamp(3) where id = 1`, [
      number,
    ]);
    return ordinal(await this.written());
  }

  async look(): Promise<Standing | null> {
    const [beat] = await rowsOf(this.target, `select beat from ${HEARTBEAT}`);
    const [status] = await rowsOf(this.target, 'show replica status');
    const { file, position } = this.replication.applied;
    const applied = { file: textIn(status, file), position: BigInt(textIn(status, position) || 0) };
    // the end after the beginning: what is written in between counts as a gap
    const written = await this.written();
    const files = await rowsOf(this.source, 'show binary logs');
    const sizes = files.map((row) => ({ name: textIn(row, 'Log_name'), size: BigInt(textIn(row, 'File_size')) }));
    const gap = distance(sizes, applied, written);
    if (gap === null) return null;
    const error = await this.replication.error(this.target, status);
    return {
      beat: textIn(beat, 'beat') || null,
      applied: ordinal(applied),
      gapBytes: Number(gap),
      broken: error === '' ? null : error,
    };
  }

  /** Receiving and applying; `Binlog Dump` is there as long as the target receives. */
  async apply(on: boolean): Promise<void> {
    await this.target.query(on ? 'start replica' : 'stop replica sql_thread');
  }

  /** The target alone ends it, so it does not matter whether the source is still there. */
  async end(): Promise<void> {
    await this.target.query('stop replica');
    await this.replication.forget(this.target);
    await this.target.query(`drop database if exists ${DTS_DATABASE}`);
  }

  addLateObjects(): Promise<void> {
    return bring(this.options.target, this.options.database, this.late);
  }

  /** Replication keeps most counters right by itself; a number the source gave to nobody is what may be missing. */
  async copySequences(): Promise<void> {
    const { database } = this.options;
    const [source, target] = await Promise.all([
      readCounters(this.source, database),
      readCounters(this.target, database),
    ]);
    for (const [table, next] of source) {
      if (next <= (target.get(table) ?? 0n)) continue;
      await this.target.query(`alter table ${mysql.escapeId(`${database}.${table}`)} auto_increment = ${next}`);
    }
  }

  /** @param table its name alone */
  async loseRows(table: string, rows: number): Promise<number> {
    const { host, port, user, password } = this.options.target;
    const { database } = this.options;
    const connection = await mysql.createConnection({ host, port, user, password, database, ...SESSION_OPTIONS });
    try {
      await connection.query('set session foreign_key_checks = 0');
      const keys = await rowsOf(
        connection,
        "select column_name as name from information_schema.key_column_usage where constraint_name = 'PRIMARY' " +
          'and table_schema = ? and table_name = ? order by ordinal_position',
        [database, table],
      );
      const newest = keys.map((key) => `${mysql.escapeId(textIn(key, 'name'))} desc`).join(', ');
      await connection.query(`delete from ${mysql.escapeId(table)} order by ${newest} limit ?`, [rows]);
      return Number(textIn((await rowsOf(connection, 'select row_count() as count'))[0], 'count'));
    } finally {
      await connection.end();
    }
  }

  async tables(): Promise<readonly TableName[]> {
    const rows = await rowsOf(
      this.source,
      "select table_name as name from information_schema.tables where table_schema = ? and table_type = 'BASE TABLE' order by 1",
      [this.options.database],
    );
    return rows.map((row) => ({ schema: '', table: textIn(row, 'name') }));
  }

  openSide(side: 'source' | 'target', { table }: TableName) {
    return openSide(this[side], this.options.database, table);
  }

  async disconnect(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await Promise.all([this.source.end(), this.target.end()]);
  }

  /** Where the source's log ends. */
  private async written(): Promise<LogPlace> {
    const [row] = await rowsOf(this.source, this.replication.logEnd);
    return { file: textIn(row, 'File'), position: BigInt(textIn(row, 'Position') || 0) };
  }

  /** What is going to be copied, roughly, and never 0. */
  private async dataBytes(): Promise<number> {
    const [row] = await rowsOf(
      this.source,
      'select sum(data_length) as bytes from information_schema.tables where table_schema = ?',
      [this.options.database],
    );
    return Math.max(1, Number(textIn(row, 'bytes')));
  }
}

/** Table → next value of its AUTO_INCREMENT. */
async function readCounters(pool: Pool, database: string): Promise<ReadonlyMap<string, bigint>> {
  const rows = await rowsOf(
    pool,
    'select table_name as name, auto_increment as next from information_schema.tables ' +
      'where table_schema = ? and auto_increment is not null',
    [database],
  );
  return new Map(rows.map((row) => [textIn(row, 'name'), BigInt(textIn(row, 'next'))]));
}

function openPool({ host, port, user, password }: MigrationEnd, replication: Replication): Pool {
  const program = { program_name: 'dts-sandbox' };
  const pool = createPool({
    ...{ host, port, user, password, ...SESSION_OPTIONS, connectAttributes: program },
    connectionLimit: 2,
  });
  // goes before whatever the connection is opened for
  pool.on('connection', (connection) => connection.query(replication.session, () => undefined));
  return pool.promise();
}
