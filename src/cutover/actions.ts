/** What each intent does. Each answers whether it was carried out (false: the user declined), or throws a Failure. */
import { asFailure, Failure, type FailureFacts } from '../util/failure.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { sendComplete } from './completeCall.ts';
import { dtsRefusals } from './dtsComparison.ts';
import type { DtsWatch } from './dtsWatch.ts';
import type { ComparisonFacts, ComparisonProgress, SessionClass, Side } from './facts.ts';
import { finish } from './finish.ts';
import { completeRefusals, GATES, type GateFacts } from './gates.ts';
import { handOver } from './handover.ts';
import type { Intent } from './intents.ts';
import type { Ledger } from './ledger.ts';
import { isReplicationOver, refusalOf } from './permitted.ts';
import { mustBeOpenOrOverridden, notNow } from './refusal.ts';
import { beforeSwitch, isAtRest, migrationEnded } from './verification.ts';
import type { RunOptions } from './run.ts';
import type { SideWatch } from './sideWatch.ts';
import { stepNumber, type StepId } from './steps.ts';
import { isFresh } from './taskReadiness.ts';
import type { TaskWatch } from './taskWatch.ts';

/** The parts of a run that actions work with. */
export interface RunParts {
  readonly options: RunOptions;
  readonly ledger: Ledger;
  readonly taskWatch: TaskWatch;
  readonly sides: Readonly<Record<Side, SideWatch>>;
  readonly dts: DtsWatch;
  progress: ComparisonProgress | null;
  comparisonFailure: FailureFacts | null;
  comparisonAbort: AbortController | null;
  writtenWhileComparing: Sentence | null;
  facts(): GateFacts;
  refresh(): Promise<void>;
  changed(): void;
  restartWindows(): void;
}

/** What may be done in a window that does not own the record: nothing in it becomes other than it was. */
const HARMLESS: ReadonlySet<Intent['kind']> = new Set<Intent['kind']>(['testConnections', 'cancelComparison']);

export async function performIntent(run: RunParts, intent: Intent, signal: AbortSignal): Promise<boolean> {
  const { ledger } = run;
  const by = run.options.ports.userName();
  if (!HARMLESS.has(intent.kind)) ledger.mustBeOurs();
  if (!READS_FIRST.has(intent.kind)) {
    const refusal = refusalOf(intent.kind, run.facts());
    if (refusal) throw notNow(refusal);
  }
  switch (intent.kind) {
    case 'start':
      await start(run, by);
      return true;
    case 'testConnections':
      await Promise.all([run.sides.source.reconnect(), run.sides.target.reconnect()]);
      return true;
    case 'attest':
      if (run.facts().prepare.find(({ id }) => id === intent.item)?.asks !== 'attestation') {
        throw notNow(sentence('This point is checked and cannot be confirmed by hand.'));
      }
      await ledger.record({ kind: 'attested', item: intent.item, note: intent.note }, by);
      return true;
    case 'withdrawAttestation':
      await ledger.record({ kind: 'attestationWithdrawn', item: intent.item }, by);
      return true;
    case 'recordPause':
      await ledger.record({ kind: 'paused', pausedAt: pastMoment(run, intent.at) }, by);
      run.restartWindows();
      return true;
    case 'acceptServer':
      return acceptServer(run, intent.side, by, signal);
    case 'recordResume':
      return resume(run, by, signal);
    case 'terminateSession':
      return terminate(run, intent.side, intent.id, by, signal);
    case 'override':
      return override(run, intent.step, intent.reason, by, signal);
    case 'complete':
      return sendComplete(run, signal);
    case 'compare':
      await compare(run, intent, by, signal);
      return true;
    case 'cancelComparison':
      run.comparisonAbort?.abort();
      return true;
    case 'startDtsComparison': {
      await run.taskWatch.readNow();
      const refusal = dtsRefusals(run.facts())[0];
      if (refusal) throw notNow(refusal);
      await run.dts.begin(intent.request, by, signal);
      return true;
    }
    case 'stopDtsComparison':
      await run.dts.halt(signal);
      return true;
    case 'recordSwitch':
      // either side may have been written a moment ago
      await Promise.all([run.sides.source.lookNow(), run.sides.target.lookNow()]);
      mustBeOpenOrOverridden(run.facts(), beforeSwitch(run.facts()));
      await ledger.record({ kind: 'switched', switchedAt: switchMoment(run, intent.at) }, by);
      return true;
    case 'recordRouting':
      await ledger.record({ kind: 'addressReplaced', from: intent.from, to: intent.to, files: intent.files }, by);
      return true;
    case 'finish':
      return finish(run, { by, reason: intent.reason?.trim() ?? '' }, signal);
    case 'handOver':
    case 'takeBack':
      return handOver(run, intent.kind, by, signal);
    case 'note':
      if (intent.text.trim() === '') throw new Failure('bad-input', sentence('The note is empty.'));
      await ledger.record({ kind: 'noted', text: intent.text.trim() }, by);
      return true;
  }
}

