/** One table on one side: key ranges digested many to a statement, finer groups, row hashes and rows by key. */
import type { GroupDigest, PlannedColumn, RowHash, RowValues, SideDigest, TablePlan } from '../../comparison/port.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { HEX, hashed, shown, type Agreement, type RowText } from './digest-hash.ts';
import { rawBytes } from './digest-charset.ts';
import type { MysqlKey } from './digest-catalog.ts';
import { between, keyColumns, keyLiteral, type KeyColumn } from './digest-key.ts';
import { isWhole } from './digest-packed.ts';
import { sliceDigests, type Sliced } from './digest-slices.ts';
import { GROUP_BYTES } from './digest-settings.ts';
import type { Cell, Snapshot } from './digest-snapshot.ts';
import { quoteName } from './text.ts';

/** How rows are put into groups; the same on both sides. */
export type Grouping = RangesOfIntegers | RangesBetweenBounds | { readonly by: 'hash'; readonly mask: number };

/** Of a key that both sides find and order alike. */
interface Ranges {
  readonly indexes: { readonly source: MysqlKey; readonly target: MysqlKey };
  /** rows come in ascending order on both sides: a range is digested in this order, else its rows are added up */
  readonly ascending: boolean;
}

/** Single integer key: steps from the first key to the last. A group's id is its range, `from:last`. */
interface RangesOfIntegers extends Ranges {
  readonly by: 'integer';
  readonly first: bigint;
  readonly last: bigint;
  readonly step: bigint;
  /** rows that are digested together within a range */
  readonly slice: number;
}

/** Another key: from one bound (literals) to the next. A group's id is `range`, split further `range/bucket/bucket…`. */
interface RangesBetweenBounds extends Ranges {
  readonly by: 'bounds';
  readonly bounds: readonly (readonly string[])[];
}

const RANGES_IN_A_STATEMENT = 64;
/** Buckets by a hash of the key, within a range of a key that is no integer. */
const BUCKETS = 128;
const PARTS = 64n;
const WIDE_PART = 2n ** 62n / PARTS;
const FETCHED_AT_A_TIME = 50_000;
/** Longer values are cut on the server: a difference is there to be looked at. */
const LONGEST_VALUE = 100_000;
/** LIMIT keeps the server from writing the hash out twice. */
const ALL = '18446744073709551615';

export class TableDigest implements SideDigest {
  readonly units: number;
  private readonly table: string;
  private readonly indexed: string;
  private readonly keys: readonly KeyColumn[];
  private readonly slices = new Map<string, Sliced>();

  constructor(
    private readonly snapshot: Snapshot,
    private readonly plan: TablePlan,
    private readonly side: 'source' | 'target',
    private readonly grouping: Grouping,
    private readonly row: RowText,
    private readonly agreement: Agreement,
  ) {
    const { name } = plan[side];
    this.keys = keyColumns(plan, side);
    this.table = `${quoteName(name.database)}.${quoteName(name.name)}`;
    this.indexed =
      grouping.by === 'hash' ? this.table : `${this.table} FORCE INDEX (${quoteName(grouping.indexes[side].name)})`;
    this.units = grouping.by === 'hash' ? 1 : Math.ceil(rangesIn(grouping) / RANGES_IN_A_STATEMENT);
  }

  async scan(unit: number, signal: AbortSignal): Promise<readonly GroupDigest[]> {
    const { grouping } = this;
    if (grouping.by === 'hash') {
      const rows = await this.snapshot.query(
        `SELECT h & ${grouping.mask}, COUNT(*), SUM(h), COUNT(h)
           FROM (SELECT ${this.row.hash} AS h FROM ${this.table} LIMIT ${ALL}) AS hashes GROUP BY 1 ORDER BY NULL`,
        signal,
      );
      return rows.map(groupOf);
    }
    const ids = this.idsOf(unit);
    if (!grouping.ascending) return this.addedUp(ids, signal);
    const hashes = `GROUP_CONCAT(${this.row.hex} SEPARATOR '')`;
    const ranges = ids.map(
      (id) => `SELECT '${id}' AS id, COUNT(*) AS n, ${hashes} AS h FROM ${this.indexed} WHERE ${this.rangeOf(id)}`,
    );
    const digests =
      grouping.by === 'integer'
        ? sliceDigests('h', grouping.slice, this.agreement.hash)
        : hashed(this.agreement.hash, 'h');
    const rows = await this.snapshot.query(
      `SELECT id, n, LENGTH(h), ${digests} FROM (${ranges.join(' UNION ALL ')}) AS ranges`,
      signal,
    );
    // a range longer than GROUP_CONCAT may get is cut, and what is cut is not compared
    const most = Math.min(GROUP_BYTES, this.agreement.packet);
    const isCut = ([, count, length]: readonly Cell[]) =>
      // on both sides, whichever of them cuts earlier
      Number(count) * HEX > most || Number(length ?? 0) !== Number(count) * HEX;
    const cut = rows.filter(isCut).map(([id]) => id ?? '');
    const whole = rows
      .filter((row) => !isCut(row))
      .map(([id, count, , digest]) => {
        if (grouping.by === 'integer' && id != null && digest != null)
          this.slices.set(id, { rows: Number(count), digests: digest });
        const rows = Number(count);
        // each hash has so many digits, and all of them are there
        const digests = digest == null ? 0 : rows;
        return { id: id ?? '', rows, digests, sum: digest == null ? 0n : BigInt(`0x${digest}`) };
      });
    return cut.length === 0 ? whole : [...whole, ...(await this.addedUp(cut, signal))];
  }

