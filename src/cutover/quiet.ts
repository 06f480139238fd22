/** What one look at the source says about quiet. Pure: facts in, a look out. */
import type { Moment } from '../util/clock.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import type { ClassifiedSession, PendingWriter, PositionFacts, Visibility } from './facts.ts';
import { reason, type Reason } from './reasons.ts';
import type { Look } from './windows.ts';

export interface QuietSample extends Moment {
  readonly sessions: readonly ClassifiedSession[];
  readonly visibility: Visibility | null;
  readonly position: PositionFacts | null;
  readonly pendingWriters: readonly PendingWriter[];
  /** business and unknown sessions of the look before this one, by id; null at the first look */
  readonly before: ReadonlySet<string> | null;
  readonly idleBusinessBlocks: boolean;
}

/** Sessions that can write what we do not expect. */
export function isForeign(session: ClassifiedSession): boolean {
  return session.class === 'business' || session.class === 'unknown';
}

/** Ids carry the start time too: servers reuse process ids. */
export function foreignIds(sessions: readonly ClassifiedSession[]): ReadonlySet<string> {
  return new Set(sessions.filter(isForeign).map(identityOf));
}

function identityOf(session: ClassifiedSession): string {
  return `${session.id}@${session.startedAt ?? ''}`;
}

/** Everything that keeps this look from being quiet; empty means quiet or pending. */
export function disturbances(sample: QuietSample): Reason[] {
  const why: Reason[] = [];
  if (!sample.visibility) why.push(VISIBILITY_UNKNOWN);
  else if (sample.visibility.level !== 'full') why.push(VISIBILITY_LIMITED);
  for (const session of sample.sessions.filter(isForeign)) {
    const problem = sessionProblem(session, sample);
    if (problem) why.push(problem);
  }
  for (const writer of sample.pendingWriters.filter((w) => w.blocks)) {
    why.push(reason('openWriter', OPEN_WRITER[writer.kind](writer.name), `${writer.kind} ${writer.name}`));
  }
  const position = sample.position;
  if (!position) why.push(POSITION_UNREAD);
  else if (position.foreign === 'written') why.push(written(position));
  else if (position.foreign === 'unknown') why.push(reason('positionUnknown', position.why));
  return why;
}

const VISIBILITY_UNKNOWN = reason(
  'visibilityUnknown',
  sentence('it is not known yet whether this account sees every session'),
);
const VISIBILITY_LIMITED = reason('visibilityLimited', sentence('this account cannot see everybody’s sessions'));
const POSITION_UNREAD = reason('positionUnread', sentence('the write position could not be read'));

/** A write happened once: agreeing to it is no agreement to the next one. */
function written(position: PositionFacts): Reason {
  const objects = foreignNames(position);
  const rows = position.written.reduce((sum, { byDts, count }) => sum + (byDts ? 0 : (count ?? 0)), 0);
  return reason('written', sentence('{objects} was written', { objects }), objects, rows, String(position.takenAt));
}

const OPEN_WRITER: Readonly<Record<PendingWriter['kind'], (name: string) => Sentence>> = {
  event: (name) => sentence('event {name} is switched on', { name }),
  job: (name) => sentence('job {name} is switched on', { name }),
  'prepared transaction': (name) => sentence('prepared transaction {name} is open', { name }),
};

export function judgeQuiet(sample: QuietSample): Look {
  const { at, mono } = sample;
  const why = disturbances(sample)[0];
  if (why) return { at, mono, holds: 'no', why };
  if (sample.position?.foreign === 'pending') return { at, mono, holds: 'pending', why: sample.position.why };
  return { at, mono, holds: 'yes' };
}

/** Sessions of one account and client are one matter: how many of them there are is its measure. */
function sessionProblem(session: ClassifiedSession, sample: QuietSample): Reason | null {
  const who = { id: session.id, account: session.account || '?', host: session.host || '?' };
  const of = (code: string, text: Sentence) => reason(code, text, `${who.account}@${who.host}`, 1);
  if (session.state === 'executing') {
    return of('sessionExecuting', sentence('session {id} of {account} from {host} is executing', who));
  }
  if (session.state === 'open transaction') {
    return of('sessionInTransaction', sentence('session {id} of {account} from {host} has an open transaction', who));
  }
  if (session.class === 'unknown' || session.state === 'unknown') {
    return of('sessionUnknown', sentence('nobody can tell what session {id} is', { id: session.id }));
  }
  if (sample.before && !sample.before.has(identityOf(session))) {
    return of('sessionNew', sentence('session {id} of {account} from {host} is new', who));
  }
  if (!sample.idleBusinessBlocks) return null;
  return of('sessionConnected', sentence('session {id} of {account} from {host} is still connected', who));
}

/** Names of what others than DTS wrote, for a sentence. */
export function foreignNames(position: PositionFacts): string {
  const names = position.written.filter((object) => !object.byDts).map((object) => object.name);
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} …(${names.length})` : names.join(', ') || '?';
}
