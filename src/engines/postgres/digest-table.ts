/** One table on one side: the scan by page ranges, finer groups, row hashes and rows by key. */
import type {
  ColumnShape,
  GroupDigest,
  RowHash,
  RowValues,
  SideDigest,
  TablePlan,
  TableShape,
} from '../../comparison/port.ts';
import { asEscaped, escaped, readable } from './digest-bytes.ts';
import { outputOf, rowHash, textOf, type HashedColumn, type Hashing } from './digest-hash.ts';
import { inOrder, rowsOf } from './digest-records.ts';
import type { Moments } from './digest-single.ts';
import { arrayLiteral, literal, type Cell, type Snapshot } from './digest-snapshot.ts';

/** How rows are put into groups; the same on both sides. */
export type Grouping =
  /** by the high bits of a single integer key: rows of a group are found by its index */
  | { readonly by: 'key'; readonly shift: number }
  /** by the low bits of the row's hash; any key or none. `whole`: in the first pass all rows are one group */
  | { readonly by: 'hash'; readonly mask: number; readonly whole: boolean };

/** What the first look at a table tells. */
export interface Measure {
  /** of the largest part, without what is stored out of line */
  readonly pages: number;
  /** smallest and largest value of a single integer key; null where there is none or no row */
  readonly span: readonly [bigint, bigint] | null;
  readonly partitioned: boolean;
  /** all of it is read in no time to speak of */
  readonly small: boolean;
}

export const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
export const tableName = (table: TableShape) => `${quote(table.name.schema ?? 'public')}.${quote(table.name.name)}`;

/** Children by inheritance are tables of their own; partitions are not. */
const from = (table: TableShape, partitioned: boolean) => `${partitioned ? '' : 'ONLY '}${tableName(table)} AS t`;

export async function measure(
  snapshot: Snapshot,
  table: TableShape,
  integerKey: string | null,
  signal: AbortSignal,
): Promise<Measure> {
  const name = literal(tableName(table));
  const key = integerKey === null ? '' : `t.${quote(integerKey)}`;
  // only one of the two is looked at
  const end = (which: 'min' | 'max') =>
    `CASE WHEN c.relkind = 'p' THEN (SELECT ${which}(${key}) FROM ${from(table, true)})
          ELSE (SELECT ${which}(${key}) FROM ${from(table, false)}) END`;
  const [row] = await snapshot.ask(
    `WITH RECURSIVE parts(oid) AS (
       SELECT ${name}::pg_catalog.regclass::oid UNION ALL SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN parts p ON p.oid = i.inhparent)
     SELECT (SELECT max(pg_catalog.pg_relation_size(oid) / current_setting('block_size')::int) FROM parts), c.relkind = 'p',
            (SELECT sum(pg_catalog.pg_table_size(oid)) FROM parts) <= ${SMALL_BYTES}${key === '' ? '' : `, ${end('min')}, ${end('max')}`}
       FROM pg_catalog.pg_class c WHERE c.oid = ${name}::pg_catalog.regclass`,
    signal,
  );
  const [pages, partitioned, small, low, high] = row ?? [];
  return {
    pages: Number(pages ?? 0),
    partitioned: partitioned === 't',
    small: small === 't',
    span: low != null && high != null ? [BigInt(low), BigInt(high)] : null,
  };
}

/** A scan of this takes some milliseconds. */
const SMALL_BYTES = 2_097_152;
/** 32 MB at a time: short enough for progress, cancelling and the load guard; longer for very large tables. */
const pagesPerUnit = (pages: number) => Math.max(4096, Math.ceil(pages / 64));
const FETCHED_AT_A_TIME = 5000;
/** Longer values are cut on the server: a difference is there to be looked at. */
const LONGEST_VALUE = 100_000;

export class TableDigest implements SideDigest {
  readonly units: number;
  private readonly from: string;
  private readonly hash: string;
  /** of a single integer key */
  private readonly keyForm: string;
  private readonly keys: readonly Key[];
  /** hash of the key: how rows that are grouped by their hash are sorted */
  private readonly order: string;
  private readonly shown: readonly string[];
  private readonly bytes: boolean;

