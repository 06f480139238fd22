/** Reading the binary log over SQL: where it stands, and which tables were written between two positions. */
import { BinlogWrites, gtidWentBack } from './binlogEvents.ts';
import { errorNumber } from './errors.ts';
import type { Link, Rows } from './link.ts';
import { quoteText } from './text.ts';

/** What is asked here. */
export type LogLink = Pick<Link, 'query' | 'dialect'>;

export interface LogPosition {
  readonly file: string;
  /** bytes; a single file can grow past 4 GB, so text */
  readonly pos: string;
  /** '' where the server keeps none */
  readonly gtid: string;
}

/** `denied`: the account may not ask; `off`: the server keeps no binary log */
export type LogState = LogPosition | 'off' | 'denied';

export type LogReading =
  /** everything up to the position was looked at */
  | { readonly state: 'complete'; readonly writes: BinlogWrites }
  /** the account may read the position but not the events */
  | { readonly state: 'denied' }
  /** purged, reset, or not where it was */
  | { readonly state: 'gone' }
  | { readonly state: 'too much'; readonly writes: BinlogWrites };

/** One reading looks at no more events, and asks for so many at once: some servers hold up commits while they list them. */
export interface LogLimits {
  readonly most: number;
  readonly page: number;
}

const LIMITS: LogLimits = { most: 5_000, page: 500 };

/** Takes the events in their order. */
export type EventSink = Pick<BinlogWrites, 'add' | 'addPacked'>;

export async function readLogState(link: LogLink, signal: AbortSignal): Promise<LogState> {
  const answer = await guarded(() => link.query(link.dialect.binlogStatus, signal));
  if (answer === 'denied' || answer === 'gone') return 'denied';
  const at = (name: string) => answer.rows[0]?.[answer.columns.indexOf(name)] ?? '';
  const file = at('File');
  if (file === '') return 'off';
  const { gtidPosition } = link.dialect;
  const gtid = gtidPosition === null ? at('Executed_Gtid_Set') : (await link.query(gtidPosition, signal)).rows[0]?.[0];
  return { file, pos: at('Position'), gtid: (gtid ?? '').replace(/\s+/g, '') };
}

export async function readLog(
  link: LogLink,
  since: LogPosition,
  until: LogPosition,
  signal: AbortSignal,
): Promise<LogReading> {
  const writes = new BinlogWrites();
  const state = await readEvents(link, since, until, writes, LIMITS, signal);
  return state === 'complete' || state === 'too much' ? { state, writes } : { state };
}

/** Gives `sink` what was logged between two positions of one server. */
export async function readEvents(
  link: LogLink,
  since: LogPosition,
  until: LogPosition,
  sink: EventSink,
  limits: LogLimits,
  signal: AbortSignal,
): Promise<LogReading['state']> {
  if (since.file === until.file && since.pos === until.pos && since.gtid === until.gtid) return 'complete';
  if (gtidWentBack(since.gtid, until.gtid)) return 'gone';
  const files = await filesBetween(link, since, until, signal);
  if (files === 'denied' || files === 'gone') return files;
  let left = limits.most;
  for (const file of files) {
    const from = file === since.file ? BigInt(since.pos) : 4n;
    const end = file === until.file ? BigInt(until.pos) : null;
    const outcome = await readFile(link, file, from, end, { ...limits, most: left }, sink, signal);
    if (typeof outcome !== 'number') return outcome;
    left = outcome;
  }
  return 'complete';
}