  get sliceRows(): number {
    return this.grouping.by === 'integer' ? this.grouping.slice : 0;
  }

  /** What the first pass saw of this range; nothing where it was empty or too long. */
  sliced(id: string): Sliced | undefined {
    return this.slices.get(id);
  }

  /** The integer keys at these positions (from 0) of ranges, which must have so many rows. */
  async keysAt(
    wanted: readonly { readonly id: string; readonly position: number }[],
    signal: AbortSignal,
  ): Promise<readonly (bigint | undefined)[]> {
    const key = this.keys[0]?.sql ?? '';
    const found: (bigint | undefined)[] = wanted.map(() => undefined);
    for (let i = 0; i < wanted.length; i += RANGES_IN_A_STATEMENT) {
      const statements = wanted
        .slice(i, i + RANGES_IN_A_STATEMENT)
        .map(
          ({ id, position }, n) =>
            `(SELECT ${n}, ${key} FROM ${this.indexed} WHERE ${this.rangeOf(id)} ORDER BY ${key} LIMIT ${position}, 1)`,
        );
      for (const [n, text] of await this.snapshot.query(statements.join(' UNION ALL '), signal)) {
        if (text != null) found[i + Number(n)] = BigInt(text);
      }
    }
    return found;
  }

  private async addedUp(ids: readonly string[], signal: AbortSignal): Promise<readonly GroupDigest[]> {
    const single = ids.map(
      (id) =>
        `(SELECT '${id}', COUNT(*), SUM(h), COUNT(h)
            FROM (SELECT ${this.row.hash} AS h FROM ${this.indexed} WHERE ${this.rangeOf(id)} LIMIT ${ALL}) AS hashes)`,
    );
    return (await this.snapshot.query(single.join(' UNION ALL '), signal)).map(groupOf);
  }

  async refine(groups: readonly string[], signal: AbortSignal): Promise<readonly GroupDigest[]> {
    const finer: GroupDigest[] = [];
    for (let i = 0; i < groups.length; i += RANGES_IN_A_STATEMENT) {
      const some = groups.slice(i, i + RANGES_IN_A_STATEMENT);
      const statements = some.map(
        (id) =>
          `(SELECT '${id}', COUNT(*), SUM(h), COUNT(h), part
              FROM (SELECT ${this.row.hash} AS h, ${this.partOf(id)} AS part
                      FROM ${this.indexed} WHERE ${this.rangeOf(id)} LIMIT ${ALL}) AS hashes GROUP BY part)`,
      );
      for (const [id, count, sum, hashes, part] of await this.snapshot.query(statements.join(' UNION ALL '), signal)) {
        finer.push(groupOf([this.finerId(id ?? '', part ?? '0'), count ?? null, sum ?? null, hashes ?? null]));
      }
    }
    return finer;
  }

  async *rowHashes(groups: readonly string[], signal: AbortSignal): AsyncIterable<readonly RowHash[]> {
    if (this.grouping.by === 'hash') {
      yield* this.streamed(this.grouping.mask, groups, signal);
      return;
    }
    yield await this.unpacked(groups, signal);
  }

  /**
   * `key:hash,key:hash,…` for each of these ranges of an integer key, ascending: a row of the answer for each row of
   * the table would cost more than the hashing. Null where the server could not put one together.
   */
  async packed(groups: readonly string[], signal: AbortSignal): Promise<readonly string[] | null> {
    const key = this.keys[0]?.sql ?? '';
    const found: string[] = [];
    for (let i = 0; i < groups.length; i += RANGES_IN_A_STATEMENT) {
      const statements = groups
        .slice(i, i + RANGES_IN_A_STATEMENT)
        .map(
          (id, n) =>
            `(SELECT ${n}, COUNT(*), GROUP_CONCAT(${key}, ':', ${this.row.hex}) FROM ${this.indexed} WHERE ${this.rangeOf(id)})`,
        );
      for (const [n, count, text] of await this.snapshot.query(statements.join(' UNION ALL '), signal)) {
        const rows = text ?? '';
        if (!isWhole(rows, Number(count))) return null;
        found[i + Number(n)] = rows;
      }
    }
    return found;
  }