  constructor(
    private readonly snapshot: Snapshot,
    private readonly plan: TablePlan,
    side: 'source' | 'target',
    private readonly grouping: Grouping,
    hashing: Hashing,
    private readonly size: Measure,
  ) {
    const table = plan[side];
    this.from = from(table, size.partitioned);
    this.hash = neverNull(rowHash(hashedColumns(plan), hashing));
    this.keys = keysOf(plan, side, hashing);
    const level = hashing.level === 'quick' ? 'careful' : hashing.level;
    this.order = rowHash(
      this.keys.map(({ text }) => ({ sql: text, form: 'text', nullable: false })),
      { ...hashing, level },
    );
    this.bytes = hashing.bytes === true;
    this.shown = plan.columns.map(({ name, form }) => {
      const text = `left(${shownOf(`t.${quote(name)}`, form)}, ${LONGEST_VALUE + 1})`;
      return hashing.bytes ? escaped(text) : text;
    });
    this.keyForm = plan.columns[0]?.form ?? '';
    // tid range scans are new in 14; before, each range would read the whole table
    this.units = snapshot.version >= 140000 ? Math.max(1, Math.ceil(size.pages / pagesPerUnit(size.pages))) : 1;
  }

  async scan(unit: number, signal: AbortSignal): Promise<readonly GroupDigest[]> {
    const { grouping } = this;
    const from = this.piece(unit);
    if (grouping.by === 'key') return this.groups(grouping.shift, from, (sql) => this.read(sql, signal));
    if (!grouping.whole) return this.buckets(grouping.mask, from, signal);
    const rows = await this.read(`SELECT 0, count(*), sum(${this.hash}) FROM ${from}`, signal);
    return rows.map(groupOf);
  }

  /** All groups of a table that was one group in the first pass. */
  async regrouped(signal: AbortSignal): Promise<readonly GroupDigest[]> {
    const mask = this.grouping.by === 'hash' ? this.grouping.mask : 0;
    const pieces = Array.from({ length: this.units }, (_, unit) => this.buckets(mask, this.piece(unit), signal));
    return (await Promise.all(pieces)).flat();
  }

  private async buckets(mask: number, from: string, signal: AbortSignal): Promise<readonly GroupDigest[]> {
    const rows = await this.read(
      `SELECT h & ${mask}, count(*), sum(h), count(h) FROM (SELECT ${this.hash} AS h FROM ${from} OFFSET 0) AS rows GROUP BY 1`,
      signal,
    );
    return rows.map(groupOf);
  }

  /** What one piece of the first pass reads. */
  private piece(unit: number): string {
    const step = pagesPerUnit(this.size.pages);
    const bounds: string[] = [];
    if (unit > 0) bounds.push(`t.ctid >= '(${unit * step},0)'`);
    if (unit < this.units - 1) bounds.push(`t.ctid < '(${(unit + 1) * step},0)'`);
    return bounds.length > 0 ? `${this.from} WHERE ${bounds.join(' AND ')}` : this.from;
  }

  async refine(groups: readonly string[], signal: AbortSignal): Promise<readonly GroupDigest[]> {
    const finer: GroupDigest[] = [];
    for (const [shift, same] of byShift(groups)) {
      const inside = this.inGroups(shift, same);
      finer.push(...(await this.groups(Math.max(0, shift - 4), inside, (sql) => this.byIndex(sql, signal))));
    }
    return finer;
  }

  async *rowHashes(groups: readonly string[], signal: AbortSignal): AsyncIterable<readonly RowHash[]> {
    if (this.grouping.by === 'key') {
      yield rowsOf(await this.records(groups, signal));
      return;
    }
    yield* this.streamed(groups, signal);
  }

