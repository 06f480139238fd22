/** What a connection's TLS options mean to Node's TLS, the same for every engine. */
import { readFile } from 'node:fs/promises';
import { createSecureContext, type PeerCertificate } from 'node:tls';
import { Failure } from '../util/failure.ts';
import { sentence } from '../util/sentence.ts';
import type { ConnectRequest } from './engine.ts';
import type { Where } from './networkErrors.ts';

export interface TlsMaterial {
  /** the chain is checked */
  readonly checked: boolean;
  /** the host name or address is checked too */
  readonly identity: boolean;
  /** fingerprints of which the server's certificate must have one; null where none is pinned. Who uses it asks `wrongPin`. */
  readonly pins: readonly string[] | null;
  /** PEM, as `tls.connect` takes them */
  readonly files: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly passphrase?: string;
  };
}

/** Null for a connection in the clear. Rejects with `not-configured`, naming the file that cannot be used. */
export async function tlsMaterial({ profile: { tls }, keyPassphrase }: ConnectRequest): Promise<TlsMaterial | null> {
  if (tls.mode === 'off') return null;
  const read = (file: string | undefined) => (file ? readPem(file) : undefined);
  const pins = tls.mode === 'pinned' ? (tls.pin ?? '').split(',') : null;
  const checked = tls.mode !== 'required' && !pins;
  const ca = checked ? await read(tls.caFile) : undefined;
  const [cert, key] = [await read(tls.certFile), await read(tls.keyFile)];
  const files = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(keyPassphrase === undefined ? {} : { passphrase: keyPassphrase }),
  };
  if (cert !== undefined || key !== undefined) tryClientKey(files, tls.keyFile ?? tls.certFile ?? '');
  return { checked, identity: tls.mode === 'verify-full', pins, files };
}

/**
 * What is wrong with the certificate that a server has shown, once the handshake is over and before anything is sent;
 * null where it is a pinned one, or none is pinned. A certificate that cannot be seen is a wrong one.
 */
export function wrongPin(
  { pins }: Pick<TlsMaterial, 'pins'>,
  shown: { getPeerCertificate(): PeerCertificate },
  { endpoint }: Pick<Where, 'endpoint'>,
): Failure | null {
  if (!pins) return null;
  const found: unknown = shown.getPeerCertificate().fingerprint256;
  if (typeof found === 'string' && pins.includes(found)) return null;
  return new Failure(
    'tls',
    sentence('The certificate of {endpoint} is not the pinned one: its SHA-256 fingerprint is {fingerprint}.', {
      endpoint,
      fingerprint: typeof found === 'string' ? found : '–',
    }),
    sentence(
      'Read the fingerprint on the server itself. If that is another one, somebody stands between; nothing was sent.',
    ),
  );
}

/** A key that does not open or does not fit fails here, with its file, and not in the middle of a handshake. */
function tryClientKey(files: TlsMaterial['files'], file: string): void {
  try {
    createSecureContext(files);
  } catch {
    // OpenSSL's error may quote the file's content
    throw new Failure(
      'not-configured',
      sentence('The client key {file} cannot be used.', { file }),
      sentence('Check that it belongs to the client certificate, and its passphrase.'),
    );
  }
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new Failure(
      'not-configured',
      sentence('The certificate or key file {file} cannot be read.', { file }),
      sentence('Check the path in the connection.'),
      { cause },
    );
  }
}

/**
 * The name to check a certificate against, for drivers that check names only: with the dot of a complete name an address
 * passes as one, and Node, which drops the dot, compares it with the addresses in the certificate.
 */
export const nameToCheck = (host: string): string => (/^[\d.]+$|:/.test(host) ? `${host}.` : host);
