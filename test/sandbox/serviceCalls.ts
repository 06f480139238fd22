/** What the tests of the sandbox's DTS service share: calls as they go over the wire, and what comes of them. */
import assert from 'node:assert/strict';
import type { DtsService } from '../../sandbox/dts/service.ts';
import { CallProblem, send } from '../../src/dts/transport.ts';
import { ACCOUNT, never, REGION, SECRET_KEY } from '../unit/dts/support.ts';

/** A promise that is settled from outside. */
export function pending<T>() {
  const settlers: { resolve(value: T): void; reject(error: unknown): void }[] = [];
  const promise = new Promise<T>((resolve, reject) => settlers.push({ resolve, reject }));
  const [settler] = settlers;
  assert.ok(settler);
  return { promise, ...settler };
}

/** Any call, signed by the real SDK. */
export function call(
  { port }: DtsService,
  action: string,
  parameters: Record<string, unknown>,
  region = REGION,
): Promise<unknown> {
  const address = { protocol: 'http:', host: `127.0.0.1:${port}` } as const;
  const credentials = { secretId: ACCOUNT.secretId, secretKey: SECRET_KEY };
  return send(
    { service: 'dts', action, region, parameters },
    credentials,
    { address, language: 'en-US', proxy: undefined, timeoutMs: 5000 },
    never,
  );
}

/** The service's own code of an error. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => assert.fail('expected a refusal'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof CallProblem);
  return error.code;
}