/** These read the task anew before they say no. */
const READS_FIRST: ReadonlySet<Intent['kind']> = new Set<Intent['kind']>(['start', 'complete', 'startDtsComparison']);

/** Back to the business on the source. Once DTS has stopped carrying changes over, the user has to know what that means. */
async function resume(run: RunParts, by: string, signal: AbortSignal): Promise<boolean> {
  if (isReplicationOver(run.facts())) {
    const agreed = await run.options.ports.confirm(
      {
        kind: 'resume',
        title: sentence('Does the business write to the source again?'),
        details: [
          sentence('Complete was sent: DTS may no longer carry changes from the source to the target.'),
          sentence('From now on the target falls behind for good; a switch to it would lose what is written now.'),
        ],
        action: sentence('Back to the source'),
        typed: null,
      },
      signal,
    );
    if (!agreed) return false;
  }
  await run.ledger.record({ kind: 'resumed' }, by);
  run.restartWindows();
  return true;
}

/** The user's word that the server which answers now is the right one; asked after it was looked at again. */
async function acceptServer(run: RunParts, side: Side, by: string, signal: AbortSignal): Promise<boolean> {
  await run.sides[side].lookNow();
  const other = run.ledger.state.otherServers[side];
  if (!other) throw notNow(sentence('The servers that answer are those this cutover is about.'));
  const { product, endpoint, identity } = other;
  const agreed = await run.options.ports.confirm(
    {
      kind: 'server',
      title: sentence('Go on with the server that answers at {endpoint} now?', { endpoint }),
      details: [
        sentence('{product}: {identity}', { product, identity }),
        sentence('Quiet and zero are counted anew, and what was compared before has to be compared again.'),
      ],
      action: sentence('It is the right server'),
      typed: null,
    },
    signal,
  );
  // another one may have answered while the dialog was open
  if (!agreed || run.ledger.state.otherServers[side]?.identity !== identity) return false;
  await run.ledger.record({ kind: 'serverAccepted', side, server: `${product} ${identity}` }, by);
  run.restartWindows();
  return true;
}

/** Downtime ends after it began. */
function switchMoment(run: RunParts, at: number | null): number {
  const moment = pastMoment(run, at);
  const { pausedAt } = run.ledger.state;
  // now is after the pause, whatever the wall clock was set to meanwhile
  if (at === null) return Math.max(moment, pausedAt ?? moment);
  if (pausedAt !== null && moment < pausedAt) {
    throw new Failure('bad-input', sentence('The switch cannot lie before the pause of the business.'));
  }
  return moment;
}

