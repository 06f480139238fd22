/** Watches one database of the run: keeps a connection, looks at sessions and write position, recovers by itself. */
import { footprintOf, type EngineConnection, type ReadByDts } from '../engines/engine.ts';
import { elapsedMs, momentOf, type Clock, type Moment } from '../util/clock.ts';
import { asFailure, cancelled, Failure } from '../util/failure.ts';
import { sentence } from '../util/sentence.ts';
import { classifySession } from './classify.ts';
import type {
  ClassifiedSession,
  ConnectionState,
  PendingWriter,
  PositionFacts,
  RawResult,
  RightFacts,
  RightsScope,
  ServerFacts,
  Visibility,
} from './facts.ts';
import { isSameServer } from './servers.ts';
import { Poller } from './poller.ts';
import type { EndpointPort } from './ports.ts';
import type { CutoverSettings } from './settings.ts';
import { steadyStarts } from './steadyStarts.ts';

/** One complete look at a server, as old as its oldest part. */
export interface SideLook extends Moment {
  /** which server it was, read on the connection after everything else */
  readonly server: ServerFacts;
  readonly sessions: readonly ClassifiedSession[];
  readonly position: PositionFacts;
  readonly visibility: Visibility;
  readonly pendingWriters: readonly PendingWriter[];
  /** null where the server cannot tell, or could not this time: it proves nothing by itself */
  readonly readByDts?: ReadByDts | null;
}

export interface SideEvents {
  looked(look: SideLook): void;
  connected(server: ServerFacts): void;
  failed(failure: Failure, at: Moment): void;
}

export interface SideWatchOptions {
  readonly endpoint: EndpointPort;
  readonly clock: Clock;
  readonly settings: () => CutoverSettings;
  /** accounts DTS connects with on this side */
  readonly dtsAccounts: () => readonly string[];
  /** what the task moves, as this side names it; null for everything */
  readonly scope: () => readonly RightsScope[] | null;
  readonly events: SideEvents;
}

/** Rights and schedules change rarely; asking at every look would double the load on a busy server. */
const RARE_CHECK_MS = 30_000;

/** Asked again so seldom because they may cost a statement for each table; a new connection asks at once. */
const RIGHTS_CHECK_MS = 300_000;

/** of the time a look may take, so that many tables do not cost the look */
const RIGHTS_SHARE = 0.5;

export class SideWatch {
  connection: ConnectionState = { state: 'unconfigured' };
  raw: RawResult | null = null;
  last: SideLook | null = null;
  private link: EngineConnection | null = null;
  /** as read last on this connection */
  private server: ServerFacts | null = null;
  private reconnects = 0;
  private token: string | null = null;
  private rights: { at: Moment; scope: string; facts: readonly RightFacts[] } | null = null;
  private rare: { at: Moment; visibility: Visibility; writers: readonly PendingWriter[] } | null = null;
  /** rights and schedules of before this moment are not taken from memory */
  private rareAfter: Moment | null = null;
  private closed = false;
  private readonly poller: Poller;

  constructor(private readonly options: SideWatchOptions) {
    this.poller = new Poller(
      options.clock,
      (signal) => this.look(signal),
      () => options.settings().sessionIntervalSeconds * 1000,
    );
  }

  start(): void {
    this.poller.start();
  }

  /** For good: what is under way ends, nothing begins any more, and no connection is left. */
  async close(): Promise<void> {
    this.closed = true;
    await this.stop();
  }

  /** One look from now on, at everything: rights and schedules too. */
  lookNow(): Promise<boolean> {
    this.rareAfter = momentOf(this.options.clock);
    return this.poller.once();
  }

  async stop(): Promise<void> {
    await this.poller.stop();
    await this.disconnect();
  }

  /** Settings or the password changed: forget the connection; the next look makes a new one. */
  async reconnect(): Promise<void> {
    this.reconnects++;
    await this.disconnect();
    this.rights = null;
    await this.lookNow();
  }

  async terminate(id: string, signal: AbortSignal): Promise<void> {
    const link = await this.connect(signal);
    await link.terminateSession(id, signal);
  }

  /** The position reading a later one has to be compared with; from a comparison that ended before a reload. */
  resumeFrom(token: string): void {
    this.token ??= token;
  }

  get positionToken(): string | null {
    return this.token;
  }

  private async look(signal: AbortSignal): Promise<boolean> {
    if (this.closed) return false;
    if (!this.options.endpoint.configured()) {
      this.connection = { state: 'unconfigured' };
      return false;
    }
    const limit = this.startLimit(signal);
    try {
      return await this.lookOnce(limit.signal);
    } catch (error) {
      if (signal.aborted) return false;
      await this.fail(
        limit.signal.aborted ? tooLate(this.options.settings().staleAfterSeconds, error) : asFailure(error),
      );
      return false;
    } finally {
      limit.end();
    }
  }

  /** A look that takes longer than a reading may be old says nothing about now; it must not keep the next one waiting. */
  private startLimit(signal: AbortSignal, share = 1): { readonly signal: AbortSignal; end(): void } {
    const late = new AbortController();
    const end = this.options.clock.after(this.options.settings().staleAfterSeconds * 1000 * share, () => late.abort());
    return { signal: AbortSignal.any([signal, late.signal]), end };
  }

