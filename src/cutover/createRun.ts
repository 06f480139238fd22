import { momentOf, type Moment } from '../util/clock.ts';
import { asFailure, isFailure, type FailureFacts } from '../util/failure.ts';
import { wordsOf, type Sentence } from '../util/sentence.ts';
import { performIntent, type RunParts } from './actions.ts';
import { resolveCompletion } from './completion.ts';
import type { ComparisonProgress, RawResult, ServerFacts, Side, TaskFacts } from './facts.ts';
import { DtsWatch } from './dtsWatch.ts';
import { dwellLook } from './dwell.ts';
import { maxHoleMs, waivedMissing, type GateFacts } from './gates.ts';
import type { Intent, IntentResult } from './intents.ts';
import { Ledger } from './ledger.ts';
import { LostAnswer } from './lostAnswer.ts';
import { PauseWatch } from './pauseWatch.ts';
import { wanted } from './wanted.ts';
import { isSameServer } from './servers.ts';
import { picture, sideView } from './picture.ts';
import { prepareItems, rightsScope } from './prepare.ts';
import { disturbances, foreignIds, judgeQuiet, type QuietSample } from './quiet.ts';
import { seenBeyond } from './overrides.ts';
import { otherServerAnswers, reason, type Reason } from './reasons.ts';
import { OwnComparison } from './ownComparison.ts';
import type { CutoverRun, RunOptions } from './run.ts';
import { RestWindows } from './restWindows.ts';
import { RunRecord } from './runRecord.ts';
import type { CutoverSettings } from './settings.ts';
import { afterReading, afterSourceLook, afterTargetLook, NO_SIGNS, type FlowSigns } from './flowSigns.ts';
import { freshLookOf, seenNow } from './looks.ts';
import { SideWatch, type SideLook } from './sideWatch.ts';
import type { RunSnapshot } from './snapshot.ts';
import { stalenessOf } from './staleness.ts';
import { hardReasons, zeroReasons } from './taskReadiness.ts';
import { TaskWatch } from './taskWatch.ts';
import type { Look } from './windows.ts';

/** How often, a second apart, a server that cannot say yet who wrote is asked again before Complete. */
const PENDING_TRIES = 12;

/** Opens the run of a task: replays its journal; nothing is polled before somebody watches. */
export async function createRun(options: RunOptions): Promise<CutoverRun> {
  return new Run(options, await Ledger.open(options.journal, options.clock));
}

class Run implements CutoverRun, RunParts {
  readonly taskWatch: TaskWatch;
  readonly sides: Readonly<Record<Side, SideWatch>>;
  readonly dts: DtsWatch;
  private readonly own = new OwnComparison(this);
  readonly record: RunRecord;
  settings: CutoverSettings;
  progress: ComparisonProgress | null = null;
  comparisonFailure: FailureFacts | null = null;
  comparisonAbort: AbortController | null = null;
  /** writes seen while a comparison ran make its verdict stale at once */
  writtenWhileComparing: Sentence | null = null;

  private readonly windows: RestWindows;
  private readonly lostAnswer = new LostAnswer();
  private flow: FlowSigns = NO_SIGNS;
  private before: ReadonlySet<string> | null = null;
  private blockers: readonly Reason[] = [];
  private sinceOverride: readonly Reason[] = [];
  private readonly pause = new PauseWatch();
  private readonly milestones = { caughtUp: false, unreadable: false };
  private readonly listeners = new Set<(snapshot: RunSnapshot) => void>();
  private watchers = 0;
  private polling = false;
  private revision = 0;
  private notifying = false;
  private disposed = false;

