/** What server this is: product, version, identity, when it started. */
import type { ServerFacts } from '../../cutover/facts.ts';
import { productOf } from './dialect.ts';
import type { Link } from './link.ts';
import { serverFacts } from './sql/server.ts';
import { instant, zoneOf } from './text.ts';

export async function readServer(link: Link, signal: AbortSignal): Promise<ServerFacts> {
  const { where } = link;
  const sentAt = Date.now();
  const [row] = await link.rows(serverFacts(where.database), signal);
  const answeredAt = Date.now();
  const { version, serverKey, azureDatabase } = link.about;
  const utcNow = instant(row?.['utc_now']);
  const localNow = instant(row?.['local_now']);
  const started = instant(row?.['started']);
  const updateability = row?.['updateability'] ?? null;
  return {
    engine: 'sqlserver',
    product: `${productOf(version, azureDatabase)} (${version})`,
    version,
    endpoint: `${where.endpoint}/${where.database}`,
    account: row?.['account'] ?? where.user,
    // a cloned machine keeps its names
    identity: `${serverKey}, started ${row?.['started'] ?? ''}`,
    startedAt: started === null ? null : started - zoneOf(localNow, utcNow),
    clockOffset: utcNow === null ? null : Math.round(utcNow - (sentAt + answeredAt) / 2),
    readOnly: updateability === null ? null : updateability === 'READ_ONLY',
  };
}
