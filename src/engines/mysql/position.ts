/**
 * The write position: where the binary log stands, backed by counters that also see what is not logged.
 * A token is small and can be compared after a new connection; the names of tables come from readings kept here.
 */
import type { PositionFacts } from '../../cutover/facts.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import type { DtsFootprint } from '../engine.ts';
import { readLog, readLogState, type LogState } from './binlog.ts';
import {
  changesBetween,
  fingerprint,
  readGlobalCounters,
  readTableCounters,
  type GlobalCounters,
  type TableCounters,
} from './counters.ts';
import { isOfDts, judge, type TableEvidence, type Verdict } from './judge.ts';
import type { Link } from './link.ts';
import { isSameStart } from './server.ts';
import { StorageEngines } from './storageEngines.ts';
import { quoteAccount } from './text.ts';

/** What a token holds; numbers of the server as text. */
interface Token {
  readonly v: 1;
  readonly server: string;
  readonly startedAt: number;
  readonly display: string;
  readonly log: LogState;
  readonly rows: readonly string[];
  readonly definitions: string;
  readonly creations: string;
  /** `all` finds the reading again while it is kept, `foreign` tells whether anything but DTS's tables differs */
  readonly tables: { readonly source: TableCounters['source']; readonly all: string; readonly foreign: string } | null;
}

interface Reading {
  readonly token: Token;
  readonly global: GlobalCounters;
  readonly tables: TableCounters | null;
}

/** Per-table readings kept to name tables later; older tokens still tell that something differs. */
const KEPT = 8;

export class PositionReader {
  private readonly kept = new Map<string, TableCounters['counts']>();
  private readonly engines: StorageEngines;

  constructor(private readonly link: Link) {
    this.engines = new StorageEngines(link);
  }

  async read(since: string | null, dts: DtsFootprint, signal: AbortSignal): Promise<PositionFacts> {
    const earlier = since === null ? null : parseToken(since);
    const now = await this.take(dts, signal);
    const verdict = await this.compare(earlier, now, dts, signal);
    return {
      takenAt: Date.now(),
      token: JSON.stringify(now.token),
      display: now.token.display,
      sinceDisplay: earlier?.display ?? null,
      ...verdict,
    };
  }

  private async take(dts: DtsFootprint, signal: AbortSignal): Promise<Reading> {
    const global = await readGlobalCounters(this.link, signal);
    const tables = await readTableCounters(this.link, global.instancesLost, signal);
    // the log last: what is written meanwhile is then in the log of this reading, and only the counters lag
    const log = await readLogState(this.link, signal);
    const token: Token = {
      v: 1,
      server: this.link.serverKey,
      startedAt: global.startedAt,
      display: displayOf(log, global),
      log,
      rows: global.rows.map(String),
      definitions: String(global.definitions),
      creations: String(global.creations),
      tables: tables && { source: tables.source, ...this.keep(tables, dts) },
    };
    return { token, global, tables };
  }

  private keep({ counts }: TableCounters, dts: DtsFootprint): { all: string; foreign: string } {
    const all = fingerprint(counts);
    const foreign = fingerprint(new Map([...counts].filter(([name]) => !isOfDts(name, dts))));
    this.kept.delete(all);
    this.kept.set(all, counts);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= KEPT) break;
      this.kept.delete(oldest);
    }
    return { all, foreign };
  }

  private async compare(earlier: Token | null, now: Reading, dts: DtsFootprint, signal: AbortSignal): Promise<Verdict> {
    const unknown = (why: Sentence): Verdict => ({ foreign: 'unknown', written: [], why });
    if (!earlier) return unknown(sentence('This is the first reading; there is nothing to compare it with.'));
    if (earlier.server !== now.token.server)
      return unknown(sentence('This is another server than at the last reading.'));
    const before = earlier.rows.map(BigInt);
    const wentBack = now.global.rows.some((value, i) => value < (before[i] ?? 0n));
    if (!isSameStart(earlier.startedAt, now.token.startedAt) || wentBack) {
      return unknown(sentence('The server has restarted since the last reading.'));
    }
    const log = await this.readLogSince(earlier.log, now.token.log, signal);
    const rowGrowth = now.global.rows.map((value, i) => value - (before[i] ?? 0n));
    const tables = await this.tableEvidence(earlier, now, rowGrowth, signal);
    const evidence = {
      log,
      tables,
      rowGrowth,
      everyEngine: this.link.dialect.rowCounters.everyEngine,
      definitionGrowth: now.global.definitions - BigInt(earlier.definitions),
      creationGrowth: now.global.creations - BigInt(earlier.creations),
      logGrant: log.state === 'denied' ? await this.logGrant(signal) : '',
    };
    return judge(evidence, dts);
  }

  private async readLogSince(earlier: LogState, now: LogState, signal: AbortSignal) {
    if (now === 'off' || now === 'denied') return { state: now } as const;
    if (earlier === 'off' || earlier === 'denied') return { state: 'gone' } as const;
    return readLog(this.link, earlier, now, signal);
  }

  private async tableEvidence(
    earlier: Token,
    now: Reading,
    rowGrowth: readonly bigint[],
    signal: AbortSignal,
  ): Promise<TableEvidence | null> {
    const { tables, global, token } = now;
    if (!tables || !token.tables || earlier.tables?.source !== tables.source) return null;
    const before = this.kept.get(earlier.tables.all);
    const nothingMoved = this.link.dialect.rowCounters.everyEngine && rowGrowth.every((growth) => growth === 0n);
    return {
      ...(before ? changesBetween(before, tables.counts) : { grown: new Map<string, bigint>(), reset: [] }),
      otherEngines: tables.source === 'performance_schema',
      namesLost: !before && earlier.tables.foreign !== token.tables.foreign,
      complete:
        tables.source === 'performance_schema' ||
        nothingMoved ||
        (await this.engines.onlyInnoDb(global.definitions + global.creations, signal)),
    };
  }

  private async logGrant(signal: AbortSignal): Promise<string> {
    const account = (await this.link.query('SELECT CURRENT_USER()', signal)).rows[0]?.[0] ?? '';
    return `GRANT ${this.link.dialect.binlogPrivileges} ON *.* TO ${quoteAccount(account)};`;
  }
}

function displayOf(log: LogState, { rows }: GlobalCounters): string {
  if (log === 'off' || log === 'denied') return `rows ${rows.join('/')}`;
  return log.gtid === '' ? `${log.file}:${log.pos}` : `${log.file}:${log.pos} ${log.gtid}`;
}

/** null for a token of another version of this adapter, or of nobody, which then counts as no earlier reading. */
function parseToken(text: string): Token | null {
  try {
    const token = JSON.parse(text) as Token | { readonly v?: unknown } | null;
    return token?.v === 1 ? (token as Token) : null;
  } catch {
    return null;
  }
}
