/** Plays one random history: chance acts for the world and for the user, and the oracle watches every call. */
import assert from 'node:assert/strict';
import type { Intent, IntentKind } from '../../../../src/cutover/intents.ts';
import type { Confirmation } from '../../../../src/cutover/ports.ts';
import type { CutoverRun } from '../../../../src/cutover/run.ts';
import { STEP_IDS } from '../../../../src/cutover/steps.ts';
import { session } from '../facts.ts';
import { settle } from '../world.ts';
import { Chance } from './chance.ts';
import { MadeWorld, type CallFate, type WorldKind } from './made.ts';
import { Oracle, type Agreement, type Consent } from './oracle.ts';
import type { Truth } from './truth.ts';

const ITEMS = ['account', 'backup', 'offPeak'] as const;

export interface Played {
  /** how often Complete was sent */
  readonly calls: number;
  readonly overrides: number;
  readonly finished: boolean;
}

/** Throws an AssertionError that tells what was done wrong, and the course of the history up to there. */
export async function playHistory(kind: WorldKind, seed: number, acts: number): Promise<Played> {
  const history = new History(kind, seed);
  try {
    return await history.play(acts);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new assert.AssertionError({ message: `${kind}, seed ${seed}: ${what}\n${history.course.join('\n')}` });
  } finally {
    await history.end();
  }
}

class History {
  readonly course: string[] = [];
  private readonly chance: Chance;
  private readonly world: MadeWorld;
  private readonly oracle: Oracle;
  private consents: Consent[] = [];
  private run: CutoverRun | null = null;
  private agreement: Agreement | null = null;
  private overrides = 0;
  private switched = false;
  private forbidden: string[] = [];
  private sendings = 0;
  private readonly begin: number;

  constructor(
    private readonly kind: WorldKind,
    seed: number,
  ) {
    this.chance = new Chance(seed);
    this.world = new MadeWorld(kind, this.chance);
    this.begin = this.world.clock.true;
    const { settings, clock, log } = this.world;
    const slow = kind === 'slow service' ? 15_000 : 0;
    const look = settings.sessionIntervalSeconds * 1000 + 500;
    this.oracle = new Oracle(log, settings, {
      task: settings.taskIntervalSeconds * 1000 + 500 + slow,
      look,
      memory: 30_000 + look + slow,
    });
    this.world.confirm = (request) => this.confirm(request);
    this.world.onCall = () => {
      this.note('Complete is sent');
      this.sendings++;
      const lines = this.world.journal.lines.filter((line) => line.includes('"kind":"completeSent"'));
      if (lines.length !== this.sendings) this.forbidden.push('it was sent without its entry on disk');
      this.forbidden.push(...this.oracle.whyNot(clock.true, this.consents, this.agreement));
      this.agreement = null;
    };
    this.world.onTerminate = () => {
      const last = this.world.journal.lines.findLast((line) => line.includes('session'));
      if (!last?.includes('sessionEnding')) this.forbidden.push('a session was ended without its entry on disk');
    };
  }

  async play(acts: number): Promise<Played> {
    await this.reopen();
    if (this.chance.is(0.9)) await this.perform({ kind: 'start' });
    for (let i = 0; i < acts; i++) {
      if (this.chance.is(0.35)) this.worldActs();
      else await this.userActs();
      await this.pass(this.chance.is(0.7) ? this.chance.below(12_000) : this.chance.below(130_000));
      this.judge();
    }
    const finished = await this.wayOut();
    this.judge();
    return { calls: this.sendings, overrides: this.overrides, finished };
  }

  async end(): Promise<void> {
    await this.run?.dispose();
    await settle(2);
  }

  private note(what: string): void {
    this.course.push(`${((this.world.clock.true - this.begin) / 1000).toFixed(1)} s: ${what}`);
  }

  private judge(): void {
    assert.deepEqual(this.forbidden, []);
  }

