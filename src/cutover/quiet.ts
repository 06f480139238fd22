/** What one look at the source says about quiet. Pure: facts in, a look out. */
import { sentence, type Sentence } from '../util/sentence.ts';
import type { ClassifiedSession, PendingWriter, PositionFacts, Visibility } from './facts.ts';
import type { Look } from './windows.ts';

export interface QuietSample {
  readonly at: number;
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
export function disturbances(sample: QuietSample): Sentence[] {
  const why: Sentence[] = [];
  if (!sample.visibility) why.push(sentence('it is not known yet whether this account sees every session'));
  else if (sample.visibility.level !== 'full') why.push(sentence('this account cannot see everybody’s sessions'));
  for (const session of sample.sessions.filter(isForeign)) {
    const problem = sessionProblem(session, sample);
    if (problem) why.push(problem);
  }
  for (const writer of sample.pendingWriters.filter((w) => w.blocks)) {
    why.push(OPEN_WRITER[writer.kind](writer.name));
  }
  const position = sample.position;
  if (!position) why.push(sentence('the write position could not be read'));
  else if (position.foreign === 'written')
    why.push(sentence('{objects} was written', { objects: foreignNames(position) }));
  else if (position.foreign === 'unknown') why.push(position.why);
  return why;
}

const OPEN_WRITER: Readonly<Record<PendingWriter['kind'], (name: string) => Sentence>> = {
  event: (name) => sentence('event {name} is switched on', { name }),
  job: (name) => sentence('job {name} is switched on', { name }),
  'prepared transaction': (name) => sentence('prepared transaction {name} is open', { name }),
};

export function judgeQuiet(sample: QuietSample): Look {
  const why = disturbances(sample)[0];
  if (why) return { at: sample.at, holds: 'no', why };
  if (sample.position?.foreign === 'pending') return { at: sample.at, holds: 'pending', why: sample.position.why };
  return { at: sample.at, holds: 'yes' };
}

function sessionProblem(session: ClassifiedSession, sample: QuietSample): Sentence | null {
  const who = { id: session.id, account: session.account || '?', host: session.host || '?' };
  if (session.state === 'executing') return sentence('session {id} of {account} from {host} is executing', who);
  if (session.state === 'open transaction') {
    return sentence('session {id} of {account} from {host} has an open transaction', who);
  }
  if (session.class === 'unknown' || session.state === 'unknown') {
    return sentence('nobody can tell what session {id} is', { id: session.id });
  }
  if (sample.before && !sample.before.has(identityOf(session))) {
    return sentence('session {id} of {account} from {host} is new', who);
  }
  if (sample.idleBusinessBlocks) return sentence('session {id} of {account} from {host} is still connected', who);
  return null;
}

/** Names of what others than DTS wrote, for a sentence. */
export function foreignNames(position: PositionFacts): string {
  const names = position.written.filter((object) => !object.byDts).map((object) => object.name);
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} …(${names.length})` : names.join(', ') || '?';
}
