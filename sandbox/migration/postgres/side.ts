/** One side of a table that is compared, on PostgreSQL. */
import pg, { type Pool } from 'pg';
import type { ComparedSide } from '../compare.ts';
import type { TableName } from '../mover.ts';

/** null when there is no such table. */
export async function openSide(pool: Pool, name: TableName): Promise<ComparedSide | null> {
  const { rows } = await pool.query<{ table: string; keys: string[] }>(
    `select format('%I.%I', n.nspname, c.relname) as table,
       array(select format('%I', a.attname)
         from pg_index i cross join unnest(i.indkey) with ordinality as k (attnum, place)
         join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
         where i.indrelid = c.oid and i.indisprimary order by k.place) as keys
     from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2`,
    [name.schema, name.table],
  );
  return rows[0] ? new Side(pool, rows[0].table, rows[0].keys) : null;
}

class Side implements ComparedSide {
  /** the text of a row value, e.g. `(42,1)` */
  private readonly key: string;

  constructor(
    private readonly pool: Pool,
    private readonly table: string,
    readonly keys: readonly string[],
  ) {
    this.key = `row(${keys.join(', ')})::text`;
  }

  async count(): Promise<number> {
    const { rows } = await this.pool.query<{ rows: string }>(`select count(*) as rows from ${this.table}`);
    return Number(rows[0]?.rows);
  }

  async digests(which: 'all' | 'sample' | readonly string[]): Promise<ReadonlyMap<string, string>> {
    const where =
      which === 'all' ? 'true' : which === 'sample' ? `hashtext(${this.key}) % 10 = 0` : `${this.key} = any($1)`;
    const { rows } = await this.pool.query<{ key: string; digest: string }>(
      `select ${this.key} as key, md5(t::text) as digest from ${this.table} t where ${where}`,
      typeof which === 'string' ? [] : [which],
    );
    return new Map(rows.map((row) => [row.key, row.digest]));
  }

  async rows(keys: readonly string[]) {
    const names = this.keys.join(', ');
    const format = pg.escapeLiteral(this.keys.map((name) => `${name.replaceAll('%', '%%')}=%s`).join(', '));
    const { rows, fields } = await this.pool.query<(string | null)[]>({
      text: `select ${this.key}, format(${format}, ${names}), t.* from ${this.table} t where ${this.key} = any($1)`,
      values: [keys],
      rowMode: 'array',
      // the server's own text of every value
      types: { getTypeParser: () => (text: string) => text },
    });
    return {
      columns: fields.slice(2).map((field) => field.name),
      identifiers: new Map(rows.map((row) => [row[0] ?? '', row[1] ?? ''])),
      rows: new Map(rows.map((row) => [row[0] ?? '', row.slice(2)])),
    };
  }
}