  private async pass(ms: number): Promise<void> {
    const { clock } = this.world;
    const { kind } = this;
    if (kind === 'stepping clock' && this.chance.is(0.1)) {
      const by = this.chance.of([-3600_000, -30_000, -1_500, 1_500, 30_000, 120_000, 600_000]);
      this.note(`the wall clock is set by ${by / 1000} s`);
      clock.step(by);
    }
    if (kind === 'stepping clock' && this.chance.is(0.05)) {
      const asleep = this.chance.of([1_000, 40_000, 300_000]);
      this.note(`the machine sleeps for ${asleep / 1000} s`);
      clock.sleep(asleep);
    }
    await clock.advance(ms);
  }

  private async reopen(): Promise<void> {
    this.run = await this.world.open();
    this.run.watch();
    await settle(2);
  }

  // ------------------------------------------------------------ what happens in the world

  private worldActs(): void {
    const { chance, world } = this;
    const { log } = world;
    const name = (side: string) => chance.of([side, side, 'another', `standby ${side}`]);
    const act = chance.of<[string, () => void]>([
      ['the gap changes', () => log.set({ gap: chance.of([0, 0, 0, 1, 5, 50_000, null]) })],
      ['the lag changes', () => log.set({ lag: chance.of([0, 0, 0, 1, 4_000, null]) })],
      ['gap and lag are 0', () => log.set({ gap: 0, lag: 0 })],
      ['sessions come and go', () => log.set({ sessions: this.someSessions() })],
      ['nobody is on the source', () => log.set({ sessions: [] })],
      ['nobody is on the source', () => log.set({ sessions: [], preparedTransaction: false, seesAll: true })],
      ['somebody writes', () => this.write(0)],
      ['somebody writes, and it shows late', () => this.write(chance.below(20_000))],
      ['the status changes', () => this.status()],
      ['the service is up or down', () => log.set({ serviceUp: chance.is(0.7) })],
      ['the source is up or down', () => log.set({ sourceUp: chance.is(0.6) })],
      ['the target is up or down', () => log.set({ targetUp: chance.is(0.6) })],
      ['somebody answers for the source', () => log.now.said.started && log.set({ source: name('source') })],
      ['somebody answers for the target', () => log.now.said.started && log.set({ target: name('target') })],
      ['what the account sees changes', () => log.set({ seesAll: chance.is(0.7) })],
      ['a transaction is prepared or ended', () => log.set({ preparedTransaction: chance.is(0.4) })],
      ['the position is told or not', () => log.set({ tells: chance.is(0.8) })],
    ]);
    act[1]();
    this.note(act[0]);
  }

  private someFate(): CallFate {
    return {
      answer: this.chance.of(['accepted', 'accepted', 'refused', 'lost', 'lost'] as const),
      effectMs: this.chance.of([0, 0, 10_000, 200_000, 700_000, null]),
      ends: this.chance.of(['success', 'success', 'failed'] as const),
    };
  }

  private someSessions() {
    const { chance } = this;
    return Array.from({ length: 1 + chance.below(4) }, () =>
      session({
        id: String(100 + chance.below(900)),
        account: chance.of(['shop_app', 'report', 'dts_migrator']),
        host: chance.of(['10.0.1.7', '10.0.1.8']),
        state: chance.of(['idle', 'idle', 'executing', 'open transaction'] as const),
      }),
    );
  }

  private write(lateMs: number): void {
    const at = this.world.clock.true;
    const side = this.chance.is(0.8) ? 'source' : 'target';
    this.world.log.writes.push({ at, side, published: at + lateMs });
  }

  /** A task whose Complete took effect is not ready again by itself. */
  private status(): void {
    const { chance, world } = this;
    const isBeforeComplete = world.log.calls.every(({ refused }) => refused);
    if (isBeforeComplete && chance.is(0.6)) world.log.set({ status: 'readyComplete', offered: chance.is(0.8) });
    else if (isBeforeComplete) world.log.set({ status: chance.of(['running', 'unknown', 'success', 'failed']) });
    else world.log.set({ status: chance.of(['completing', 'success', 'failed', 'canceled']), offered: false });
  }