  constructor(
    readonly options: RunOptions,
    readonly ledger: Ledger,
  ) {
    this.settings = options.settings;
    this.windows = new RestWindows({
      now: () => this.now(),
      settings: () => this.settings,
      observe: (event) => this.ledger.observe(event),
    });
    this.taskWatch = new TaskWatch({
      port: options.ports.task,
      clock: options.clock,
      settings: () => this.settings,
      onRead: (task, before) => this.taskRead(task, before),
      onFailure: (failure) => this.taskFailed(failure.facts()),
    });
    this.sides = { source: this.sideWatch('source'), target: this.sideWatch('target') };
    this.dts = new DtsWatch(this);
    this.record = new RunRecord(this, () => this.evenUnwatched() && this.startPolling());
    const positions = this.ledger.state.comparison?.positions;
    for (const side of ['source', 'target'] as const) {
      const token = positions?.[side];
      if (token) this.sides[side].resumeFrom(token);
    }
    if (this.evenUnwatched()) this.startPolling();
  }

  // ------------------------------------------------------------ what others see

  snapshot(): RunSnapshot {
    return picture({
      revision: this.revision,
      facts: this.facts(),
      ref: this.options.ref,
      taskFailure: this.taskWatch.failure,
      lag: this.taskWatch.samples,
      source: sideView(this.sides.source, this.pause.view()),
      target: sideView(this.sides.target, null),
      progress: this.progress,
      comparisonFailure: this.comparisonFailure,
      dts: this.dts,
      journalFailure: this.ledger.failure,
      entries: this.ledger.entries,
    });
  }

