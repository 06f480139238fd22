import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { HttpsProxyAgent } from 'https-proxy-agent';

/**
 * What became of one request's connection. The SDK reports a broken connection as text without a code, and cannot tell
 * whether anything was sent; both decide what a failed "Complete" means, so the socket itself is watched.
 */
export interface ConnectionWatch {
  readonly agent: http.Agent;
  /** false also when a proxy of the editor took the connection over: then nothing is known */
  opened: boolean;
  /** TCP (and TLS) stood, so the request may have left this machine */
  established: boolean;
  /** Node's code, e.g. ECONNREFUSED */
  errorCode: string;
  /** aborts shortly after the socket closed: the SDK's HTTP client waits for ever for the rest of a cut answer */
  readonly lost: AbortSignal;
  release(): void;
}

/** By then an answer that came whole has been read. */
const CLOSED_GRACE_MS = 500;

/** One agent per request: no kept-alive socket whose silent end would make an answer doubtful. */
export function watchConnection(protocol: 'http:' | 'https:'): ConnectionWatch {
  const state = { opened: false, established: false, errorCode: '' };
  const lost = new AbortController();
  let grace: NodeJS.Timeout | undefined;
  let released = false;
  const watch = (socket: Duplex | null | undefined, readyEvent: 'connect' | 'secureConnect') => {
    state.opened = true;
    socket?.once(readyEvent, () => (state.established = true));
    socket?.once('error', (error: NodeJS.ErrnoException) => (state.errorCode = error.code ?? ''));
    socket?.once('close', () => {
      if (!released) grace = setTimeout(() => lost.abort(), CLOSED_GRACE_MS);
    });
    return socket;
  };
  const release = () => {
    released = true;
    clearTimeout(grace);
    agent.destroy();
  };
  class WatchedHttpAgent extends http.Agent {
    override createConnection(...args: Parameters<http.Agent['createConnection']>) {
      return watch(super.createConnection(...args), 'connect');
    }
  }
  class WatchedHttpsAgent extends https.Agent {
    override createConnection(...args: Parameters<https.Agent['createConnection']>) {
      return watch(super.createConnection(...args), 'secureConnect');
    }
  }
  const agent = refusingRedirects(protocol === 'http:' ? new WatchedHttpAgent() : new WatchedHttpsAgent());
  return Object.assign(state, { agent, lost: lost.signal, release });
}

/** Through a proxy the socket is the proxy's: nothing is known of what is behind it. One agent per request, as above. */
export const proxyAgent = (proxy: string): http.Agent => refusingRedirects(new HttpsProxyAgent(proxy));

/**
 * The SDK's HTTP client goes wherever an answer sends it, with the signed request. Without its Location a redirect is an
 * answer like any other that is not the service's.
 */
function refusingRedirects<A extends http.Agent>(agent: A): A {
  const add: unknown = Reflect.get(agent, 'addRequest');
  if (typeof add !== 'function') throw new Error('Node’s agent takes requests in another way now');
  Reflect.set(agent, 'addRequest', (request: http.ClientRequest, ...rest: unknown[]): void => {
    request.prependListener('response', ({ headers }) => Reflect.deleteProperty(headers, 'location'));
    Reflect.apply(add, agent, [request, ...rest]);
  });
  return agent;
}