  // ------------------------------------------------------------ what the user does

  private async userActs(): Promise<void> {
    const { chance } = this;
    if (chance.is(0.04)) return this.closeAndOpen();
    if (chance.is(0.55)) return this.doNext();
    const at = null;
    await this.perform(
      chance.of<Intent>([
        { kind: 'start' },
        { kind: 'attest', item: chance.of(ITEMS), note: '' },
        { kind: 'withdrawAttestation', item: chance.of(ITEMS) },
        { kind: 'recordPause', at },
        { kind: 'recordResume' },
        { kind: 'override', step: chance.of(STEP_IDS), reason: 'we know' },
        { kind: 'override', step: chance.of(['quiet', 'complete'] as const), reason: 'we know better' },
        { kind: 'complete' },
        { kind: 'complete' },
        { kind: 'acceptServer', side: chance.of(['source', 'target'] as const) },
        { kind: 'terminateSession', side: 'source', id: this.world.log.now.sessions[0]?.id ?? '1' },
        { kind: 'compare', method: chance.of(['counts', 'digest'] as const), tables: null },
        { kind: 'recordSwitch', at },
        ...(this.said.started && chance.is(0.1) ? [{ kind: 'finish', reason: 'enough of it' } as const] : []),
        { kind: 'note', text: 'n' },
      ]),
    );
  }

  /** The next thing the runbook asks for. */
  private async doNext(): Promise<void> {
    const { started, paused, confirmed } = this.said;
    if (!started) return void (await this.perform({ kind: 'start' }));
    const item = ITEMS.find((each) => !confirmed.includes(each));
    if (item) return void (await this.perform({ kind: 'attest', item, note: '' }));
    if (!paused) return void (await this.perform({ kind: 'recordPause', at: null }));
    if (this.chance.is(0.5)) {
      await this.world.clock.advance((this.world.settings.quietWindowSeconds + 75) * 1000);
      this.judge();
    }
    await this.perform({ kind: 'complete' });
  }

  private async closeAndOpen(): Promise<void> {
    this.note('the window is loaded again');
    await this.run?.dispose();
    await this.reopen();
  }

  private async confirm({ kind, title, details }: Confirmation): Promise<boolean> {
    const { clock } = this.world;
    const shown = clock.true;
    if (this.chance.is(0.3)) {
      if (this.chance.is(0.6)) this.worldActs();
      await this.world.wait(this.chance.of([1_000, 20_000, 70_000]));
    }
    const agrees = this.chance.is(0.85);
    this.note(`${agrees ? 'yes' : 'no'} to ${kind} (shown at ${(shown - this.begin) / 1000} s)`);
    if (!agrees) return false;
    if (kind === 'complete') {
      const tellsOfFirst = JSON.stringify([title, details]).includes('sent before');
      this.agreement = { shown, agreed: clock.true, tellsOfFirst };
    }
    if (kind === 'override') this.shownOverride = shown;
    if (kind === 'server') this.shownServer = String(details[0]?.args?.['identity']);
    return true;
  }

  private shownOverride = 0;
  private shownServer = '';

  private async perform(intent: Intent): Promise<boolean> {
    assert.ok(this.run);
    if (intent.kind === 'complete' && !this.world.isWell) this.world.fate = this.someFate();
    const running = this.run.perform(intent, new AbortController().signal);
    let result: Awaited<typeof running> | null = null;
    void running.then((told) => (result = told));
    for (let i = 0; i < 400 && !result; i++) await this.world.clock.advance(1_000);
    assert.ok(result, `${intent.kind} never ends`);
    const { ok } = await running;
    this.note(`${intent.kind}: ${ok ? 'done' : 'refused'}`);
    if (ok) this.did(intent);
    this.judge();
    return ok;
  }

  private get said() {
    return this.world.log.now.said;
  }

  private say(changes: Partial<Truth['said']>): void {
    this.world.log.set({ said: { ...this.said, ...changes } });
  }