  async unpacked(groups: readonly string[], signal: AbortSignal): Promise<RowHash[]> {
    const found: RowHash[] = [];
    const integer = this.grouping.by === 'integer';
    for (let i = 0; i < groups.length; i += RANGES_IN_A_STATEMENT) {
      const where = groups.slice(i, i + RANGES_IN_A_STATEMENT).map((id) => `(${this.rangeOf(id)})`);
      const rows = await this.snapshot.query(
        `SELECT ${this.keys.map((column) => column.text).join(', ')}, ${this.row.hash} FROM ${this.indexed} WHERE ${where.join(' OR ')}`,
        signal,
      );
      for (const row of rows) {
        const key = this.keys.map((_, k) => row[k] ?? '');
        // few enough to be matched by key all at once where the key is no number
        found.push({ order: integer ? BigInt(key[0] ?? 0) : 0n, key, hash: hashOf(row[this.keys.length]), copies: 1 });
      }
    }
    return found.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
  }

  async fetch(rows: readonly Pick<RowHash, 'key' | 'hash'>[], signal: AbortSignal): Promise<readonly RowValues[]> {
    const columns = this.plan.columns.map((column) => `LEFT(${shown(column, this.side)}, ${LONGEST_VALUE + 1})`);
    const where =
      this.keys.length === 0
        ? `${this.row.hash} IN (${rows.map((row) => row.hash).join(', ')})`
        : rows.map((row) => `(${this.isRow(row.key)})`).join(' OR ');
    // equal rows without a key are shown once
    const once = this.keys.length === 0 ? 'GROUP BY 1' : '';
    const found = await this.snapshot.query(
      `SELECT ${this.row.hash}, ${[...columns, ...this.keys.map((key) => key.text)].join(', ')}
         FROM ${this.indexed} WHERE ${where} ${once}`,
      signal,
    );
    return found.map((row) => this.valuesOf(row));
  }

