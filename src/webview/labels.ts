/** Names for the words of the vocabulary, and the shape that goes with each. */
import {
  TABLE_VERDICT_NAMES,
  type CompletionState,
  type PrepareItemView,
  type SessionClass,
  type Side,
  type StepView,
  type TableVerdict,
} from '../protocol/index.ts';
import { sentence, type Sentence } from '../util/sentence.ts';

/** A codicon, the tone its colour is taken from, and the word: never colour alone. */
export interface Mark {
  readonly icon: string;
  readonly tone: 'good' | 'bad' | 'warn' | 'busy' | 'muted';
  readonly text: Sentence;
}

const mark = (icon: string, tone: Mark['tone'], text: Sentence): Mark => ({ icon, tone, text });

const STEP_STATES: Readonly<Record<StepView['state'], Mark>> = {
  done: mark('pass-filled', 'good', sentence('done')),
  overridden: mark('warning', 'warn', sentence('passed by override')),
  current: mark('circle-large-filled', 'busy', sentence('current')),
  todo: mark('circle-large', 'muted', sentence('to do')),
  notNeeded: mark('circle-slash', 'muted', sentence('not needed')),
};
const STEP_BLOCKED = mark('error', 'bad', sentence('blocked'));
const STEP_WAITING = mark('clockface', 'busy', sentence('waiting'));
const STEP_READY = mark('pass', 'good', sentence('ready to go on'));

/** The current step tells what its gate says; the others what became of them. */
export function stepMark(step: StepView): Mark {
  if (step.state !== 'current') return STEP_STATES[step.state];
  return { open: STEP_READY, waiting: STEP_WAITING, blocked: STEP_BLOCKED }[step.verdict.state];
}

export const PREPARE_STATES: Readonly<Record<PrepareItemView['state'], Mark>> = {
  checked: mark('pass-filled', 'good', sentence('checked')),
  attested: mark('account', 'good', sentence('confirmed')),
  open: mark('circle-large', 'warn', sentence('open')),
  failed: mark('error', 'bad', sentence('failed')),
};

/** In the order of what matters. */
export const SESSION_CLASSES: readonly SessionClass[] = [
  'business',
  'unknown',
  'dts',
  'replication',
  'system',
  'self',
  'ignored',
];

export const SIDES: Readonly<Record<Side, Sentence>> = { source: sentence('Source'), target: sentence('Target') };

export const TABLE_VERDICTS: Readonly<Record<TableVerdict, Mark>> = {
  different: mark('diff', 'bad', TABLE_VERDICT_NAMES.different),
  missingOnTarget: mark('error', 'bad', TABLE_VERDICT_NAMES.missingOnTarget),
  missingOnSource: mark('error', 'bad', TABLE_VERDICT_NAMES.missingOnSource),
  failed: mark('warning', 'warn', TABLE_VERDICT_NAMES.failed),
  skipped: mark('circle-slash', 'warn', TABLE_VERDICT_NAMES.skipped),
  same: mark('pass-filled', 'good', TABLE_VERDICT_NAMES.same),
};

export const COMPLETION_STATES: Readonly<Record<CompletionState, Mark>> = {
  none: mark('circle-large', 'muted', sentence('Complete has not been called.')),
  sending: mark('sync', 'busy', sentence('Complete is being sent to DTS…')),
  outcomeUnknown: mark(
    'question',
    'warn',
    sentence(
      'It is not known whether DTS carried Complete out. The task is being read to find out; nothing is sent again.',
    ),
  ),
  accepted: mark('sync', 'busy', sentence('DTS has accepted Complete; waiting for the task to end in success.')),
  rejected: mark('error', 'bad', sentence('DTS refused Complete. The task goes on as before.')),
  succeeded: mark('pass-filled', 'good', sentence('The task is complete: DTS says success.')),
  failed: mark('error', 'bad', sentence('The task did not end in success after Complete.')),
};