  private did(intent: Intent): void {
    const { confirmed, servers } = this.said;
    switch (intent.kind) {
      case 'start':
        this.consents = [];
        return this.say({ started: true, paused: false, confirmed: [] });
      case 'attest':
        return this.say({ confirmed: [...confirmed, intent.item] });
      case 'withdrawAttestation':
        return this.say({ confirmed: confirmed.filter((each) => each !== intent.item) });
      case 'recordPause':
        return this.say({ paused: true });
      case 'recordResume':
        this.consents = this.consents.filter(({ step }) => step === 'prepare');
        return this.say({ paused: false });
      case 'override':
        this.overrides++;
        this.consents.push({ step: intent.step, shown: this.shownOverride });
        return;
      case 'acceptServer': {
        const role = this.world.log.now[intent.side].startsWith('standby ') ? 'standby ' : '';
        return this.say({ servers: { ...servers, [intent.side]: role + this.shownServer } });
      }
      case 'recordSwitch':
        this.switched = true;
        return;
      case 'finish':
        this.switched = false;
        return this.say({ started: false, paused: false });
      default:
    }
  }

  // ------------------------------------------------------------ no dead end

  /** All is well in the world again: from wherever this is, the runbook leads to the end, and so does giving up. */
  private async wayOut(): Promise<boolean> {
    const { world } = this;
    this.note('all is well again');
    this.world.confirm = async (request) => {
      const asked = this.chance.next;
      this.chance.next = () => 0.5;
      const answer = await this.confirm(request);
      this.chance.next = asked;
      return answer;
    };
    const isOver = this.switched || world.log.calls.some(({ refused }) => !refused);
    const status = (isOver && world.log.now.status !== 'readyComplete') || this.switched ? 'success' : 'readyComplete';
    const up = { serviceUp: true, sourceUp: true, targetUp: true, seesAll: true, tells: true } as const;
    world.log.set({ ...up, status, offered: status === 'readyComplete', gap: 0, lag: 0, sessions: [] });
    world.log.set({ preparedTransaction: false, ...this.said.servers });
    world.slow = false;
    world.isWell = true;
    world.fate = { answer: 'accepted', effectMs: 0, ends: 'success' };
    await world.clock.advance(60_000);
    if (this.said.started && this.chance.is(0.2))
      return this.mustDo({ kind: 'finish', reason: 'the business stays on the source' });
    if (!this.said.started) await this.mustDo({ kind: 'start' });
    for (const item of ITEMS) await this.mustDo({ kind: 'attest', item, note: '' });
    if (this.may('recordPause') && !this.said.paused) await this.mustDo({ kind: 'recordPause', at: null });
    const { quietWindowSeconds, zeroDwellSeconds } = world.settings;
    await world.clock.advance((quietWindowSeconds + zeroDwellSeconds + 330) * 1000);
    if (world.log.now.status === 'readyComplete') {
      // what was written while it ran by itself is compared once more
      await this.mustDo({ kind: 'compare', method: 'digest', tables: null });
      await this.mustDo({ kind: 'complete' });
    }
    await world.clock.advance(90_000);
    await this.mustDo({ kind: 'compare', method: 'digest', tables: null });
    if (!this.switched) await this.mustDo({ kind: 'recordSwitch', at: null });
    return this.mustDo({ kind: 'finish', reason: 'all is well' });
  }

  private may(kind: IntentKind): boolean {
    return this.run?.snapshot().refused[kind] === undefined;
  }

  private async mustDo(intent: Intent): Promise<boolean> {
    if (await this.perform(intent)) return true;
    const { refused, steps, completion } = this.run!.snapshot();
    const shut = steps.map(
      ({ id, verdict }) => `${id} ${verdict.state} ${verdict.why.map(({ text }) => text).join('; ')}`,
    );
    throw new Error(
      `a dead end: ${intent.kind} (${refused[intent.kind]?.text}), ${completion.state}\n${shut.join('\n')}`,
    );
  }
}
