import type { DtsEndpoint } from '../../dts/api.ts';

/** The web console's list of migration tasks; null where a private service has none we know of. */
export function consoleUrl(endpoint: DtsEndpoint): string | null {
  switch (endpoint.kind) {
    case 'mainland':
      return 'https://console.cloud.tencent.com/dts/migration';
    case 'international':
      return 'https://console.tencentcloud.com/dts/migration';
    case 'custom':
      return null;
  }
}
