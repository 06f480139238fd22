/**
 * What the rows of SHOW BINLOG EVENTS say was written. Pure. ROW format names its tables in Table_map events;
 * statements (DDL, STATEMENT format) name theirs in the text. What cannot be read makes the reading opaque.
 */
import { insertsFirst, statementMeaning } from './binlogStatement.ts';
import { isSystemSchema } from './text.ts';

export interface BinlogEvent {
  readonly type: string;
  readonly info: string;
}

/** How many events of a table wrote, updated and deleted rows. */
export interface RowEvents {
  write: number;
  update: number;
  delete: number;
  /** of the updates: those of a statement that tried to insert the row first */
  triedFirst: number;
}

/** Collects over all pages of one reading: rows refer to a Table_map that may stand pages before. */
export class BinlogWrites {
  /** `schema.table` (or what a statement tells) → events; the server's own schemas are left out */
  readonly written = new Map<string, number>();
  /** counter of the server → statements in the log that moved it, whoever's */
  readonly commands = new Map<string, number>();
  /** `schema.table` → events of changed rows, to be held against the server's counters: each is of one row or more */
  readonly rows = new Map<string, RowEvents>();
  /** the first event that could not be read; null while all could */
  opaque: string | null = null;
  private readonly tables = new Map<string, string>();
  /** the statement behind the rows that follow, as MariaDB notes it */
  private annotated = '';

  add({ type, info }: BinlogEvent): void {
    const [, change] = /^(write|update|delete)_rows/i.exec(type) ?? [];
    if (/^annotate_rows$/i.test(type)) this.annotated = info;
    else if (/^(gtid|xid|query|xa_prepare)/i.test(type)) this.annotated = '';
    if (/^table_map$/i.test(type)) this.mapTable(info);
    else if (change !== undefined) this.changeRows(change.toLowerCase(), info);
    else if (/^(query|query_compressed|execute_load_query)$/i.test(type)) this.statement(info);
    else if (!HARMLESS.test(type)) this.opaque ??= type;
  }

  /** What a compressed transaction was unpacked into. Without the transaction's own end it was not all of it. */
  addPacked(events: readonly BinlogEvent[]): void {
    for (const event of events) this.add(event);
    const last = events.at(-1);
    const ended = last && (/^(xid|xa_prepare)$/i.test(last.type) || /^(commit|rollback)\b/i.test(last.info));
    if (!ended) this.opaque ??= 'Transaction_payload';
  }

  private mapTable(info: string): void {
    // "table_id: 31 (shop.orders)"
    const match = /^table_id: (\d+) \((.*)\)$/s.exec(info);
    if (match?.[1] !== undefined && match[2] !== undefined) this.tables.set(match[1], match[2]);
    else this.opaque ??= 'Table_map';
  }

  private changeRows(change: string, info: string): void {
    const table = this.tables.get(/^table_id: (\d+)/.exec(info)?.[1] ?? '');
    if (table === undefined) {
      this.opaque ??= 'rows of an unknown table';
      return;
    }
    this.count(table);
    const events = this.rows.get(table) ?? { write: 0, update: 0, delete: 0, triedFirst: 0 };
    this.rows.set(table, events);
    if (change === 'write') events.write++;
    else if (change === 'update') events.update++;
    else events.delete++;
    if (change === 'update' && insertsFirst(this.annotated)) events.triedFirst++;
  }

  private statement(info: string): void {
    const meaning = statementMeaning(info);
    if (meaning.kind === 'harmless') return;
    if (meaning.kind === 'definition') {
      this.commands.set(meaning.command, (this.commands.get(meaning.command) ?? 0) + 1);
    }
    this.count(meaning.name);
  }

  private count(name: string): void {
    if (isSystemSchema(name.split('.', 1)[0] ?? '')) return;
    this.written.set(name, (this.written.get(name) ?? 0) + 1);
  }
}

/**
 * Event types that bring no change of their own. Everything else, Incident among it, makes the reading opaque, and so
 * does a type nobody has heard of yet.
 */
const HARMLESS = new RegExp(
  '^(format_desc|rotate|stop|xid|gtid\\w*|anonymous_gtid\\w*|previous_gtids|binlog_checkpoint|intvar|rand|user var|' +
    'annotate_rows|rows_query|begin_load_query|append_block|delete_file|xa_prepare|start_encryption|heartbeat\\w*|' +
    'ignorable|transaction_context|view_change)$',
  'i',
);

/**
 * Whether a GTID position lacks something an earlier one had: the log was reset, or this is another server.
 * Reads MariaDB's `0-1-38,1-2-5` and MySQL's `uuid:1-5:7,uuid:tag:1-3`.
 */
export function gtidWentBack(earlier: string, later: string): boolean {
  const now = gtidHeights(later);
  return [...gtidHeights(earlier)].some(([source, height]) => (now.get(source) ?? -1n) < height);
}

/** Per source (domain, or server uuid with tag) the highest number. */
function gtidHeights(position: string): ReadonlyMap<string, bigint> {
  const heights = new Map<string, bigint>();
  const raise = (source: string, height: bigint) => {
    const have = heights.get(source);
    if (have === undefined || have < height) heights.set(source, height);
  };
  for (const part of position.split(',').map((text) => text.trim())) {
    const maria = /^(\d+)-\d+-(\d+)$/.exec(part);
    if (maria) {
      raise(maria[1] ?? '', BigInt(maria[2] ?? '0'));
      continue;
    }
    const [uuid = '', ...rest] = part.split(':');
    let source = uuid;
    for (const piece of rest) {
      const interval = /^(\d+)(?:-(\d+))?$/.exec(piece);
      if (interval) raise(source, BigInt(interval[2] ?? interval[1] ?? '0'));
      else source = `${uuid}:${piece}`;
    }
  }
  return heights;
}
