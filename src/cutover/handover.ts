/** Handing a run over to somebody on another machine, and taking it back: both by the user's explicit word. */
import { Failure } from '../util/failure.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import type { RunParts } from './actions.ts';
import type { JournalEntry } from './journal.ts';

/** False when the user declined. */
export async function handOver(
  run: RunParts,
  kind: 'handOver' | 'takeBack',
  by: string,
  signal: AbortSignal,
): Promise<boolean> {
  const task = run.facts().task?.name || run.options.ref.jobId;
  const { title, details, action } = kind === 'handOver' ? aboutHandingOver(task) : aboutTakingBack(task);
  const request = { kind: 'handOver', title, details, action, typed: null } as const;
  if (!(await run.options.ports.confirm(request, signal))) return false;
  run.comparisonAbort?.abort();
  await run.ledger.record({ kind: kind === 'handOver' ? 'handedOver' : 'takenBack' }, by);
  run.restartWindows();
  return true;
}

interface Question {
  readonly title: Sentence;
  readonly details: readonly Sentence[];
  readonly action: Sentence;
}

const aboutHandingOver = (task: string): Question => ({
  title: sentence('Hand over the cutover of {task}?', { task }),
  details: [
    sentence(
      'Its record is exported for somebody on another machine, who goes on with it. Keys and passwords are not in it.',
    ),
    sentence('From now on it is only shown here: nothing is watched, and nothing can be done with it.'),
  ],
  action: sentence('Hand over'),
});

const aboutTakingBack = (task: string): Question => ({
  title: sentence('Take back the cutover of {task}?', { task }),
  details: [
    sentence('Make sure that nobody goes on with it elsewhere: two people who complete one task do it twice.'),
    sentence(
      'What was proven counts no more, and Complete may have been sent meanwhile: it waits for the task’s status.',
    ),
  ],
  action: sentence('Take back'),
});

/** What of a run that somebody handed over is added to the record that is here already. */
export function entriesToAdd(
  here: readonly JournalEntry[],
  isBegun: boolean,
  received: readonly JournalEntry[],
): readonly JournalEntry[] {
  const goesOn = here.length <= received.length && here.every((each, index) => isSame(each, received[index]));
  const added = goesOn
    ? received.slice(here.length)
    : received.slice(received.findLastIndex((e) => e.kind === 'started'));
  if (isBegun && goesOn && added.length === 0) {
    throw refused(
      sentence('This cutover was handed over from here.'),
      sentence('To go on with it here, take it back by the command “Take Back the Cutover”.'),
    );
  }
  if (isBegun && !goesOn) {
    throw refused(
      sentence('A cutover of this task is recorded here already, and this file does not go on from it.'),
      sentence('Finish the one that is here first, or ask for a newer file.'),
    );
  }
  return added;
}

const isSame = (a: JournalEntry, b: JournalEntry | undefined) => a.kind === b?.kind && a.at === b.at && a.by === b.by;

const refused = (what: Sentence, tryThis: Sentence) => new Failure('not-allowed-now', what, tryThis);
