/**
 * Whether Complete may be sent, judged from the runbook and from what is really so; none of it is shared with what is
 * tested. The runbook: stop the business; nothing but DTS runs on the source for the quiet window and nothing else is
 * written; then gap and lag are 0 for a minute; the task offers Complete; then, once, Complete. What is not so may have
 * been waved through, up to what was so when its dialog was shown.
 */
import type { CutoverSettings } from '../../../../src/cutover/settings.ts';
import type { Truth, TruthLog } from './truth.ts';

export interface Consent {
  readonly step: string;
  /** true time at which its dialog came up */
  readonly shown: number;
}

/** The dialog that was agreed to before the call: when it came up, when it was closed, whether it told of a call before. */
export interface Agreement {
  readonly shown: number;
  readonly agreed: number;
  readonly tellsOfFirst: boolean;
}

export interface Grain {
  /** milliseconds for which something may be so without being seen */
  readonly task: number;
  readonly look: number;
  /** a dialog shows what was so up to this long before it */
  readonly memory: number;
}

const LOST_ANSWER_MS = 300_000;
/** a matter that is there or not has measure 1 */
type Measures = ReadonlyMap<string, number>;

export class Oracle {
  constructor(
    private readonly log: TruthLog,
    private readonly settings: CutoverSettings,
    private readonly grain: Grain,
  ) {}

  /** Why it must not be sent now; empty when it may. */
  whyNot(now: number, consents: readonly Consent[], agreement: Agreement | null): string[] {
    if (!agreement) return ['nobody agreed'];
    const { agreed } = agreement;
    const why: string[] = [];
    if (!this.log.now.said.started) why.push('no cutover is under way');
    if (!this.log.ever(agreed, now, isCompletable)) why.push('the task was not ready to be completed');
    why.push(...this.again(now, agreement));
    const given = this.given(consents);
    why.push(...this.steadily(now, agreed, given.quiet));
    const isBlind = this.isBlind(given.quiet);
    for (const [matter, measure] of this.least(agreed, now)) {
      if (isBlind && OF_QUIET.test(matter)) continue;
      const most = Math.max(-1, ...[...given.all.values()].map((each) => each.get(matter) ?? -1));
      if (measure > most) why.push(`${matter}: ${measure}, and at most ${most} was waved through`);
      const told = this.most(agreement.shown).get(matter) ?? -1;
      if (measure > told) why.push(`${matter}: ${measure}, and the dialog showed ${told}`);
    }
    return why;
  }

  /** A call after another one that may have had an effect. */
  private again(now: number, { agreed, tellsOfFirst }: Agreement): string[] {
    const before = this.log.calls.findLast(({ refused }) => !refused);
    if (!before) return [];
    const since = agreed - LOST_ANSWER_MS;
    const isShort = before.at > now - LOST_ANSWER_MS;
    const isBroken = this.log.longest(since, agreed, (truth) => !isCompletable(truth)) > this.grain.task;
    return [
      ...(tellsOfFirst ? [] : ['a second call, and the dialog did not tell of the first']),
      ...(isShort || isBroken ? ['a second call without five minutes of a task that is ready'] : []),
    ];
  }

  /** What has to hold without a break: quiet, and then zero on top of it. */
  private steadily(now: number, agreed: number, quietWaved: Measures): string[] {
    const dwell = this.settings.zeroDwellSeconds * 1000;
    const quiet = this.settings.quietWindowSeconds * 1000;
    const why: string[] = [];
    const isBehind = ({ gap, lag }: Truth) => gap !== 0 || lag !== 0;
    const zeroBroken = this.log.longest(now - dwell, agreed, isBehind) > this.grain.task;
    if (zeroBroken && !quietWaved.has('zero')) why.push('gap and lag were not 0 for the whole dwell');
    // whoever waved the dwell through still waits for quiet
    const begin = now - quiet - (quietWaved.has('zero') ? 0 : dwell);
    const since = Math.max(begin, quietWaved.get('since') ?? -Infinity);
    if (this.isBlind(quietWaved)) return why;
    const written = this.log.writes.find(({ at, side }) => side === 'source' && at > since && at < agreed);
    if (written) why.push(`the source was written ${(now - written.at) / 1000} s before`);
    const disturbed = this.log.longest(since, agreed, (truth) => isDisturbed(truth, this.settings, quietWaved));
    const hidden = this.log.longest(since, agreed, (truth) => isHidden(truth, quietWaved));
    if (disturbed > this.grain.look) why.push(`the source was not quiet for ${disturbed / 1000} s of the window`);
    if (hidden > this.grain.memory) why.push(`the source was not seen whole for ${hidden / 1000} s of the window`);
    return why;
  }