  /**
   * Key and hash of all rows of these groups, eight bytes each, ascending by key, as one value: a row of the answer
   * for each row of the table would cost more than the hashing.
   */
  async records(groups: readonly string[], signal: AbortSignal): Promise<Buffer> {
    const key = this.keys[0]?.sql ?? '';
    const records = `string_agg(int8send(${key}) || int8send(${this.hash}), '')`;
    const parts: Buffer[] = [];
    for (const [shift, same] of byShift(groups)) {
      const sql = `SELECT encode(${records}, 'base64') FROM ${this.inGroups(shift, same)}`;
      const [row] = await this.byIndex(sql, signal);
      parts.push(Buffer.from(row?.[0] ?? '', 'base64'));
    }
    return inOrder(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts));
  }

  /** For each of these groups that has rows here. */
  async moments(groups: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Moments>> {
    const key = this.keys[0]?.sql ?? '';
    const found = new Map<string, Moments>();
    for (const [shift, same] of byShift(groups)) {
      const rows = await this.byIndex(
        `SELECT g, count(*), sum(h), sum((h >> ${shift + 1}) * place)
           FROM (SELECT wanted.g, ${key} - (wanted.g << ${shift}) AS place, ${this.hash} AS h
                   FROM ${this.inGroups(shift, same)} OFFSET 0) AS rows GROUP BY g`,
        signal,
      );
      for (const [group, count, sum, weighted] of rows) {
        const moments = { rows: Number(count), sum: BigInt(sum ?? 0), weighted: BigInt(weighted ?? 0) };
        found.set(`${shift}:${group ?? ''}`, moments);
      }
    }
    return found;
  }

  /** Of the rows with these integer keys, as far as there are such rows. */
  async hashesOf(keys: readonly bigint[], signal: AbortSignal): Promise<ReadonlyMap<bigint, bigint>> {
    if (keys.length === 0) return new Map();
    const key = this.keys[0]?.sql ?? '';
    const rows = await this.byIndex(
      `SELECT wanted.k, ${this.hash} FROM unnest('{${keys.join(',')}}'::bigint[]) AS wanted(k) JOIN ${this.from} ON ${key} = wanted.k`,
      signal,
    );
    return new Map(rows.map(([k, hash]) => [BigInt(k ?? 0), BigInt(hash ?? 0)]));
  }

  async fetch(rows: readonly Pick<RowHash, 'key' | 'hash'>[], signal: AbortSignal): Promise<readonly RowValues[]> {
    const columns = this.shown;
    if (this.keys.length === 0) {
      // a table may have no column at all
      const found = await this.read(
        `SELECT DISTINCT ON (h) ${['h', ...columns.map((_, i) => `v${i}`)].join(', ')}
           FROM (SELECT ${[`${this.hash} AS h`, ...columns.map((sql, i) => `${sql} AS v${i}`)].join(', ')} FROM ${this.from} OFFSET 0) AS rows
          WHERE h = ANY (${arrayLiteral(rows.map((row) => String(row.hash)))}::bigint[])`,
        signal,
      );
      return found.map((row) => this.valuesOf([], row));
    }
    const wanted = this.keys
      .map((_, i) => `${arrayLiteral(rows.map((row) => this.wanted(row.key[i] ?? '')))}::text[]`)
      .join(', ');
    const names = this.keys.map((_, i) => `k${i}`);
    const on = this.keys.map((key, i) => `${key.sql} = wanted.k${i}::${key.type}`).join(' AND ');
    const found = await this.byIndex(
      `SELECT ${this.hash}, ${columns.join(', ')}, ${this.keys.map((key) => key.text).join(', ')}
         FROM unnest(${wanted}) AS wanted(${names.join(', ')}) JOIN ${this.from} ON ${on}`,
      signal,
    );
    return found.map((row) =>
      this.valuesOf(
        row.slice(1 + this.plan.columns.length).map((text) => this.readable(text) ?? ''),
        row,
      ),
    );
  }

  private rowHashOf(row: Cell[]): RowHash {
    const key = row.slice(1, 1 + this.keys.length).map((text) => this.readable(text) ?? '');
    return { order: BigInt(row[0] ?? 0), key, hash: BigInt(row[1 + this.keys.length] ?? 0), copies: 1 };
  }

  private readable(text: Cell | undefined): string | null {
    return this.bytes ? readable(text ?? null) : (text ?? null);
  }

  /** @param key as `rowHashOf` gave it */
  private wanted(key: string): string {
    return this.bytes ? asEscaped(key) : key;
  }

  private valuesOf(key: readonly string[], row: Cell[]): RowValues {
    const cut: string[] = [];
    // a column may have any name: one that objects have by themselves must not be lost
    const values = Object.fromEntries(
      this.plan.columns.map((column, i) => {
        const value = this.readable(row[i + 1]);
        if (value !== null && value.length > LONGEST_VALUE) cut.push(column.name);
        return [column.name, value === null ? null : value.slice(0, LONGEST_VALUE)];
      }),
    );
    return { key, hash: BigInt(row[0] ?? 0), values, cut };
  }

  private async groups(
    shift: number,
    source: string,
    read: (sql: string) => Promise<Cell[][]>,
  ): Promise<readonly GroupDigest[]> {
    const key = this.keys[0]?.sql ?? '';
    const rows = await read(
      `SELECT ${this.keyForm === 'int8' ? `${key}::bigint` : key} >> ${shift}, count(*), sum(${this.hash}) FROM ${source} GROUP BY 1`,
    );
    return rows.map((row) => groupOf([`${shift}:${row[0] ?? ''}`, ...row.slice(1)]));
  }

  private read(sql: string, signal: AbortSignal): Promise<Cell[][]> {
    return this.size.small ? this.snapshot.ask(sql, signal) : this.snapshot.query(sql, signal);
  }

  /** Shifts keep the sign, so that negative keys stay in their group. */
  private inGroups(shift: number, groups: readonly string[]): string {
    const key = this.keys[0]?.sql ?? '';
    return (
      `unnest('{${groups.join(',')}}'::bigint[]) AS wanted(g) JOIN ${this.from} ` +
      `ON ${key} >= (wanted.g << ${shift}) AND ${key} <= ((wanted.g << ${shift}) | ${(1n << BigInt(shift)) - 1n})`
    );
  }

  /** The planner cannot know how few rows each range has. */
  private async byIndex(sql: string, signal: AbortSignal): Promise<Cell[][]> {
    if (this.size.small) return this.read(sql, signal);
    const answers = await this.snapshot.all(['SET enable_seqscan = off', sql, 'SET enable_seqscan = on'], signal);
    return answers[1] ?? [];
  }

  /** Rows of hash groups, sorted by the server, so that both sides can be walked side by side. */
  private async *streamed(groups: readonly string[], signal: AbortSignal): AsyncIterable<readonly RowHash[]> {
    const mask = this.grouping.by === 'hash' ? this.grouping.mask : 0;
    const keyed = this.keys.length > 0;
    const inner = keyed
      ? `SELECT ${this.order} AS o, ${this.keys.map((key, i) => `${key.text} AS k${i}`).join(', ')}, ${this.hash} AS h`
      : `SELECT ${this.hash} AS h`;
    const wanted = `(SELECT * FROM (${inner} FROM ${this.from} OFFSET 0) AS rows WHERE h & ${mask} = ANY ('{${groups.join(',')}}'::bigint[])) AS found`;
    const sql = keyed
      ? `SELECT o, ${this.keys.map((_, i) => `k${i}`).join(', ')}, h FROM ${wanted} ORDER BY o`
      : `SELECT h, h, count(*) FROM ${wanted} GROUP BY h ORDER BY h`;
    yield* this.snapshot.cursor(sql, FETCHED_AT_A_TIME, signal, (row) =>
      keyed
        ? this.rowHashOf(row)
        : { order: BigInt(row[0] ?? 0), key: [], hash: BigInt(row[1] ?? 0), copies: Number(row[2]) },
    );
  }
}

