/** Connecting and logging in through the driver, which has no place of its own to look at the server's certificate. */
import { TLSSocket } from 'node:tls';
import { createConnection } from 'mysql2';
import type { Connection, ConnectionOptions } from 'mysql2/promise';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import type { Where } from '../networkErrors.ts';
import { wrongPin, type TlsMaterial } from '../tls.ts';

/**
 * Resolves once we are logged in. A certificate that is not the pinned one ends it before account or password are sent.
 * @throws the driver's error, or a Failure `tls`
 */
export async function handshake(
  options: ConnectionOptions,
  tls: TlsMaterial | null,
  where: Where,
): Promise<Connection> {
  const connection = createConnection(options);
  const seen = tls?.pins ? lookAtCertificate(connection, tls, where) : null;
  await new Promise<void>((resolve, reject) => {
    connection.once('connect', () => resolve());
    connection.once('error', reject);
  });
  if (seen && !seen.done) {
    connection.destroy();
    throw notSeen(where);
  }
  return connection.promise();
}

/** What the driver calls when the server has agreed to encrypt; it goes on with the login once `secured` is called. */
interface Upgrading {
  stream: unknown;
  startTLS(secured: (error?: Error) => void): void;
}

const canUpgrade = (connection: object): connection is Upgrading =>
  'stream' in connection && 'startTLS' in connection && typeof connection.startTLS === 'function';

function lookAtCertificate(connection: object, tls: TlsMaterial, where: Where): { done: boolean } {
  const seen = { done: false };
  if (!canUpgrade(connection)) throw notSeen(where);
  const upgrade = connection.startTLS.bind(connection);
  connection.startTLS = (secured) => {
    upgrade((error) => {
      const { stream } = connection;
      const wrong = stream instanceof TLSSocket ? wrongPin(tls, stream, where) : notSeen(where);
      seen.done = true;
      secured(error ?? wrong ?? undefined);
    });
  };
  return seen;
}

/** A driver of another version, perhaps: better no connection than one that nobody looked at. */
const notSeen = ({ endpoint }: Where) =>
  new Failure('tls', sentence('The certificate of {endpoint} could not be looked at.', { endpoint }));
