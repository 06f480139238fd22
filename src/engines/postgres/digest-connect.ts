/** A client for the comparison: its own, because it lives in a transaction for as long as the comparison takes. */
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { cancelled, Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { throwIfAborted } from '../../util/wait.ts';
import type { ConnectRequest } from '../engine.ts';

export async function openClient(
  request: ConnectRequest,
  database: string,
  signal: AbortSignal,
): Promise<{ client: pg.Client; endpoint: string }> {
  throwIfAborted(signal);
  const { profile, password, programName, timeoutMs } = request;
  const node = profile.nodes[0];
  const host = node?.host ?? '';
  const port = node?.port ?? 5432;
  const endpoint = `${host}:${port}/${database}`;
  const { tls } = profile;
  const ssl =
    tls.mode === 'off'
      ? false
      : tls.mode === 'required'
        ? { rejectUnauthorized: false }
        : { rejectUnauthorized: true, ...(tls.caFile ? { ca: await readFile(tls.caFile, 'utf8') } : {}) };
  const client = new pg.Client({
    host,
    port,
    user: profile.user,
    password,
    database,
    ssl,
    application_name: programName,
    connectionTimeoutMillis: timeoutMs,
    keepAlive: true,
  });
  // a lost connection shows in the statement that needed it
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    if (signal.aborted) throw cancelled(signal.reason);
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
    throw new Failure(
      code.startsWith('28') ? 'authentication-failed' : code === '3D000' ? 'database-missing' : 'unreachable',
      sentence('Cannot connect to {endpoint} for the comparison ({code}).', { endpoint, code: code || 'no answer' }),
      sentence('Check host, port, account and password of this side.'),
      { cause: error, code },
    );
  }
  return { client, endpoint };
}
