/** One table on one side: groups digested by key ranges or by hash, finer groups, row hashes and rows by key. */
import type { GroupDigest, RowHash, RowValues, SideDigest, TablePlan } from '../../comparison/port.ts';
import { columnOf, keyText, LONGEST_VALUE, rowHash, toldApart, type Agreement, type Side } from './digest-encode.ts';
import {
  bitmapOf,
  finer,
  groupsIn,
  rangeOf,
  unitRange,
  unitsIn,
  type Grouping,
  type KeyRange,
  type RangeGroup,
} from './digest-groups.ts';
import { typedLiteral } from './digest-literal.ts';
import type { Snapshot } from './digest-snapshot.ts';
import type { Row } from './link.ts';
import { quoteName } from './text.ts';

/** Rows of an answer at a time where both sides are walked in the order of a hash; each page reads the table once. */
const PAGE = 20_000;
/** The comparison has workers of its own: one statement keeps to one processor. */
const ONE_THREAD = 'OPTION (MAXDOP 1)';

/** Bounds in the type of the column: a literal of another type could keep its index from being used. */
const BOUNDS: Readonly<Record<string, readonly [bigint, bigint]>> = {
  tinyint: [0n, 255n],
  smallint: [-(2n ** 15n), 2n ** 15n - 1n],
  int: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
};
export const isLead = (type: string) => type in BOUNDS;
const bigint = (value: bigint) => `CAST(${value} AS bigint)`;
const sum = 'CONVERT(varchar(40), SUM(CAST(r.h AS decimal(38, 0)))) AS s';
const count = 'CONVERT(varchar(20), COUNT_BIG(*)) AS n';
const digests = 'CONVERT(varchar(20), COUNT_BIG(r.h)) AS d';

export class TableDigest implements SideDigest {
  readonly units: number;
  private readonly table: string;
  /** 64 bits of the whole row, and of its key */
  private readonly hash: string;
  private readonly keyHash: string;
  private readonly keys: readonly { readonly sql: string; readonly text: string; readonly column: KeyColumn }[];

  constructor(
    private readonly snapshot: Snapshot,
    private readonly plan: TablePlan,
    private readonly side: Side,
    private readonly grouping: Grouping,
    agreement: Agreement,
  ) {
    const { name } = plan[side];
    this.table = `${quoteName(name.schema ?? 'dbo')}.${quoteName(name.name)} AS t`;
    const keyed = plan.key
      .map((key) => plan.columns.find((column) => column.name === key))
      .filter((column) => !!column);
    this.keys = keyed.map((column) => ({
      sql: columnOf(column.name),
      text: keyText(column, side, snapshot.level),
      column: column[side],
    }));
    this.hash = rowHash(plan.columns, side, agreement);
    this.keyHash = keyed.length > 0 ? rowHash(keyed, side, agreement) : this.hash;
    this.units = unitsIn(grouping);
  }

  async scan(unit: number, signal: AbortSignal): Promise<readonly GroupDigest[]> {
    const { grouping } = this;
    if (grouping.by === 'hash') {
      const rows = await this.snapshot.query(
        `SELECT CONVERT(varchar(20), r.h & ${grouping.mask}) AS g, ${count}, ${digests}, ${sum} FROM (SELECT ${this.hash} AS h FROM ${this.table}) AS r ` +
          `GROUP BY r.h & ${grouping.mask} ${ONE_THREAD}`,
        signal,
      );
      return rows.map((row) => groupOf(row['g'] ?? '', row));
    }
    const range = this.clamped(unitRange(grouping, unit));
    if (!range) return [];
    const rows = await this.snapshot.query(
      `SELECT CONVERT(varchar(20), r.g) AS g, ${count}, ${digests}, ${sum} FROM (SELECT ${this.lead} / ${bigint(grouping.step)} AS g, ${this.hash} AS h ` +
        `FROM ${this.table} WHERE ${this.keys[0]?.sql ?? ''} BETWEEN ${range.from} AND ${range.to}) AS r GROUP BY r.g ${ONE_THREAD}`,
      signal,
    );
    return rows.map((row) => groupOf(`${grouping.step}:${row['g'] ?? ''}`, row));
  }

