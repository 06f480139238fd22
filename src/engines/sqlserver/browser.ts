/** Where a named instance listens: SQL Server Browser tells it, over UDP. */
import { instanceLookup } from 'tedious/lib/instance-lookup.js';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { throwIfAborted } from '../../util/wait.ts';
import type { ConnectRequest } from '../engine.ts';
import { BROWSER_PORT } from '../hosts.ts';
import { codeOf, networkProblem } from '../networkErrors.ts';

const TRIES = 3;

/**
 * The port to connect to, asked anew each time: an instance may get another one when it starts.
 * @throws Failure `timed-out` where nobody answers, `not-configured` where the instance is not known there
 */
export async function portOf({ profile, timeoutMs }: ConnectRequest, signal: AbortSignal): Promise<number> {
  const [node] = profile.nodes;
  if (node?.instance === undefined) return node?.port ?? 1433;
  const { host, instance, port } = node;
  for (let left = TRIES; left > 0; left--) {
    try {
      // not several tries at once: the driver's go on after an answer
      const once = { timeout: Math.ceil(timeoutMs / TRIES), retries: 0, port, signal };
      return await instanceLookup({ server: host, instanceName: instance, ...once });
    } catch (error) {
      throwIfAborted(signal);
      const told = networkProblem(codeOf(error), { endpoint: host });
      if (told && told.reason !== 'timed-out')
        throw new Failure(told.reason, told.what, told.tryThis, { cause: error });
    }
  }
  throw new Failure(
    'timed-out',
    sentence('SQL Server Browser on {host} (UDP port {port}) does not tell where the instance {instance} listens.', {
      host,
      port: BROWSER_PORT,
      instance,
    }),
    sentence('Check the name of the instance, or give its port instead: host,port.'),
  );
}
