/**
 * What may be asked of a run in a state, and why not. The run itself, the panel, the tree and the palette go by this one
 * table, so that nothing is offered that would be refused, and nothing refused that is offered.
 */
import { sentence, wordsOf, type Sentence } from '../util/sentence.ts';
import { dtsRefusals } from './dtsComparison.ts';
import { completeRefusals, type GateFacts } from './gates.ts';
import { INTENT_KINDS, type IntentKind } from './intents.ts';
import { SENT } from './completionState.ts';
import { accepts, isDtsComparing } from './machine.ts';
import { HANDED_OVER, NO_RUN, NOT_PAUSED } from './reasons.ts';

type Rule = (facts: GateFacts) => Sentence | null;

const always: Rule = () => null;
const underWay: Rule = ({ state }) => {
  if (state.startedAt === null || state.finishedAt !== null) return NO_RUN;
  return state.handedOver ? HANDED_OVER : null;
};
const also =
  (rule: Rule): Rule =>
  (facts) =>
    underWay(facts) ?? rule(facts);

const RULES: Readonly<Record<IntentKind, Rule>> = {
  start: (facts) => {
    if (accepts(facts.state, 'started')) return null;
    return facts.state.handedOver ? HANDED_OVER : sentence('A cutover of this task is under way already.');
  },
  testConnections: always,
  attest: underWay,
  withdrawAttestation: underWay,
  acceptServer: also(({ state }) =>
    state.otherServers.source || state.otherServers.target
      ? null
      : sentence('The servers that answer are those this cutover is about.'),
  ),
  recordPause: also(({ state }) => {
    if (state.incremental === false) {
      return sentence('The task carries no changes over: there is nothing to wait for, and no pause to record.');
    }
    return accepts(state, 'paused') ? null : sentence('Complete has already been sent.');
  }),
  recordResume: also(({ state }) => {
    if (state.pausedAt === null) return NOT_PAUSED;
    if (state.cutoverAt !== null) return sentence('The switch to the target is on record.');
    return accepts(state, 'resumed') ? null : sentence('Complete is on its way; its answer comes first.');
  }),
  terminateSession: underWay,
  override: underWay,
  complete: (facts) => completeRefusals(facts)[0] ?? null,
  compare: also(({ state, task }) => {
    if (state.comparing) return sentence('The comparison is running.');
    return task ? null : sentence('The task has not been read yet.');
  }),
  cancelComparison: also(({ state }) => (state.comparing ? null : sentence('Nothing is being compared.'))),
  startDtsComparison: (facts) => dtsRefusals(facts)[0] ?? null,
  stopDtsComparison: also(({ state }) => (isDtsComparing(state) ? null : sentence('DTS is not comparing now.'))),
  recordSwitch: also(({ state }) => {
    if (state.cutoverAt !== null) return sentence('The switch to the target is on record.');
    return accepts(state, 'switched') ? null : sentence('The task has not ended with success yet.');
  }),
  recordRouting: also(({ state }) =>
    accepts(state, 'addressReplaced') ? null : sentence('The task has not ended with success yet.'),
  ),
  finish: underWay,
  handOver: also(({ state }) =>
    state.completion.state === 'sending' ? sentence('Complete is on its way; its answer comes first.') : null,
  ),
  takeBack: ({ state }) => (accepts(state, 'takenBack') ? null : sentence('This cutover was not handed over.')),
  note: always,
};

/** Why this cannot be done now; null when it can. */
export function refusalOf(kind: IntentKind, facts: GateFacts): Sentence | null {
  return RULES[kind](facts);
}

/** Everything that cannot be done now, with its reason. */
export function refusals(facts: GateFacts): Readonly<Partial<Record<IntentKind, Sentence>>> {
  return Object.fromEntries(
    INTENT_KINDS.flatMap((kind) => {
      const why = refusalOf(kind, facts);
      return why ? [[kind, wordsOf(why)]] : [];
    }),
  );
}

/** Whether the business on the source would be without a task that carries its changes over. */
export function isReplicationOver({ state }: GateFacts): boolean {
  return SENT.has(state.completion.state) || state.completion.state === 'failed';
}
