/** What the binary log says was written, for proofs. Pure: takes the events in their order. */
import type { BinlogEvent } from './binlogEvents.ts';
import { BinlogWrites } from './binlogEvents.ts';
import type { EventSink } from './binlog.ts';
import { splitUse } from './binlogStatement.ts';
import { effectOf } from './writtenStatement.ts';

/** XA transaction → the tables it wrote before it was prepared. */
export type Prepared = Readonly<Record<string, readonly string[]>>;

export class LoggedWrites implements EventSink {
  /** `schema.table` */
  readonly tables = new Set<string>();
  readonly databases = new Set<string>();
  /** why it cannot be told which tables were written; null while it can */
  anywhere: string | null = null;
  /** changed definitions, as the server's counters count them */
  definitions = 0;
  /** their definition changed and their rows did not; of those in `rebuilt` the rows lie in another file */
  readonly kept = new Set<string>();
  readonly rebuilt = new Set<string>();
  /** a table that was referred to by a foreign key at some time, and the table that referred to it */
  readonly references: (readonly [string, string])[] = [];
  private readonly xa: Map<string, readonly string[]>;
  /** the rows of the transaction the events are of */
  private rows = new BinlogWrites();

  /** @param prepared XA transactions that were prepared before the first event */
  constructor(prepared: Prepared) {
    this.xa = new Map(Object.entries(prepared));
  }

  /** Those that are prepared after the last event. */
  get prepared(): Prepared {
    return Object.fromEntries(this.xa);
  }

  add(event: BinlogEvent): void {
    const { type, info } = event;
    if (/^(gtid\w*|anonymous_gtid\w*)$/i.test(type)) this.rows = new BinlogWrites();
    if (/^execute_load_query$/i.test(type)) this.anywhere ??= type;
    else if (/^query(_compressed)?$/i.test(type)) this.statement(info);
    else if (/^xa_prepare$/i.test(type)) this.prepare(info);
    else {
      this.rows.add(event);
      this.take();
    }
  }

  addPacked(events: readonly BinlogEvent[]): void {
    // takes statements for themselves, and tells when not all was unpacked
    const whole = new BinlogWrites();
    whole.addPacked(events);
    if (whole.opaque !== null) this.anywhere ??= whole.opaque;
    for (const event of events) this.add(event);
  }

  private take(): void {
    for (const table of this.rows.written.keys()) this.tables.add(table);
    if (this.rows.opaque !== null) this.anywhere ??= this.rows.opaque;
  }

  private prepare(info: string): void {
    const [, what, id] = /^xa\s+(prepare|commit)\s+(.*)$/is.exec(info.trim()) ?? [];
    // committed in one phase: the rows stand before it
    if (what?.toLowerCase() === 'commit') return;
    if (id === undefined) this.anywhere ??= 'XA_prepare';
    else this.xa.set(xidOf(id), [...this.rows.written.keys()]);
  }

  private statement(info: string): void {
    const { text } = splitUse(info);
    const [, what, id] = /^xa\s+(commit|rollback)\s+(.*)$/is.exec(text) ?? [];
    if (what !== undefined && id !== undefined) return this.end(what.toLowerCase() === 'commit', xidOf(id));
    if (/^(begin|xa\s+start)\b/i.test(text)) this.rows = new BinlogWrites();
    const effect = effectOf(info);
    for (const table of effect.tables) this.tables.add(table);
    if (effect.database !== null) this.databases.add(effect.database);
    // no more of it than the first word: what follows may be anybody's data
    if (effect.anywhere) this.anywhere ??= /^\w*/.exec(text)?.[0] ?? '';
    if (effect.definition) this.definitions++;
    for (const table of effect.kept) (effect.rebuilt ? this.rebuilt : this.kept).add(table);
    this.references.push(...effect.references);
  }

  private end(committed: boolean, id: string): void {
    const tables = this.xa.get(id);
    this.xa.delete(id);
    if (!committed) return;
    if (!tables) this.anywhere ??= 'XA COMMIT';
    for (const table of tables ?? []) this.tables.add(table);
  }
}

/** Servers write the same one with and without blanks. */
const xidOf = (text: string) =>
  text
    .replace(/\s+one\s+phase\s*$/i, '')
    .replace(/\s+/g, '')
    .toLowerCase();
