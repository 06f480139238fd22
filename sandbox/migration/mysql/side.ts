/** One side of a table that is compared, on MySQL and MariaDB. */
import mysql, { type Pool, type QueryOptions, type RowDataPacket } from 'mysql2/promise';
import { rowsOf } from '../../mysqlSession.ts';
import { textIn } from '../../server.ts';
import type { ComparedSide } from '../compare.ts';

/** null when there is no such table. */
export async function openSide(pool: Pool, database: string, table: string): Promise<ComparedSide | null> {
  const columns = await rowsOf(
    pool,
    `select c.column_name as name, k.ordinal_position as place
     from information_schema.columns c left join information_schema.key_column_usage k
       on k.table_schema = c.table_schema and k.table_name = c.table_name and k.column_name = c.column_name
       and k.constraint_name = 'PRIMARY'
     where c.table_schema = ? and c.table_name = ? order by c.ordinal_position`,
    [database, table],
  );
  if (columns.length === 0) return null;
  const keys = columns
    .filter((column) => column['place'] !== null)
    .toSorted((one, other) => Number(one['place']) - Number(other['place']));
  const names = (all: typeof columns) => all.map((column) => textIn(column, 'name'));
  return new Side(pool, mysql.escapeId([database, table].join('.')), names(keys), names(columns));
}

class Side implements ComparedSide {
  private readonly key: string;

  constructor(
    private readonly pool: Pool,
    private readonly table: string,
    readonly keys: readonly string[],
    private readonly columns: readonly string[],
  ) {
    this.key = `binary ${listed(keys)}`;
  }

  async count(): Promise<number> {
    const [row] = await rowsOf(this.pool, `select count(*) as count from ${this.table}`);
    return Number(textIn(row, 'count'));
  }

  async digests(which: 'all' | 'sample' | readonly string[]): Promise<ReadonlyMap<string, string>> {
    const where = which === 'all' ? 'true' : which === 'sample' ? `crc32(${this.key}) % 10 = 0` : `${this.key} in (?)`;
    const { rows } = await this.texts(
      `select ${this.key}, sha2(${listed(this.columns)}, 256) from ${this.table} where ${where}`,
      typeof which === 'string' ? [] : [which],
    );
    return new Map(rows.map(([key, digest]) => [key ?? '', digest ?? '']));
  }

  async rows(keys: readonly string[]) {
    const pairs = this.keys.map((name) => `concat(${mysql.escape(`${name}=`)}, ${mysql.escapeId(name)})`);
    const { rows, columns } = await this.texts(
      `select ${this.key}, concat_ws(', ', ${pairs.join(', ')}), t.* from ${this.table} t where ${this.key} in (?)`,
      [keys],
    );
    return {
      columns: columns.slice(2),
      identifiers: new Map(rows.map((row) => [row[0] ?? '', row[1] ?? ''])),
      rows: new Map(rows.map((row) => [row[0] ?? '', row.slice(2)])),
    };
  }

  /** Every value as the server's own text. */
  private async texts(sql: string, values: unknown[]) {
    const options: QueryOptions = { sql, rowsAsArray: true, typeCast: (field) => field.string('utf8') };
    const [rows, fields] = await this.pool.query<RowDataPacket[][]>(options, values);
    const text = (value: unknown) => (typeof value === 'string' ? value : null);
    return { rows: rows.map((row) => row.map(text)), columns: fields.map((field) => field.name) };
  }
}

/** One text of several columns, in which nothing can be taken for something else. */
function listed(columns: readonly string[]): string {
  return `concat_ws(',', ${columns.map((name) => `quote(${mysql.escapeId(name)})`).join(', ')})`;
}