  private async lookOnce(signal: AbortSignal): Promise<boolean> {
    const link = await this.connect(signal);
    const rare = await this.readRare(link, signal);
    const rights = await this.readRights(link, signal);
    // a look is as old as its oldest part
    const moment = momentOf(this.options.clock);
    const list = await link.listSessions(signal);
    const { sessionRules, heartbeatTables } = this.options.settings();
    const footprint = footprintOf(link.server.engine, heartbeatTables);
    const position = await link.readWritePosition(this.token, footprint, signal);
    const dts = { accounts: this.options.dtsAccounts() };
    const readByDts = (await link.readByDts?.(dts.accounts, signal).catch(() => null)) ?? null;
    // a proxy or a failover may have put another server behind the address meanwhile
    const server = await link.readServer(signal);
    // the settings lead elsewhere meanwhile: this says nothing about that place
    if (this.link !== link) return false;
    if (!isSameServer(this.server ?? link.server, server)) this.options.events.connected(server);
    this.server = server;
    this.token = position.token;
    this.raw = list.raw;
    const sessions = steadyStarts(list.sessions, this.last?.sessions ?? []);
    this.last = {
      ...moment,
      server,
      sessions: sessions.map((session) => classifySession(session, sessionRules, dts)),
      position,
      visibility: rare.visibility,
      pendingWriters: rare.writers,
      readByDts,
    };
    this.connection = { state: 'connected', server, visibility: rare.visibility, rights };
    this.options.events.looked(this.last);
    return true;
  }

  private async connect(signal: AbortSignal): Promise<EngineConnection> {
    if (this.link) return this.link;
    if (this.connection.state !== 'failed') this.connection = { state: 'connecting' };
    const link = await this.connectAsConfigured(signal);
    this.link = link;
    this.server = link.server;
    this.connection = { state: 'connected', server: link.server, visibility: null };
    this.options.events.connected(link.server);
    return link;
  }

  /** Where the settings lead when it is done, not where they led when it began. */
  private async connectAsConfigured(signal: AbortSignal): Promise<EngineConnection> {
    for (;;) {
      const { reconnects } = this;
      const link = await this.options.endpoint.connect(signal);
      if (reconnects === this.reconnects && !this.closed) return link;
      await link.close().catch(() => undefined);
      if (this.closed) throw cancelled();
    }
  }

  private async readRare(link: EngineConnection, signal: AbortSignal): Promise<NonNullable<SideWatch['rare']>> {
    const now = momentOf(this.options.clock);
    const age = this.rare ? elapsedMs(this.rare.at, now) : null;
    const asked = this.rareAfter?.mono ?? -Infinity;
    if (this.rare && age !== null && age < RARE_CHECK_MS && this.rare.at.mono > asked) return this.rare;
    const visibility = await link.checkVisibility(signal);
    const writers = await link.listPendingWriters(signal);
    this.rare = { at: now, visibility, writers };
    return this.rare;
  }

  /** A question about rights that cannot be answered is an answer, too: it must not cost the look. */
  private async readRights(link: EngineConnection, signal: AbortSignal): Promise<readonly RightFacts[]> {
    const now = momentOf(this.options.clock);
    const scope = this.options.scope();
    const key = JSON.stringify(scope);
    const { rights } = this;
    const age = rights && elapsedMs(rights.at, now);
    const after = this.rareAfter?.mono ?? -Infinity;
    const isKnown = rights?.scope === key && age !== null && age < RIGHTS_CHECK_MS && rights.at.mono > after;
    if (isKnown) return rights.facts;
    const limit = this.startLimit(signal, RIGHTS_SHARE);
    const asked = link.checkRights(scope, limit.signal).catch((error: unknown): readonly RightFacts[] => {
      if (signal.aborted) throw error;
      const why = limit.signal.aborted
        ? sentence('What this account may do could not be found out in time.')
        : asFailure(error).what;
      return [{ use: 'comparison', state: 'unknown', objects: [], why, grant: null }];
    });
    const facts = await asked.finally(() => limit.end());
    this.rights = { at: now, scope: key, facts };
    return facts;
  }

  private async fail(failure: Failure): Promise<void> {
    const now = momentOf(this.options.clock);
    await this.disconnect();
    this.rare = null;
    this.rights = null;
    const since = this.connection.state === 'failed' ? this.connection.since : now.at;
    this.connection = { state: 'failed', failure: failure.facts(), since, retryAt: now.at + this.poller.pauseMs };
    this.options.events.failed(failure, now);
  }

  private async disconnect(): Promise<void> {
    const link = this.link;
    this.link = null;
    try {
      await link?.close();
    } catch {
      // it is being given up because it is broken: how exactly changes nothing
    }
  }
}

function tooLate(seconds: number, cause: unknown): Failure {
  return new Failure(
    'timed-out',
    sentence('A look at the sessions took longer than {seconds} s and was given up.', { seconds }),
    sentence('The server may be overloaded; looking goes on.'),
    { cause },
  );
}
