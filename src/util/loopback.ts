import { isIPv4 } from 'node:net';

/** This machine itself, by the host of a URL or of an address. A name that only begins like one is another host. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || name === '::1' || (isIPv4(name) && name.startsWith('127.'));
}
