/** Ends what a session does. MongoDB has no command that ends a bare connection. */
import type { Document } from 'mongodb';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { pause } from '../../util/wait.ts';
import type { Deployment } from './deployment.ts';
import { CODE, errorNumber, timedOut } from './errors.ts';
import { listEntries, type Listed } from './sessions.ts';
import { at, isDocument } from './text.ts';
import { accountsOf, grantRole, readConnectionStatus } from './visibility.ts';

const LOOK_AGAIN_MS = 100;

/** Stops the operation, or ends the session with its transaction, and waits until it is gone. */
export async function terminateSession(
  deployment: Deployment,
  id: string,
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { endpoint } = deployment.main.where;
  const found = await find(deployment, id, signal);
  // it has ended by itself
  if (!found) return;
  refuse(found, endpoint);
  const { entry } = found;
  try {
    for (const command of commandsFor(entry)) await found.link.command('admin', command, signal);
  } catch (error) {
    throw await endFailure(found, id, error, signal);
  }
  const deadline = performance.now() + limitMs;
  for (;;) {
    const still = await find(deployment, id, signal);
    if (!still || !isSame(still.entry, entry)) return;
    if (performance.now() > deadline) throw timedOut(deployment.main.where, limitMs);
    await pause(LOOK_AGAIN_MS, signal);
  }
}

async function find(deployment: Deployment, id: string, signal: AbortSignal): Promise<Listed | undefined> {
  return (await listEntries(deployment, signal)).find(({ session }) => session.id === id);
}

function refuse({ session: { id, nature, state } }: Listed, endpoint: string): void {
  if (nature === 'self') {
    throw new Failure('bad-input', sentence('Session {id} is our own connection to {endpoint}.', { id, endpoint }));
  }
  if (nature !== 'client') {
    throw new Failure(
      'bad-input',
      sentence('Session {id} belongs to the server at {endpoint} itself.', { id, endpoint }),
    );
  }
  if (state !== 'executing' && state !== 'open transaction') {
    throw new Failure(
      'unsupported',
      sentence('Connection {id} runs nothing now, and MongoDB at {endpoint} cannot end an idle connection.', {
        id,
        endpoint,
      }),
      sentence('Stop the application that keeps it, or take the write role from its account.'),
    );
  }
}

function commandsFor(entry: Document): readonly Document[] {
  const commands: Document[] = [];
  const op: unknown = entry['opid'];
  if (entry['active'] === true && op !== undefined) commands.push({ killOp: 1, op });
  const id: unknown = at(entry, 'lsid', 'id');
  if (isDocument(entry['transaction']) && id !== undefined) {
    const uid: unknown = at(entry, 'lsid', 'uid');
    // by pattern, because the plain killSessions ends sessions of our own account only
    commands.push(
      uid === undefined ? { killSessions: [{ id }] } : { killAllSessionsByPattern: [{ lsid: { id, uid } }] },
    );
  }
  return commands;
}

/** Whether the connection still does what was to be ended. */
function isSame(now: Document, then: Document): boolean {
  if (then['type'] === 'idleSession') return isDocument(now['transaction']);
  return now['active'] === true && now['opid'] === then['opid'];
}

async function endFailure({ link }: Listed, id: string, error: unknown, signal: AbortSignal): Promise<unknown> {
  if (errorNumber(error) !== CODE.unauthorized) return error;
  const { user, endpoint } = link.where;
  const [account = { user, db: link.where.authSource }] = accountsOf(await readConnectionStatus(link, signal));
  return new Failure(
    'insufficient-privilege',
    sentence('{user} may not end session {id} on {endpoint}.', { user, id, endpoint }),
    sentence('Run as an administrator: {grant}', { grant: grantRole(account, 'hostManager', 'admin') }),
    { cause: error, code: String(CODE.unauthorized) },
  );
}
