/** Where the service is. Nothing of the SDK is needed for knowing that, so the host asks here too. */
import type { DtsEndpoint } from './api.ts';
import { isLoopback } from '../util/loopback.ts';

export interface Address {
  readonly protocol: 'http:' | 'https:';
  /** host, with the port where it is not the protocol's own */
  readonly host: string;
}

const DOMAINS = { mainland: 'tencentcloudapi.com', international: 'intl.tencentcloudapi.com' } as const;

/** Finance regions are a world of their own: the general host does not know them, each has a host with its name. */
const FINANCE_REGION = /^[a-z]+(-[a-z0-9]+)*-fsi$/;

/**
 * The address that serves a region ('' for the site's general one), or null when a custom endpoint is no https URL
 * (for this machine itself, http will do). A path in a custom endpoint is not used by the service; it serves all regions.
 */
export function addressOf(
  endpoint: DtsEndpoint,
  region: string,
  service: 'dts' | 'sts' | 'region' = 'dts',
): Address | null {
  if (endpoint.kind !== 'custom') {
    const domain = FINANCE_REGION.test(region) ? `${region}.${DOMAINS.mainland}` : DOMAINS[endpoint.kind];
    return { protocol: 'https:', host: `${service}.${domain}` };
  }
  if (!URL.canParse(endpoint.url)) return null;
  const { protocol, host, hostname, username } = new URL(endpoint.url);
  return (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) && host !== '' && username === ''
    ? { protocol, host }
    : null;
}