  onChange(listener: (snapshot: RunSnapshot) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  watch(): () => void {
    this.watchers++;
    this.startPolling();
    let watching = true;
    return () => {
      if (!watching) return;
      watching = false;
      this.watchers--;
      void this.stopIfUnwanted();
    };
  }

  async perform(intent: Intent, signal: AbortSignal): Promise<IntentResult> {
    try {
      const agreed = await performIntent(this, intent, signal);
      return agreed ? { ok: true } : { ok: false, declined: true };
    } catch (error) {
      if (signal.aborted || (isFailure(error) && error.reason === 'cancelled')) return { ok: false, declined: true };
      return { ok: false, declined: false, failure: asFailure(error).facts() };
    } finally {
      this.changed();
      if (this.evenUnwatched()) this.startPolling();
      else void this.stopIfUnwanted();
    }
  }

  raw(side: Side): RawResult | null {
    return this.sides[side].raw;
  }

  entries() {
    return this.ledger.entries;
  }

  updateSettings(settings: CutoverSettings): void {
    this.settings = settings;
    // a window gathered under other rules proves nothing under these
    this.windows.restart();
    this.lostAnswer.restart();
    this.changed();
  }

  reconnect(side: Side): void {
    void this.sides[side].reconnect().then(() => this.changed());
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    this.listeners.clear();
    this.comparisonAbort?.abort();
    await Promise.all([this.sides.source.close(), this.sides.target.close(), this.stopPolling()]);
    await this.ledger.close();
  }

  // ------------------------------------------------------------ facts

  facts(): GateFacts {
    const connections = { source: this.sides.source.connection, target: this.sides.target.connection };
    return {
      now: this.now(),
      settings: this.settings,
      state: this.ledger.state,
      task: this.taskWatch.task,
      taskReadAt: this.taskWatch.readAt,
      taskUnreadable: this.taskWatch.failure !== null,
      prepare: prepareItems(this.ledger.state, connections, this.taskWatch.task),
      ...connections,
      quiet: this.windows.quiet,
      dwell: this.windows.dwell,
      lostAnswer: this.lostAnswer.window,
      flow: this.flow,
      disturbances: this.blockers,
      sinceOverride: this.sinceOverride,
      ...seenNow({ source: this.freshLook('source'), target: this.freshLook('target') }),
    };
  }

  /** Reads anew everything the gate of Complete names, on both sides. What cannot be read shuts it by itself. */
  async refresh(): Promise<void> {
    const { source, target } = this.sides;
    for (let tries = 0; ; tries++) {
      await Promise.all([this.taskWatch.readNow(), source.lookNow(), target.lookNow()]);
      // DTS's own heartbeats leave a server undecided for a moment: the next look tells
      if (tries === PENDING_TRIES || !this.isPending()) return;
      await new Promise<void>((resolve) => this.options.clock.after(1000, resolve));
    }
  }

  private isPending(): boolean {
    return !this.disposed && Object.values(this.facts().writes).includes('pending');
  }

  private now(): Moment {
    return momentOf(this.options.clock);
  }

  /** Tells the listeners, once per turn however much changed in it. */
  changed(): void {
    this.revision++;
    if (this.notifying || this.disposed) return;
    this.notifying = true;
    queueMicrotask(() => {
      this.notifying = false;
      if (this.disposed || this.listeners.size === 0) return;
      const snapshot = this.snapshot();
      for (const listener of this.listeners) listener(snapshot);
    });
  }

  private factsCame(): void {
    if (!this.disposed) this.own.consider();
    this.changed();
  }

  /** The business was stopped or writes again: what was seen before says nothing about now. */
  restartWindows(): void {
    this.windows.begin();
    this.before = null;
    this.sinceOverride = [];
    this.pause.restart(this.ledger.state.pausedAt);
  }

  private freshLook(side: Side): SideLook | null {
    const other = this.ledger.state.otherServers[side];
    return freshLookOf(this.sides[side], other, this.now(), maxHoleMs(this.settings));
  }

  // ------------------------------------------------------------ facts coming in

  private sideWatch(side: Side): SideWatch {
    return new SideWatch({
      endpoint: this.options.ports.endpoints[side],
      clock: this.options.clock,
      settings: () => this.settings,
      dtsAccounts: () =>
        (this.taskWatch.task?.[side].nodes ?? []).map((node) => node.user).filter((user) => user !== ''),
      scope: () => rightsScope(side, this.taskWatch.task?.scope ?? null),
      events: {
        connected: (server) => this.serverSeen(side, server),
        looked: (seen) => {
          if (side === 'source') this.sourceSeen(seen);
          else this.targetSeen(seen);
          this.judgeComparison(side, seen);
          this.factsCame();
        },
        failed: (failure, at) => {
          this.ledger.observe({ kind: 'connectionLost', side, failure: failure.facts() });
          if (side === 'source') {
            this.blockers = [reason('lookFailed', failure.what, failure.reason)];
            this.addQuietLook({ ...at, holds: 'no', why: failure.what });
          }
          this.changed();
        },
      },
    });
  }

  /** Another server, or the same one in another role: what was seen before proves nothing about it. */
  private serverSeen(side: Side, server: ServerFacts): void {
    const { servers, startedAt } = this.ledger.state;
    const known = servers[side];
    this.ledger.observe({ kind: 'connected', side, server });
    if (startedAt === null || !known || isSameServer(known, server)) return;
    const why = otherServerAnswers(server);
    this.windows.restart(why);
    this.before = null;
    this.ledger.observe({ kind: 'comparisonStale', side, written: false, why: wordsOf(why) });
  }

  private sourceSeen(seen: SideLook): void {
    this.flow = afterSourceLook(this.flow, seen);
    const other = this.ledger.state.otherServers.source;
    const stranger = other ? otherServerAnswers(other) : null;
    const sample: QuietSample = {
      ...seen,
      before: this.windows.quiet.since === null ? null : this.before,
      idleBusinessBlocks: this.settings.idleBusinessBlocks,
    };
    this.blockers = [...(stranger ? [stranger] : []), ...disturbances(sample)];
    const { pausedAt, overrides } = this.ledger.state;
    if (pausedAt === null) return;
    const more = seenBeyond(overrides, this.blockers, seen);
    if (more.length > 0) this.sinceOverride = more;
    if (stranger) return this.addQuietLook({ at: seen.at, mono: seen.mono, holds: 'no', why: stranger });
    for (const why of this.pause.add(seen, this.blockers)) this.ledger.observe({ kind: 'notQuiet', why });
    this.addQuietLook(judgeQuiet(sample));
    this.before = foreignIds(seen.sessions);
  }

  private addQuietLook(next: Look): void {
    if (this.ledger.state.pausedAt === null) return;
    if (this.windows.addQuiet(next)) this.sinceOverride = [];
  }

  private targetSeen(seen: SideLook): void {
    this.flow = afterTargetLook(this.flow, seen);
    const accounts = seen.sessions.filter((session) => session.class === 'business').map((session) => session.account);
    const { cutoverAt, businessSeenOnTarget } = this.ledger.state;
    if (cutoverAt === null || businessSeenOnTarget || seen.at < cutoverAt || accounts.length === 0) return;
    this.ledger.observe({ kind: 'businessSeen', side: 'target', accounts: [...new Set(accounts)] });
  }

  /** What was found before is stale at once, whatever becomes of a comparison that is under way. */
  private judgeComparison(side: Side, seen: SideLook): void {
    const { state } = this.ledger;
    const stale = stalenessOf(side, seen, state);
    if (!stale) return;
    if (state.comparing) this.writtenWhileComparing = stale.why;
    this.ledger.observe({ kind: 'comparisonStale', ...stale });
  }

  private taskRead(task: TaskFacts, before: TaskFacts | null): void {
    if (this.milestones.unreadable) this.ledger.observe({ kind: 'taskReadable' });
    this.milestones.unreadable = false;
    if (before?.rawStatus !== task.rawStatus) {
      this.ledger.observe({ kind: 'statusChanged', from: before?.rawStatus ?? null, to: task.rawStatus });
    }
    const at = this.taskWatch.readAt ?? this.now();
    const reading = { now: this.now(), settings: this.settings, task, taskReadAt: at, taskUnreadable: false };
    this.flow = afterReading(this.flow, task, at);
    const zero = zeroReasons(reading);
    const hard = hardReasons(reading);
    this.judgeCaughtUp(task, [...hard, ...zero][0]);
    const waived = waivedMissing(this.ledger.state.overrides.complete, zero);
    const behind = [...hard, ...zero.filter((each) => !waived.includes(each))][0];
    this.addDwellLook(dwellLook(at, behind, this.facts()));
    for (const event of resolveCompletion(this.ledger.state, task, this.taskWatch.inARow)) this.ledger.observe(event);
    this.lostAnswer.add({ task, at, now: this.now() }, this.ledger.state, this.settings);
    this.factsCame();
  }

  private taskFailed(failure: FailureFacts): void {
    if (!this.milestones.unreadable) this.ledger.observe({ kind: 'taskUnreadable', failure });
    this.milestones.unreadable = true;
    this.addDwellLook({ ...this.now(), holds: 'no', why: failure.what });
    this.lostAnswer.restart();
    this.changed();
  }

  private judgeCaughtUp(task: TaskFacts, behind: Sentence | undefined): void {
    if (!behind && !this.milestones.caughtUp) {
      this.ledger.observe({ kind: 'caughtUp', gapMb: task.gapMb ?? 0, lagSeconds: task.lagSeconds ?? 0 });
    }
    if (behind && this.milestones.caughtUp) this.ledger.observe({ kind: 'fellBehind', why: behind });
    this.milestones.caughtUp = !behind;
  }

  private addDwellLook(next: Look): void {
    if (this.ledger.state.pausedAt !== null) this.windows.addDwell(next);
  }

  // ------------------------------------------------------------ polling

  /** The window that owns the record watches for all. */
  private evenUnwatched(): boolean {
    return !this.ledger.owner && wanted(this.ledger.state).evenUnwatched;
  }

  private startPolling(): void {
    if (this.polling || this.disposed) return;
    this.polling = true;
    this.taskWatch.start();
    this.sides.source.start();
    this.sides.target.start();
    this.dts.follow();
  }

  private async stopPolling(): Promise<void> {
    this.polling = false;
    const { source, target } = this.sides;
    await Promise.all([this.taskWatch.stop(), source.stop(), target.stop(), this.dts.stopFollowing()]);
  }

  private async stopIfUnwanted(): Promise<void> {
    if (this.watchers > 0 || this.evenUnwatched() || !this.polling) return;
    await this.stopPolling();
  }
}
