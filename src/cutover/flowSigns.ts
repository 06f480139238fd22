/**
 * Signs that DTS still works, beside its own figures. Gap and lag 0 from answers that never change prove less than they
 * say: they may be the last thing a stuck task wrote down. What is known of it is named as evidence; no gate opens by it.
 */
import { elapsedMs, type Moment } from '../util/clock.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import type { ServerFacts, TaskFacts } from './facts.ts';
import type { SideLook } from './sideWatch.ts';

export interface FlowSigns {
  /** the `UpdateTime` of the newest reading, and since when it has stood still; null while DTS tells none */
  readonly update: { readonly told: number; readonly since: Moment } | null;
  /** when DTS was last seen to write its own objects (its heartbeat) on the target */
  readonly onTarget: Moment | null;
  /** how much of the source's log DTS had not yet confirmed, as the source told it last; null where it cannot tell */
  readonly unconfirmed: { readonly bytes: number; readonly at: Moment } | null;
}

export const NO_SIGNS: FlowSigns = { update: null, onTarget: null, unconfirmed: null };

export function afterReading(signs: FlowSigns, task: TaskFacts, at: Moment): FlowSigns {
  const told = task.updatedAt ?? null;
  if (told === null) return { ...signs, update: null };
  return signs.update?.told === told ? signs : { ...signs, update: { told, since: at } };
}

export function afterTargetLook(signs: FlowSigns, look: SideLook): FlowSigns {
  const isSeen = look.position.written.some(({ byDts, heartbeat }) => byDts && !heartbeat);
  return isSeen ? { ...signs, onTarget: { at: look.at, mono: look.mono } } : signs;
}

export function afterSourceLook(signs: FlowSigns, { readByDts, at, mono }: SideLook): FlowSigns {
  return { ...signs, unconfirmed: readByDts ? { bytes: readByDts.behindBytes, at: { at, mono } } : null };
}

/** Longer without a change than this, an answer counts as frozen. */
const FROZEN_SECONDS = 60;

/** What stands beside gap and lag where Complete is confirmed. */
export function flowEvidence({ update, onTarget, unconfirmed }: FlowSigns, now: Moment): readonly Sentence[] {
  const seconds = (since: Moment) => Math.round((elapsedMs(since, now) ?? 0) / 1000);
  const evidence: Sentence[] = [];
  if (update && seconds(update.since) > FROZEN_SECONDS) {
    evidence.push(
      sentence('DTS’s answer has not changed for {seconds} s (UpdateTime): gap 0 and lag 0 prove less.', {
        seconds: seconds(update.since),
      }),
    );
  }
  if (onTarget) {
    evidence.push(sentence('DTS was seen to write on the target {seconds} s ago.', { seconds: seconds(onTarget) }));
  } else if (evidence.length > 0) {
    evidence.push(sentence('DTS has not been seen to write on the target while this was watched.'));
  }
  if (unconfirmed) {
    evidence.push(
      sentence(
        'The source’s replication slot shows that DTS has confirmed all but {bytes} bytes of its log, {seconds} s ago.',
        { bytes: unconfirmed.bytes, seconds: seconds(unconfirmed.at) },
      ),
    );
  }
  return evidence;
}

/** Why a lag may grow although nothing is written: DTS measures it by heartbeats that it writes into the source. */
export function lagExplained(source: ServerFacts | null): Sentence | null {
  if (!source?.readOnly) return null;
  return sentence(
    'The source is read-only, so that DTS cannot write its heartbeats there, and the lag grows by itself: block the accounts of the business instead of the server.',
  );
}