  async refine(groups: readonly string[], signal: AbortSignal): Promise<readonly GroupDigest[]> {
    const found: GroupDigest[] = [];
    for (const alike of groupsIn(groups)) {
      const { step, mask } = finer(alike);
      const wanted = this.wanted(alike.groups);
      if (!wanted) continue;
      const rows = await this.snapshot.query(
        `SELECT CONVERT(varchar(20), r.g) AS g, CONVERT(varchar(20), r.b) AS b, ${count}, ${digests}, ${sum} ` +
          `FROM (SELECT ${this.lead} / ${bigint(step)} AS g, ${mask === 0n ? bigint(0n) : `${this.keyHash} & ${bigint(mask)}`} AS b, ` +
          `${this.bucketIn(alike.mask)}${this.hash} AS h FROM ${wanted}) AS r${bucketAsked(alike.mask)} GROUP BY r.g, r.b ${ONE_THREAD}`,
        signal,
      );
      for (const row of rows) {
        const bucket = mask === 0n ? '' : `/${mask}:${row['b'] ?? ''}`;
        found.push(groupOf(`${step}:${row['g'] ?? ''}${bucket}`, row));
      }
    }
    return found;
  }

  async *rowHashes(groups: readonly string[], signal: AbortSignal): AsyncIterable<readonly RowHash[]> {
    if (this.grouping.by === 'hash') {
      yield* this.paged(this.grouping.mask, groups, signal);
      return;
    }
    const found: RowHash[] = [];
    for (const alike of groupsIn(groups)) {
      const wanted = this.wanted(alike.groups);
      if (!wanted) continue;
      const columns = `${this.orderOf} AS o, ${this.keyTexts}, ${this.bucketIn(alike.mask)}${this.hash} AS h`;
      const rows = await this.snapshot.query(
        `SELECT CONVERT(varchar(20), r.o) AS o, ${this.keyNames}, CONVERT(varchar(20), r.h) AS h ` +
          `FROM (SELECT ${columns} FROM ${wanted}) AS r${bucketAsked(alike.mask)} ${ONE_THREAD}`,
        signal,
      );
      found.push(...rows.map((row) => this.rowHashOf(row)));
    }
    yield found.sort((a, b) => (a.order < b.order ? -1 : 1));
  }

  async fetch(rows: readonly Pick<RowHash, 'key' | 'hash'>[], signal: AbortSignal): Promise<readonly RowValues[]> {
    const values = this.plan.columns.map(
      (column, i) => `${toldApart(column, this.side, this.snapshot.level)} AS v${i}`,
    );
    const whole = `CONVERT(varchar(20), ${this.hash}) AS h, ${values.join(', ')}`;
    if (this.keys.length === 0) {
      const names = (alias: string) => values.map((_, i) => `${alias}.v${i}`).join(', ');
      const hashes = rows.map((row) => bigint(row.hash)).join(', ');
      const all = `SELECT ${this.hash} AS h, ${values.join(', ')} FROM ${this.table}`;
      const numbered =
        `SELECT x.h, ${names('x')}, ROW_NUMBER() OVER (PARTITION BY x.h ORDER BY (SELECT NULL)) AS copy ` +
        `FROM (${all}) AS x WHERE x.h IN (${hashes})`;
      const found = await this.snapshot.query(
        `SELECT CONVERT(varchar(20), r.h) AS h, ${names('r')} FROM (${numbered}) AS r WHERE r.copy = 1 ${ONE_THREAD}`,
        signal,
      );
      return found.map((row) => this.valuesOf(row));
    }
    const wanted = rows.map(
      ({ key }) => `(${this.keys.map(({ column }, i) => typedLiteral(key[i] ?? '', column)).join(', ')})`,
    );
    const names = this.keys.map((_, i) => `w${i}`).join(', ');
    const on = this.keys.map(({ sql }, i) => `${sql} = w.w${i}`).join(' AND ');
    const found = await this.snapshot.query(
      `SELECT ${whole}, ${this.keyTexts} FROM (VALUES ${wanted.join(', ')}) AS w(${names}) INNER LOOP JOIN ${this.table} ON ${on} ${ONE_THREAD}`,
      signal,
    );
    return found.map((row) => this.valuesOf(row));
  }

  /** As a bigint: an int divided by a literal beyond its type would become a fraction. */
  private get lead(): string {
    return `CAST(${this.keys[0]?.sql ?? ''} AS bigint)`;
  }
  private get orderOf(): string {
    return this.keys.length === 1 ? this.lead : this.keyHash;
  }
  private get keyTexts(): string {
    return this.keys.map(({ text }, i) => `${text} AS k${i}`).join(', ');
  }
  private get keyNames(): string {
    return this.keys.map((_, i) => `r.k${i}`).join(', ');
  }
  private bucketIn(mask: bigint): string {
    return mask === 0n ? '' : `w.bucket, ${this.keyHash} & ${bigint(mask)} AS own, `;
  }

