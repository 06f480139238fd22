/**
 * The write position: where the binary log stands, backed by counters and a list of tables that also see what is not
 * logged. A token is small and can be compared after a new connection; names come from readings kept here.
 */
import * as z from 'zod/mini';
import type { PositionFacts } from '../../cutover/facts.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import type { DtsFootprint } from '../engine.ts';
import { readToken } from '../positionToken.ts';
import { readLog, readLogState, type LogState } from './binlog.ts';
import { catalogueChanges, readCatalogue, type Catalogue } from './catalogue.ts';
import {
  changesBetween,
  fingerprint,
  readGlobalCounters,
  readTableCounters,
  type GlobalCounters,
  type TableCounters,
} from './counters.ts';
import { isOfDts, judge, type CatalogueEvidence, type TableEvidence, type Verdict } from './judge.ts';
import type { Link } from './link.ts';
import { readLogSettings, type LogSettings } from './logSettings.ts';
import { readOpenTransactions } from './openTransactions.ts';
import { isSameStart } from './server.ts';
import { keptElsewhere, StorageEngines, type OtherEngines } from './storageEngines.ts';
import { quoteAccount } from './text.ts';

/** `all` finds a reading again while it is kept, `foreign` tells whether anything but DTS's tables differs */
const PRINTS = { all: z.string(), foreign: z.string() };

/** What a token holds; numbers of the server as text. */
const TOKEN = z.object({
  v: z.literal(2),
  server: z.string(),
  startedAt: z.number(),
  display: z.string(),
  log: z.union([
    z.enum(['off', 'denied']),
    z.object({ file: z.string(), pos: z.string().check(z.regex(/^\d+$/)), gtid: z.string() }),
  ]),
  rows: z.array(z.string().check(z.regex(/^\d+$/))),
  commands: z.record(z.string(), z.string().check(z.regex(/^\d+$/))),
  tables: z.nullable(z.object({ source: z.enum(['performance_schema', 'innodb']), ...PRINTS })),
  catalogue: z.nullable(z.object({ complete: z.boolean(), ...PRINTS })),
  open: z.nullable(z.array(z.string())),
  steady: z.boolean(),
});
type Token = z.infer<typeof TOKEN>;

interface Reading {
  readonly token: Token;
  readonly global: GlobalCounters;
  readonly tables: TableCounters | null;
  readonly catalogue: Catalogue | null;
  readonly others: OtherEngines | null;
  readonly settings: LogSettings;
}

/** Readings kept to name tables later; older tokens still tell that something differs. */
const KEPT = 8;

/** A heartbeat changes a row, and is in the log milliseconds later. */
const TRIES = 4;

export class PositionReader {
  private readonly counts = new Kept<bigint>();
  private readonly catalogues = new Kept<string>();
  private readonly engines: StorageEngines;

  constructor(private readonly link: Link) {
    this.engines = new StorageEngines(link);
  }