async function start(run: RunParts, by: string): Promise<void> {
  await run.taskWatch.readNow();
  const facts = run.facts();
  if (!facts.task || !isFresh(facts)) {
    throw new Failure(
      'not-allowed-now',
      run.taskWatch.failure?.what ?? sentence('The task has not been read yet.'),
      sentence('A cutover begins with a fresh reading of the task.'),
    );
  }
  if (facts.task.migrateType === 'unrecognized') {
    throw notNow(
      sentence('It cannot be told whether this task carries changes over (its kind of migration is not known).'),
    );
  }
  await run.ledger.record(
    {
      kind: 'started',
      ref: run.options.ref,
      taskName: facts.task.name,
      incremental: facts.task.migrateType === 'fullAndIncrement',
      order: 'verifyFirst',
    },
    by,
  );
  run.restartWindows();
}

/** Now, or an earlier moment the user names; a moment to come, or before the run began, is a slip of the keyboard. */
function pastMoment(run: RunParts, at: number | null): number {
  const now = run.options.clock.now();
  if (at === null) return now;
  const earliest = now - 24 * 3600 * 1000;
  if (!Number.isFinite(at) || at > now || at < earliest) {
    throw new Failure('bad-input', sentence('The moment has to lie within the last 24 hours.'));
  }
  return at;
}

async function terminate(run: RunParts, side: Side, id: string, by: string, signal: AbortSignal): Promise<boolean> {
  const watch = run.sides[side];
  await watch.lookNow();
  const session = watch.last?.sessions.find((candidate) => candidate.id === id);
  if (!session) throw new Failure('bad-input', sentence('Session {id} is no longer there.', { id }));
  const refusal = mayNotBeEnded(session.class, id);
  if (refusal) throw notNow(refusal);
  const name = { id, account: session.account || '?', host: session.host || '?', program: session.program || '?' };
  const agreed = await run.options.ports.confirm(
    {
      kind: 'terminate',
      title: sentence('End session {id} of {account}?', name),
      details: [
        sentence('From {host}, program {program}.', name),
        sentence('Its open transaction is rolled back. The application may connect again.'),
      ],
      action: sentence('End session'),
      typed: null,
    },
    signal,
  );
  if (!agreed) return false;
  const named = `${id} ${session.account}@${session.host}`;
  // what is done to a server stands in the record before it is done
  await run.ledger.record({ kind: 'sessionEnding', side, session: named }, by);
  await watch.terminate(id, signal);
  await run.ledger.record({ kind: 'sessionTerminated', side, session: named }, by);
  void watch.lookNow();
  return true;
}

function mayNotBeEnded(of: SessionClass, id: string): Sentence | null {
  switch (of) {
    case 'self':
      return sentence('Session {id} is one of ours and is not ended from here.', { id });
    case 'dts':
      return sentence('Session {id} belongs to DTS and is not ended from here.', { id });
    case 'system':
      return sentence('Session {id} belongs to the server and is not ended from here.', { id });
    case 'replication':
      return sentence('Session {id} belongs to the replication and is not ended from here.', { id });
    case 'business':
    case 'unknown':
    case 'ignored':
      return null;
  }
}

async function override(
  run: RunParts,
  step: StepId,
  reason: string,
  by: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (reason.trim().length < 3) throw new Failure('bad-input', sentence('Say why you go on against the gate.'));
  const facts = run.facts();
  if (step === 'complete') {
    const refusal = completeRefusals(facts)[0];
    if (refusal) throw new Failure('not-allowed-now', refusal, sentence('No reason can override this.'));
  }
  // before the switch is recorded, only the final check can be waved through; whether it is recorded is a fact
  const isFinalCheck = step === 'switch' && facts.state.cutoverAt === null;
  if (isFinalCheck && (beforeSwitch(facts).step !== 'switch' || !migrationEnded(facts))) {
    throw notNow(sentence('The switch to the target has not been recorded yet.'));
  }
  const verdict = isFinalCheck ? beforeSwitch(facts).verdict : GATES[step](facts);
  if (verdict.state === 'open') throw notNow(sentence('The gate is open: there is nothing to override.'));
  const agreed = await run.options.ports.confirm(
    {
      kind: 'override',
      title: sentence('Go on against step {number}?', { number: stepNumber(step, facts.state.order) }),
      details: [...verdict.why, sentence('Your reason stands in the report: {reason}', { reason: reason.trim() })],
      action: sentence('Go on anyway'),
      typed: null,
    },
    signal,
  );
  if (!agreed) return false;
  await run.ledger.record({ kind: 'overridden', step, reason: reason.trim(), against: verdict.why }, by);
  return true;
}

