/** What TLS means to the driver, which has no place of its own for a pinned certificate, nor a word for a missing handshake. */
import { isIP } from 'node:net';
import { connect, type PeerCertificate } from 'node:tls';
import type { MongoClientOptions } from 'mongodb';
import { Failure, isFailure } from '../../util/failure.ts';
import type { ConnectRequest, ServerNode } from '../engine.ts';
import { onlyOtherwise } from '../networkErrors.ts';
import { tlsMaterial, wrongPin, type TlsMaterial } from '../tls.ts';
import type { Where } from './errors.ts';

export async function tlsOptions(
  request: ConnectRequest,
  nodes: readonly ServerNode[],
  where: Where,
  signal: AbortSignal,
): Promise<MongoClientOptions> {
  const tls = await tlsMaterial(request);
  if (!tls) return { tls: false };
  if (tls.pins) return { tls: true, ...tls.files, ...(await trustingOnly(tls, request, nodes, where, signal)) };
  return {
    tls: true,
    ...tls.files,
    ...(tls.checked ? {} : { tlsAllowInvalidCertificates: true }),
    ...(tls.identity ? {} : { tlsAllowInvalidHostnames: true }),
  };
}

/**
 * The pinned certificates as the members show them become all that is trusted; each connection then is checked for the
 * fingerprint itself. A member that does not answer now is left to the driver, which tells it.
 * @throws Failure `tls` where a member shows another one
 */
async function trustingOnly(
  tls: TlsMaterial,
  { timeoutMs }: ConnectRequest,
  nodes: readonly ServerNode[],
  where: Where,
  signal: AbortSignal,
): Promise<MongoClientOptions> {
  const check = (certificate: PeerCertificate) => wrongPin(tls, { getPeerCertificate: () => certificate }, where);
  const ca: string[] = [];
  for (const shown of await Promise.all(nodes.map((node) => handshake(node, tls.files, timeoutMs, signal)))) {
    if (!shown) continue;
    const wrong = check(shown);
    if (wrong) throw wrong;
    ca.push(pemOf(shown.raw));
  }
  return {
    ...(ca.length > 0 && { ca: ca.join('\n'), allowPartialTrustChain: true }),
    checkServerIdentity: (_host, certificate) => check(certificate) ?? undefined,
  };
}

/** A server that hangs up on a connection without TLS: does it speak TLS? Nothing is sent but the handshake. */
export async function refusedForTls(
  failure: Failure,
  { profile, timeoutMs }: ConnectRequest,
  nodes: readonly ServerNode[],
  { endpoint, user }: Where,
  signal: AbortSignal,
): Promise<Failure> {
  const [node] = nodes;
  const hungUp = isFailure(failure) && failure.reason === 'connection-lost' && profile.tls.mode === 'off';
  if (!node || !hungUp || !(await handshake(node, {}, timeoutMs, signal))) return failure;
  const { reason, what, tryThis } = onlyOtherwise({ endpoint, user }, true);
  return new Failure(reason, what, tryThis, { cause: failure });
}

/** The certificate a server shows; null where there is no handshake. Nothing of us is sent but the client's certificate. */
function handshake(
  { host, port }: ServerNode,
  files: TlsMaterial['files'],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<PeerCertificate | null> {
  return new Promise((resolve) => {
    const named = isIP(host) === 0 ? { servername: host } : {};
    const socket = connect({ host, port, ...named, ...files, rejectUnauthorized: false, timeout: timeoutMs });
    const end = (shown: PeerCertificate | null) => {
      signal.removeEventListener('abort', stop);
      socket.destroy();
      resolve(shown);
    };
    const stop = () => end(null);
    signal.addEventListener('abort', stop, { once: true });
    socket.once('secureConnect', () => end(socket.getPeerCertificate()));
    socket.on('error', stop).once('timeout', stop).once('close', stop);
    if (signal.aborted) stop();
  });
}

const pemOf = (certificate: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----`;