  /** Whoever goes on although the business was never stopped, or the source cannot be seen, goes on whatever it does. */
  private isBlind(quietWaved: Measures): boolean {
    const { said, sourceUp } = this.log.now;
    return (
      (!said.paused && quietWaved.has('the business was not stopped')) || (!sourceUp && quietWaved.has('source down'))
    );
  }

  /** What each consent covers, and of quiet since when. */
  private given(consents: readonly Consent[]): { all: Map<Consent, Measures>; quiet: Measures } {
    const all = new Map(consents.map((each) => [each, this.most(each.shown)] as const));
    const quiet = new Map<string, number>();
    for (const [{ step, shown }, measures] of all) {
      if (step === 'quiet') {
        for (const [matter, measure] of measures) quiet.set(matter, Math.max(measure, quiet.get(matter) ?? 0));
        quiet.set('since', shown);
      }
      if (step === 'complete') {
        quiet.set('zero', 1);
        // at step 5 everything that step 4 waits for is shown too
        for (const [matter, measure] of measures) quiet.set(matter, Math.max(measure, quiet.get(matter) ?? 0));
        quiet.set('since', shown);
      }
    }
    return { all, quiet };
  }

  /** What was wrong at every moment from `from` to `to`, at its mildest. */
  private least(from: number, to: number): Measures {
    const [first = new Map<string, number>(), ...rest] = this.log
      .over(from, to)
      .map(({ truth }) => wrong(truth, this.settings));
    const left = new Map(first);
    for (const each of rest) {
      for (const [matter, measure] of left) {
        if (each.has(matter)) left.set(matter, Math.min(measure, each.get(matter) ?? 0));
        else left.delete(matter);
      }
    }
    return left;
  }

  /** The worst that a dialog of that moment can have shown. */
  private most(shown: number): Measures {
    const worst = new Map<string, number>();
    for (const { truth } of this.log.over(shown - this.grain.memory, shown)) {
      for (const [matter, measure] of wrong(truth, this.settings)) {
        worst.set(matter, Math.max(measure, worst.get(matter) ?? 0));
      }
    }
    return worst;
  }
}

const OF_QUIET = /^(session|prepared transaction|position unknown)/;

const isCompletable = ({ status, offered, serviceUp }: Truth) => status === 'readyComplete' && offered && serviceUp;

/** Business sessions by account, place and what they do. */
function sessionsOf({ sessions }: Truth, { idleBusinessBlocks }: CutoverSettings): Measures {
  const counts = new Map<string, number>();
  for (const { account, host, state } of sessions) {
    if (account === 'dts_migrator' || (state === 'idle' && !idleBusinessBlocks)) continue;
    const key = `session ${state} ${account}@${host}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function isDisturbed(truth: Truth, settings: CutoverSettings, waved: Measures): boolean {
  for (const [matter, count] of sessionsOf(truth, settings)) if (count > (waved.get(matter) ?? 0)) return true;
  if (!truth.tells && !waved.has('position unknown')) return true;
  return !truth.sourceUp && !waved.has('source down');
}

/** What is asked less often than sessions are. */
function isHidden(truth: Truth, waved: Measures): boolean {
  if (truth.preparedTransaction && !waved.has('prepared transaction')) return true;
  return !truth.seesAll && !waved.has('sessions hidden');
}

/** Everything that is not as the runbook wants it, with how much of it there is. */
function wrong(truth: Truth, settings: CutoverSettings): Measures {
  const found = new Map(sessionsOf(truth, settings));
  const is = (matter: string, holds: boolean) => holds && found.set(matter, 1);
  if (truth.gap !== 0) found.set(truth.gap === null ? 'gap missing' : 'gap', truth.gap ?? 1);
  if (truth.lag !== 0) found.set(truth.lag === null ? 'lag missing' : 'lag', truth.lag ?? 1);
  is('the business was not stopped', !truth.said.paused);
  is('prepared transaction', truth.preparedTransaction);
  is('sessions hidden', !truth.seesAll);
  is('position unknown', !truth.tells);
  is('source down', !truth.sourceUp);
  is('target down', !truth.targetUp);
  for (const side of ['source', 'target'] as const)
    is(`${side} is ${truth[side]}`, truth[side] !== truth.said.servers[side]);
  for (const item of ['account', 'backup', 'offPeak'])
    is(`not confirmed: ${item}`, !truth.said.confirmed.includes(item));
  return found;
}
