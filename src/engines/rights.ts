/** What an engine's account may do, found out by doing it: for engines that do not ask for every grant by name. */
import type { RightFacts, RightsScope, RightUse } from '../cutover/facts.ts';
import { isFailure } from '../util/failure.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { DTS_FOOTPRINT, type EngineConnection } from './engine.ts';

/** What is asked here. */
export type AskableConnection = Pick<
  EngineConnection,
  'server' | 'checkVisibility' | 'readWritePosition' | 'listPendingWriters' | 'listDatabases' | 'listObjects'
>;

/** Only a refusal for want of a right is an answer; any other failure is the caller's. */
export async function rightsByDoing(
  connection: AskableConnection,
  scope: readonly RightsScope[] | null,
  signal: AbortSignal,
): Promise<readonly RightFacts[]> {
  return [
    await sessionsRight(connection, signal),
    await positionRight(connection, signal),
    await allowed('writers', sentence('Schedules and prepared transactions can be listed.'), () =>
      connection.listPendingWriters(signal),
    ),
    await allowed('objects', sentence('The objects of the databases can be listed.'), async () => {
      const databases = scope?.map(({ database }) => database) ?? (await connection.listDatabases(signal));
      for (const database of databases) await connection.listObjects(database, signal);
    }),
  ];
}

/** Whether everybody's sessions are seen. */
export async function sessionsRight(
  connection: Pick<EngineConnection, 'checkVisibility'>,
  signal: AbortSignal,
): Promise<RightFacts> {
  const visibility = await connection.checkVisibility(signal);
  return visibility.level === 'full'
    ? right('sessions', 'ok', visibility.how)
    : right('sessions', 'missing', visibility.missing, visibility.grant);
}

/** Two readings: the first proves nothing about what the second will be able to tell. */
async function positionRight(connection: AskableConnection, signal: AbortSignal): Promise<RightFacts> {
  const dts = DTS_FOOTPRINT[connection.server.engine];
  return refusedOr('position', async () => {
    const first = await connection.readWritePosition(null, dts, signal);
    const second = await connection.readWritePosition(first.token, dts, signal);
    return second.foreign === 'unknown'
      ? right('position', 'unknown', second.why)
      : right('position', 'ok', sentence('What is written can be told.'));
  });
}

function allowed(use: RightUse, how: Sentence, act: () => Promise<unknown>): Promise<RightFacts> {
  return refusedOr(use, async () => {
    await act();
    return right(use, 'ok', how);
  });
}

async function refusedOr(use: RightUse, act: () => Promise<RightFacts>): Promise<RightFacts> {
  try {
    return await act();
  } catch (error) {
    if (!isFailure(error) || error.reason !== 'insufficient-privilege') throw error;
    return right(use, 'missing', error.what);
  }
}

/** One answer; `objects` where it is about some only. */
export function right(
  use: RightUse,
  state: RightFacts['state'],
  why: Sentence,
  grant: string | null = null,
  objects: readonly string[] = [],
): RightFacts {
  return { use, state, objects, why, grant };
}
