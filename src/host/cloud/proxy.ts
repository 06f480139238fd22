import { isLoopback } from '../../util/loopback.ts';

/**
 * The proxy for one address: VS Code's own setting first, then the environment. Addresses of this machine and those
 * named in NO_PROXY are asked directly.
 */
export function proxyFor(url: string, setting: string, env: NodeJS.ProcessEnv): string | undefined {
  const { hostname, protocol } = new URL(url);
  if (isLoopback(hostname) || isExcepted(hostname, env['NO_PROXY'] ?? env['no_proxy'] ?? '')) return undefined;
  const fromEnvironment =
    protocol === 'https:' ? (env['HTTPS_PROXY'] ?? env['https_proxy']) : (env['HTTP_PROXY'] ?? env['http_proxy']);
  return setting || fromEnvironment || undefined;
}

function isExcepted(host: string, list: string): boolean {
  return list
    .split(',')
    .map((entry) => entry.trim().toLowerCase().replace(/^\*/, ''))
    .some((entry) => entry !== '' && (host === entry || host.endsWith(entry.startsWith('.') ? entry : `.${entry}`)));
}