/** Answers how many events may still be read, or why it stopped. `end` null: to the end of the file. */
async function readFile(
  link: LogLink,
  file: string,
  from: bigint,
  end: bigint | null,
  limits: LogLimits,
  writes: EventSink,
  signal: AbortSignal,
): Promise<number | 'denied' | 'gone' | 'too much'> {
  // what is packed into one transaction has to come in one page
  const largest = Math.max(limits.page, LIMITS.most);
  let left = limits.most;
  let position = from;
  let size = limits.page;
  if (end !== null && end < from) return 'gone';
  while (end === null || position < end) {
    if (left <= 0) return 'too much';
    const sql = `SHOW BINLOG EVENTS IN ${quoteText(file)} FROM ${position} LIMIT ${size}`;
    const page = await guarded(() => link.query(sql, signal));
    if (page === 'denied' || page === 'gone') return page;
    const full = page.rows.length >= size;
    const units = unitsOf(eventsOf(page));
    for (const [index, { event, packed }] of units.entries()) {
      // written after the position was read: the next reading's
      if (end !== null && event.pos >= end) return left;
      // positions of one huge transaction may wrap at 4 GB
      if (event.endPos <= event.pos) return 'gone';
      // the page may end amid what is packed: once more from here, in one larger page
      if (isPayload(event) && full && index === units.length - 1 && size < largest) break;
      if (isPayload(event)) writes.addPacked(packed);
      else writes.add(event);
      position = event.endPos;
      left -= 1 + packed.length;
    }
    if (!full) return end !== null && position < end ? 'gone' : left;
    size = size === limits.page && position === units.at(-1)?.event.pos ? largest : limits.page;
  }
  return left;
}

interface LogEvent {
  readonly type: string;
  readonly info: string;
  readonly pos: bigint;
  readonly endPos: bigint;
}

const isPayload = ({ type }: LogEvent) => /^transaction_payload$/i.test(type);

/**
 * Events with what is packed in them: MySQL lists a compressed transaction as one event, and then what it unpacks,
 * all of it at the position where the transaction ends.
 */
function unitsOf(events: readonly LogEvent[]): { readonly event: LogEvent; readonly packed: LogEvent[] }[] {
  const units: { event: LogEvent; packed: LogEvent[] }[] = [];
  for (const event of events) {
    const last = units.at(-1);
    const end = last && isPayload(last.event) ? last.event.endPos : null;
    if (event.pos === end && event.endPos === end) last?.packed.push(event);
    else units.push({ event, packed: [] });
  }
  return units;
}

function eventsOf(page: Rows): LogEvent[] {
  const at = (name: string) => page.columns.indexOf(name);
  const [type, info, pos, endPos] = [at('Event_type'), at('Info'), at('Pos'), at('End_log_pos')];
  return page.rows.map((row) => ({
    type: row[type] ?? '',
    info: row[info] ?? '',
    pos: BigInt(row[pos] ?? '0'),
    endPos: BigInt(row[endPos] ?? '0'),
  }));
}

async function filesBetween(
  link: LogLink,
  since: LogPosition,
  until: LogPosition,
  signal: AbortSignal,
): Promise<readonly string[] | 'denied' | 'gone'> {
  if (since.file === until.file) return [since.file];
  const answer = await guarded(() => link.query('SHOW BINARY LOGS', signal));
  if (answer === 'denied' || answer === 'gone') return answer;
  const all = answer.rows.map((row) => row[0] ?? '');
  const first = all.indexOf(since.file);
  const last = all.indexOf(until.file);
  return first < 0 || last < first ? 'gone' : all.slice(first, last + 1);
}

async function guarded(query: () => Promise<Rows>): Promise<Rows | 'denied' | 'gone'> {
  try {
    return await query();
  } catch (error) {
    switch (errorNumber(error)) {
      case 1142: // ER_TABLEACCESS_DENIED_ERROR
      case 1227: // ER_SPECIFIC_ACCESS_DENIED_ERROR
        return 'denied';
      case 1220: // ER_ERROR_WHEN_EXECUTING_COMMAND: no such file, or no event begins there
      case 1236: // ER_MASTER_FATAL_ERROR_READING_BINLOG
      case 1373: // ER_UNKNOWN_TARGET_BINLOG
      case 1381: // ER_NO_BINARY_LOGGING
        return 'gone';
      default:
        throw error;
    }
  }
}