/** Where the hash stands in the same statement as the sum it cannot be NULL: see `neverNull`. */
const groupOf = ([id, rows, sum, digests = rows]: readonly Cell[]): GroupDigest => ({
  id: id ?? '',
  rows: Number(rows),
  digests: Number(digests),
  sum: BigInt(sum ?? 0),
});

interface Key {
  readonly sql: string;
  /** one spelling of equal values on both sides */
  readonly text: string;
  /** what that text is cast to, so that an index of the column serves and no value is rounded or cut into another */
  readonly type: string;
}

/** A sum passes over NULL, and the row with it: rather an error, which fails the table. */
const neverNull = (hash: string) => `COALESCE(${hash}, concat('no digest of the row at ', t.ctid)::bigint)`;

const shownOf = (sql: string, form: string) =>
  form === 'output' || form.startsWith('float ') ? outputOf(sql) : `${sql}::text`;

function keysOf(plan: TablePlan, side: 'source' | 'target', hashing: Hashing): Key[] {
  const columns = new Map(plan.columns.map((column) => [column.name, column]));
  return plan.key.map((name) => {
    const column = columns.get(name);
    const sql = `t.${quote(name)}`;
    const form = column?.form ?? 'text';
    const plain = textOf({ sql, form, nullable: false }, hashing);
    // where any bytes may be in it, it is looked for as it is shown
    const asBytes = hashing.bytes === true && (form === 'text' || form === 'output');
    const text = asBytes ? escaped(plain) : plain;
    const type = column && !asBytes ? keyType(form, column[side], hashing) : asBytes ? null : 'text';
    return { sql: type === null ? text : sql, text, type: type ?? 'text' };
  });
}

/** Null where the text itself is looked for: operators and casts of types that are not the server's may be anybody's. */
function keyType(form: string, { type }: ColumnShape, { floatBits }: Hashing): string | null {
  if (form === 'int8') return 'bigint';
  if (form === 'numeric' || form === 'unlimited numeric') return 'numeric';
  if (type === 'enum' || type === 'other' || (floatBits && form.startsWith('float '))) return null;
  // without the length, which a value of the other side may exceed; any text is told from varchar by its index
  return type === 'varchar' ? 'text' : `pg_catalog.${quote(type)}`;
}

/** The key first: in a group by key it differs in every row, which spreads the seeds of all that follow. */
function hashedColumns(plan: TablePlan): HashedColumn[] {
  return plan.columns.map((column) => ({
    sql: `t.${quote(column.name)}`,
    form: column.form,
    nullable: column.source.nullable || column.target.nullable,
  }));
}

/** Group numbers by the size of the group; refining leaves several sizes. */
function byShift(groups: readonly string[]): Map<number, string[]> {
  const found = new Map<number, string[]>();
  for (const id of groups) {
    const [shift, number] = id.split(':');
    const same = found.get(Number(shift));
    if (same) same.push(number ?? '');
    else found.set(Number(shift), [number ?? '']);
  }
  return found;
}