  /** The ranges of these groups, each looked up by the index; null when none of them can have rows on this side. */
  private wanted(groups: readonly RangeGroup[]): string | null {
    const ranges = groups.flatMap((group) => {
      const range = this.clamped(rangeOf(group));
      return range ? [`(${range.from}, ${range.to}, ${bigint(group.bucket)})`] : [];
    });
    if (ranges.length === 0) return null;
    const between = `${this.keys[0]?.sql ?? ''} BETWEEN w.low AND w.high`;
    return `(VALUES ${ranges.join(', ')}) AS w(low, high, bucket) INNER LOOP JOIN ${this.table} ON ${between}`;
  }

  private clamped({ first, last }: KeyRange): { from: string; to: string } | null {
    const type = this.keys[0]?.column.type ?? 'bigint';
    const [least, most] = BOUNDS[type] ?? [0n, 0n];
    const [from, to] = [first < least ? least : first, last > most ? most : last];
    return from > to ? null : { from: `CAST(${from} AS ${type})`, to: `CAST(${to} AS ${type})` };
  }

  /** In the order of the key's hash, or of the row's where there is no key, a page at a time. */
  private async *paged(
    mask: number,
    groups: readonly string[],
    signal: AbortSignal,
  ): AsyncIterable<readonly RowHash[]> {
    const keyed = this.keys.length > 0;
    const columns = keyed ? `${this.keyHash} AS o, ${this.keyTexts}, ${this.hash} AS h` : `${this.hash} AS h`;
    const order = keyed ? 'r.o' : 'r.h';
    const among = inBitmap(`r.h & ${mask}`, bitmapOf(groups, mask));
    for (let last: bigint | null = null; ;) {
      const after: string = last === null ? '' : ` AND ${order} > ${bigint(last)}`;
      const asked = keyed
        ? `CONVERT(varchar(20), r.o) AS o, ${this.keyNames}, CONVERT(varchar(20), r.h) AS h`
        : `CONVERT(varchar(20), r.h) AS h, ${count}`;
      const rows = await this.snapshot.query(
        `SELECT TOP (${PAGE}) ${asked} FROM (SELECT ${columns} FROM ${this.table}) AS r WHERE ${among}${after}` +
          `${keyed ? '' : ' GROUP BY r.h'} ORDER BY ${order} ${ONE_THREAD}`,
        signal,
      );
      const page = rows.map((row) => this.rowHashOf(row));
      if (page.length > 0) yield page;
      if (page.length < PAGE) return;
      last = page.at(-1)?.order ?? null;
    }
  }

  private rowHashOf(row: Row): RowHash {
    const hash = BigInt(row['h'] ?? 0);
    if (this.keys.length === 0) return { order: hash, key: [], hash, copies: Number(row['n']) };
    return { order: BigInt(row['o'] ?? 0), key: this.keyOf(row), hash, copies: 1 };
  }

  private keyOf(row: Row): string[] {
    return this.keys.map((_, i) => row[`k${i}`] ?? '');
  }

  private valuesOf(row: Row): RowValues {
    const values: Record<string, string | null> = {};
    const cut: string[] = [];
    this.plan.columns.forEach(({ name }, i) => {
      const value = row[`v${i}`] ?? null;
      if (value !== null && value.length > LONGEST_VALUE) cut.push(name);
      values[name] = value === null ? null : value.slice(0, LONGEST_VALUE);
    });
    return { key: this.keyOf(row), hash: BigInt(row['h'] ?? 0), values, cut };
  }
}

type KeyColumn = TablePlan['columns'][number]['source'];

/** Only rows whose bucket is the one asked for in their range. */
const bucketAsked = (mask: bigint) => (mask === 0n ? '' : ' WHERE r.own = r.bucket');

/** Whether the bit of this number is set: a list of thousands of numbers would be more than a statement takes. */
function inBitmap(number: string, bitmap: Buffer): string {
  const byte = `CAST(SUBSTRING(0x${bitmap.toString('hex').toUpperCase()}, CAST((${number}) / 8 AS int) + 1, 1) AS int)`;
  return `${byte} & POWER(2, CAST((${number}) % 8 AS int)) <> 0`;
}

function groupOf(id: string, row: Row): GroupDigest {
  return { id, rows: Number(row['n']), digests: Number(row['d'] ?? 0), sum: BigInt(row['s'] ?? 0) };
}