/** Compares and records what was found; `by` is '' where the run does it by itself. */
export async function compare(
  run: RunParts,
  intent: Extract<Intent, { kind: 'compare' }>,
  by: string,
  signal: AbortSignal,
): Promise<void> {
  const facts = run.facts();
  const { task } = facts;
  if (!task) throw notNow(sentence('The task has not been read yet.'));
  const atRest = isAtRest(facts, GATES.quiet(facts));
  await run.ledger.record({ kind: 'comparisonStarted', method: intent.method }, by);
  const abort = new AbortController();
  run.comparisonAbort = abort;
  run.comparisonFailure = null;
  run.writtenWhileComparing = null;
  run.changed();
  try {
    const comparison = await run.options.ports.compare(
      { method: intent.method, scope: task.scope, tables: intent.tables, notBefore: atRestSince(run) },
      (progress) => {
        run.progress = progress;
        run.changed();
      },
      AbortSignal.any([signal, abort.signal]),
    );
    // one more look: what was written while it ran shows now
    await Promise.all([run.sides.source.lookNow(), run.sides.target.lookNow()]);
    const positions = { source: run.sides.source.positionToken, target: run.sides.target.positionToken };
    const whole = intent.tables === null || comparison.whole === true;
    const found = settled(whole ? comparison : partial(comparison, intent.tables ?? []), run, atRest);
    await run.ledger.record({ kind: 'comparisonFinished', comparison: { ...found, atRest, positions } }, by);
  } catch (error) {
    const failure = asFailure(error);
    run.comparisonFailure = failure.facts();
    if (run.ledger.state.comparing) await run.ledger.record({ kind: 'comparisonEnded', failure: failure.facts() }, by);
    throw failure;
  } finally {
    run.progress = null;
    run.comparisonAbort = null;
  }
}

/** A result of before DTS stopped carrying changes over is none of what it left behind. */
function atRestSince(run: RunParts): number | null {
  const { incremental, completion } = run.ledger.state;
  return incremental === true && completion.state === 'succeeded' ? completion.at : null;
}

/** Some tables being the same says nothing about the others: such a verdict opens no gate. */
function partial(comparison: ComparisonFacts, tables: readonly string[]): ComparisonFacts {
  const only = sentence(
    'Only these tables were compared: {tables}. That says nothing about the others, so it opens no gate: compare all data.',
    { tables: tables.join(', ') },
  );
  return {
    ...comparison,
    verdict: comparison.verdict === 'same' ? 'incomplete' : comparison.verdict,
    skipped: [only, ...comparison.skipped],
  };
}

/**
 * What was written while it ran, seen by looks during it or right after it, is not what was compared; nor is what a
 * task without incremental step still copied when it began.
 */
function settled(comparison: ComparisonFacts, run: RunParts, atRest: boolean): ComparisonFacts {
  if (comparison.verdict !== 'same') return comparison;
  const { writtenWhileComparing } = run;
  const incomplete = (summary: Sentence, why: readonly Sentence[]): ComparisonFacts => {
    return { ...comparison, verdict: 'incomplete', summary, skipped: [...why, ...comparison.skipped] };
  };
  if (writtenWhileComparing) {
    return incomplete(sentence('The data was written while it was compared: compare again.'), [writtenWhileComparing]);
  }
  if (run.ledger.state.incremental === false && !atRest) {
    return incomplete(sentence('The comparison began before the task had ended: compare again.'), []);
  }
  return comparison;
}