  /** By key: these columns as text, and after them a hash of all others. */
  async texts(
    keys: readonly (readonly string[])[],
    columns: readonly PlannedColumn[],
    others: RowText,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly Cell[]>> {
    const values = [...columns.map((column) => shown(column, this.side)), others.hash];
    const rows = await this.snapshot.query(
      `SELECT ${[...this.keys.map((key) => key.text), ...values].join(', ')} FROM ${this.indexed}
        WHERE ${keys.map((key) => `(${this.isRow(key)})`).join(' OR ')}`,
      signal,
    );
    return new Map(rows.map((row) => [JSON.stringify(row.slice(0, this.keys.length)), row.slice(this.keys.length)]));
  }

  /** Column by column: within a row of values a text of another character set is not found. */
  private isRow(key: readonly string[]): string {
    return this.keys.map((column, i) => `${column.sql} = ${keyLiteral(column, key[i] ?? '')}`).join(' AND ');
  }

  private valuesOf(row: readonly Cell[]): RowValues {
    const values: [string, string | null][] = [];
    const cut: string[] = [];
    this.plan.columns.forEach((column, i) => {
      const value = row[i + 1] ?? null;
      const raw = value === null ? null : rawBytes(value, column[this.side].charset);
      if (raw !== null || (value !== null && value.length > LONGEST_VALUE)) cut.push(column.name);
      values.push([column.name, value === null ? null : (raw === null ? value : `0x${raw}`).slice(0, LONGEST_VALUE)]);
    });
    return {
      key: row.slice(1 + this.plan.columns.length).map((text) => text ?? ''),
      hash: hashOf(row[0]),
      // a column may be called __proto__
      values: Object.fromEntries(values),
      cut,
    };
  }

  private idsOf(unit: number): string[] {
    const { grouping } = this;
    if (grouping.by === 'hash') return [];
    const from = unit * RANGES_IN_A_STATEMENT;
    const count = Math.min(RANGES_IN_A_STATEMENT, rangesIn(grouping) - from);
    return Array.from({ length: count }, (_, i) => {
      if (grouping.by === 'bounds') return String(from + i);
      const start = grouping.first + BigInt(from + i) * grouping.step;
      const last = start + grouping.step - 1n;
      return `${start}:${last < grouping.last ? last : grouping.last}`;
    });
  }

  private rangeOf(id: string): string {
    const { grouping } = this;
    if (grouping.by === 'integer') {
      const [from, last] = id.split(':');
      return `${this.keys[0]?.sql ?? ''} BETWEEN ${from ?? ''} AND ${last ?? ''}`;
    }
    const bounds = grouping.by === 'bounds' ? grouping.bounds : [];
    const [range, ...buckets] = id.split('/');
    const inRange = between(this.keys, bounds[Number(range) - 1], bounds[Number(range)]);
    return [inRange, ...buckets.map((bucket, level) => `${this.bucket(level)} = ${bucket}`)].join(' AND ');
  }

  private partOf(id: string): string {
    if (this.grouping.by !== 'integer') return this.bucket(id.split('/').length - 1);
    const { from, size } = partsOf(id);
    // the same row is in the same part on both sides
    const key = this.keys[0]?.sql ?? '';
    // a range may be wider than a bigint
    return `(${size > WIDE_PART ? `CAST(${key} AS DECIMAL(20))` : key} - (${from})) DIV ${size}`;
  }

  private finerId(id: string, part: string): string {
    if (this.grouping.by !== 'integer') return `${id}/${part}`;
    const { from, last, size } = partsOf(id);
    const start = from + BigInt(part) * size;
    const end = start + size - 1n;
    return `${start}:${end < last ? end : last}`;
  }

  /** Of characters that every character set has. */
  private get keyHexes(): readonly string[] {
    return this.keys.map((key) => `HEX(${key.text})`);
  }

  /** Other ones at each level, so that every group can be split further. */
  private bucket(level: number): string {
    const digest = hashed(this.agreement.hash, `CONCAT_WS('#', ${[level, ...this.keyHexes].join(', ')})`);
    return `(CONV(LEFT(${digest}, 4), 16, 10) & ${BUCKETS - 1})`;
  }

  /** In the order of the hash, a page at a time; each page reads the table once. */
  private async *streamed(
    mask: number,
    groups: readonly string[],
    signal: AbortSignal,
  ): AsyncIterable<readonly RowHash[]> {
    const keyed = this.keys.length > 0;
    const order = `CAST(CONV(LEFT(${hashed(this.agreement.hash, `CONCAT_WS('#', ${this.keyHexes.join(', ')})`)}, 16), 16, 10) AS UNSIGNED)`;
    const texts = this.keys.map((key, i) => `${key.text} AS k${i}`);
    const inner = keyed ? `${order} AS o, ${texts.join(', ')}, ${this.row.hash} AS h` : `${this.row.hash} AS h`;
    const wanted = `FROM (SELECT ${inner} FROM ${this.table} LIMIT ${ALL}) AS found WHERE h & ${mask} IN (${groups.join(', ')})`;
    let last: bigint | null = null;
    for (;;) {
      const further = last === null ? '' : `AND ${keyed ? 'o' : 'h'} > ${last}`;
      const sql = keyed
        ? `SELECT o, ${this.keys.map((_, i) => `k${i}`).join(', ')}, h ${wanted} ${further} ORDER BY o LIMIT ${FETCHED_AT_A_TIME}`
        : `SELECT h, COUNT(*) ${wanted} ${further} GROUP BY h ORDER BY h LIMIT ${FETCHED_AT_A_TIME}`;
      const rows = await this.snapshot.query(sql, signal);
      const page = rows.map((row): RowHash => {
        const hash = hashOf(keyed ? row[1 + this.keys.length] : row[0]);
        return keyed
          ? { order: hashOf(row[0]), key: this.keys.map((_, i) => row[i + 1] ?? ''), hash, copies: 1 }
          : { order: hash, key: [], hash, copies: Number(row[1]) };
      });
      if (page.length > 0) yield page;
      if (page.length < FETCHED_AT_A_TIME) return;
      last = page.at(-1)?.order ?? null;
    }
  }
}

function rangesIn(grouping: Exclude<Grouping, { by: 'hash' }>): number {
  return grouping.by === 'bounds'
    ? grouping.bounds.length + 1
    : Number((grouping.last - grouping.first) / grouping.step) + 1;
}

function partsOf(id: string): { from: bigint; last: bigint; size: bigint } {
  const [from, last] = id.split(':').map(BigInt);
  const [start, end] = [from ?? 0n, last ?? 0n];
  return { from: start, last: end, size: (end - start) / PARTS + 1n };
}

function groupOf([id, count, sum, hashes]: readonly Cell[]): GroupDigest {
  return { id: id ?? '', rows: Number(count), digests: Number(hashes ?? 0), sum: BigInt(sum ?? 0) };
}

function hashOf(text: Cell | undefined): bigint {
  if (text == null) throw noHash();
  return BigInt(text);
}

/** Two rows without a hash are not two rows that are alike. */
const noHash = () => new Failure('unexpected-answer', sentence('The server computed no hash of a row.'));
