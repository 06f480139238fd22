/**
 * Why a gate is shut, as data: what is wrong (code), with what (subject), and how much (measure). The sentence is made
 * from it and is for people; nothing decides by its words. A reason that is waved through covers the same code and
 * subject up to the measure that was shown, and where it names an occurrence only that very one.
 */
import { sentence, type Sentence } from '../util/sentence.ts';
import type { ServerFacts, Side } from './facts.ts';
import type { PrepareItemView } from './snapshot.ts';

export interface Reason extends Sentence {
  readonly code: string;
  /** '' where there is only one */
  readonly subject: string;
  /** how bad it is; more is worse, and several reasons of one code and subject add up */
  readonly measure: number;
  /** what happened once: the like of it later is something else */
  readonly occurrence?: string | undefined;
}

export function reason(code: string, text: Sentence, subject = '', measure = 0, occurrence?: string): Reason {
  return { ...text, code, subject, measure, ...(occurrence === undefined ? {} : { occurrence }) };
}

/** One code and subject of several reasons, with how much of it there is in all. */
interface Matter {
  readonly key: string;
  readonly total: number;
}

/** What a record holds of a reason: those of the first records were sentences only, and cover nothing. */
export interface RecordedReason extends Sentence {
  readonly code?: string | undefined;
  readonly subject?: string | undefined;
  readonly measure?: number | undefined;
  readonly occurrence?: string | undefined;
}

function keyOf({ code, subject, occurrence }: RecordedReason): string | null {
  return code === undefined ? null : JSON.stringify([code, subject ?? '', occurrence ?? null]);
}

export function mattersOf(reasons: readonly RecordedReason[]): ReadonlyMap<string, Matter> {
  const matters = new Map<string, Matter>();
  for (const each of reasons) {
    const key = keyOf(each);
    if (key !== null) matters.set(key, { key, total: (matters.get(key)?.total ?? 0) + (each.measure ?? 0) });
  }
  return matters;
}

/** The reasons that go beyond what was shown: of another matter, or worse. */
export function beyond<R extends RecordedReason>(now: readonly R[], shown: readonly RecordedReason[]): readonly R[] {
  const agreed = mattersOf(shown);
  const totals = mattersOf(now);
  return now.filter((each) => {
    const key = keyOf(each);
    const known = key === null ? undefined : agreed.get(key);
    return known === undefined || (totals.get(known.key)?.total ?? 0) > known.total;
  });
}

/** What both consents cover: of each matter the reasons of the one that went further. */
export function bothOf(before: readonly RecordedReason[], after: readonly RecordedReason[]): readonly RecordedReason[] {
  const [old, fresh] = [mattersOf(before), mattersOf(after)];
  const isOld = (each: RecordedReason) => {
    const key = keyOf(each);
    return key !== null && (old.get(key)?.total ?? -1) > (fresh.get(key)?.total ?? -1);
  };
  return [...before.filter(isOld), ...after.filter((each) => !isOld(each))];
}

// ---------------------------------------------------------------- reasons that several gates give

export const NO_RUN = reason('noRun', sentence('No cutover is under way for this task.'));
export const HANDED_OVER = reason(
  'handedOver',
  sentence('This cutover was handed over to somebody else: here it is only shown.'),
);
export const NOT_PAUSED = reason('notPaused', sentence('The business has not been stopped yet.'));

export const NO_CONNECTION: Readonly<Record<Side, Reason>> = {
  source: reason('noConnection', sentence('The source cannot be watched: there is no connection.'), 'source'),
  target: reason('noConnection', sentence('The target cannot be watched: there is no connection.'), 'target'),
};
export const NO_FRESH_LOOK: Readonly<Record<Side, Reason>> = {
  source: reason('noFreshLook', sentence('There is no fresh look at the source.'), 'source'),
  target: reason('noFreshLook', sentence('There is no fresh look at the target.'), 'target'),
};
export const PENDING: Readonly<Record<Side, Reason>> = {
  source: reason('pending', sentence('The source has not said yet by whom its last write was.'), 'source'),
  target: reason('pending', sentence('The target has not said yet by whom its last write was.'), 'target'),
};

/** The measure is what is missing of the window: one that begins again is worse. */
export function quietTooShort(held: number, required: number): Reason {
  const text = sentence('Quiet for {held} s of {required} s.', { held, required });
  return reason('quietTooShort', text, '', required - held);
}

export function dwellTooShort(held: number, required: number): Reason {
  const text = sentence('Gap and lag have been 0 for {held} s of {required} s since the source became quiet.', {
    held,
    required,
  });
  return reason('dwellTooShort', text, '', required - held);
}

/** A point of step 1 that is not met, as it is now: what is open later for another cause is another matter. */
export function notPrepared({ id, state, detail, problem }: PrepareItemView): Reason {
  return reason('notPrepared', detail, `${id} ${problem ?? state}`);
}

export function otherServerAnswers({ endpoint, identity }: ServerFacts): Reason {
  const text = sentence('another server answers at {endpoint}, or it took another role', { endpoint });
  return reason('otherServer', text, identity);
}