  async read(since: string | null, dts: DtsFootprint, signal: AbortSignal): Promise<PositionFacts> {
    const earlier = readToken(TOKEN, since);
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

  /** At a moment when nobody is between changing a row and having it in the log, if there is one. */
  private async take(dts: DtsFootprint, signal: AbortSignal): Promise<Reading> {
    const settings = await readLogSettings(this.link, signal);
    let reading = await this.takeOnce(dts, settings, null, signal);
    for (let tries = 1; tries < TRIES && !reading.token.steady; tries++) {
      reading = await this.takeOnce(dts, settings, reading.token.open, signal);
    }
    return reading;
  }

  /** `lasting`: transactions that were open a moment ago */
  private async takeOnce(
    dts: DtsFootprint,
    settings: LogSettings,
    lasting: readonly string[] | null,
    signal: AbortSignal,
  ): Promise<Reading> {
    const { link } = this;
    const before = await readLogState(link, signal);
    const open = await readOpenTransactions(link, signal);
    const global = await readGlobalCounters(link, signal);
    const tables = await readTableCounters(link, global.instancesLost, signal);
    const others = await this.engines.others([...global.commands.values()].join(), signal);
    const catalogue = await readCatalogue(link, others, signal);
    // the log last: what is written meanwhile is then in the log of this reading, and only the counters lag
    const log = await readLogState(link, signal);
    const token: Token = {
      v: 2,
      server: link.serverKey,
      startedAt: global.startedAt,
      display: displayOf(log, global),
      log,
      rows: global.rows.map(String),
      commands: Object.fromEntries([...global.commands].map(([name, count]) => [name, String(count)])),
      tables: tables && { source: tables.source, ...this.counts.keep(tables.counts, dts) },
      catalogue: catalogue && { complete: others !== null, ...this.catalogues.keep(catalogue, dts) },
      open: open && [...open],
      steady: isSameLog(before, log) && (open ?? []).every((id) => lasting?.includes(id)),
    };
    return { token, global, tables, catalogue, others, settings };
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
    const { open } = now.token;
    const evidence = {
      log,
      tables: this.tableEvidence(earlier, now),
      rowGrowth: now.global.rows.map((value, i) => value - (before[i] ?? 0n)),
      everyEngine: this.link.dialect.rowCounters.everyEngine,
      others: now.others && now.others.tables.map(({ name }) => name),
      elsewhere: keptElsewhere(now.others).map(({ name }) => name),
      commands: growthOf(earlier.commands, now.global.commands),
      catalogue: this.catalogueEvidence(earlier, now, dts),
      ended: earlier.open && open && earlier.open.some((id) => !open.includes(id)),
      steady: earlier.steady && now.token.steady,
      ...now.settings,
      logGrant: log.state === 'denied' ? await this.grant(this.link.dialect.binlogPrivileges, signal) : '',
      processGrant: open ? '' : await this.grant('PROCESS', signal),
    };
    return judge(evidence, dts);
  }

  private async readLogSince(earlier: LogState, now: LogState, signal: AbortSignal) {
    if (now === 'off' || now === 'denied') return { state: now } as const;
    if (earlier === 'off' || earlier === 'denied') return { state: 'gone' } as const;
    return readLog(this.link, earlier, now, signal);
  }

  private tableEvidence(earlier: Token, { tables, token }: Reading): TableEvidence | null {
    if (!tables || !token.tables || earlier.tables?.source !== tables.source) return null;
    const before = this.counts.get(earlier.tables.all);
    return {
      ...(before ? changesBetween(before, tables.counts) : { grown: new Map<string, bigint>(), reset: [] }),
      source: tables.source,
      namesLost: !before && earlier.tables.foreign !== token.tables.foreign,
    };
  }

  private catalogueEvidence(
    earlier: Token,
    { catalogue, token }: Reading,
    dts: DtsFootprint,
  ): CatalogueEvidence | null {
    if (!catalogue || !token.catalogue || !earlier.catalogue) return null;
    const before = this.catalogues.get(earlier.catalogue.all);
    const { changed, rebuilt } = before ? catalogueChanges(before, catalogue) : { changed: [], rebuilt: [] };
    const foreign = (name: string) => !isOfDts(name, dts);
    return {
      changed: changed.filter(foreign),
      rebuilt: rebuilt.filter(foreign),
      complete: earlier.catalogue.complete && token.catalogue.complete,
      namesLost: !before && earlier.catalogue.foreign !== token.catalogue.foreign,
    };
  }

  private async grant(privileges: string, signal: AbortSignal): Promise<string> {
    const account = (await this.link.query('SELECT CURRENT_USER()', signal)).rows[0]?.[0] ?? '';
    return `GRANT ${privileges} ON *.* TO ${quoteAccount(account)};`;
  }
}

/** The newest readings of one sort, found again by their fingerprints. */
class Kept<V extends bigint | string> {
  private readonly readings = new Map<string, ReadonlyMap<string, V>>();

  keep(reading: ReadonlyMap<string, V>, dts: DtsFootprint): { all: string; foreign: string } {
    const all = fingerprint(reading);
    const foreign = fingerprint(new Map([...reading].filter(([name]) => !isOfDts(name, dts))));
    this.readings.delete(all);
    this.readings.set(all, reading);
    for (const oldest of this.readings.keys()) {
      if (this.readings.size <= KEPT) break;
      this.readings.delete(oldest);
    }
    return { all, foreign };
  }

  get(all: string): ReadonlyMap<string, V> | undefined {
    return this.readings.get(all);
  }
}

function growthOf(earlier: Token['commands'], now: GlobalCounters['commands']): ReadonlyMap<string, bigint> {
  const grown = [...now].map(([name, count]) => [name, count - BigInt(earlier[name] ?? 0)] as const);
  return new Map(grown.filter(([, growth]) => growth !== 0n));
}

function isSameLog(a: LogState, b: LogState): boolean {
  return typeof a === 'string' || typeof b === 'string'
    ? true
    : a.file === b.file && a.pos === b.pos && a.gtid === b.gtid;
}

function displayOf(log: LogState, { rows }: GlobalCounters): string {
  if (log === 'off' || log === 'denied') return `rows ${rows.join('/')}`;
  return log.gtid === '' ? `${log.file}:${log.pos}` : `${log.file}:${log.pos} ${log.gtid}`;
}
