/** What server this is: product, version, identity, when it started. */
import type { ServerFacts } from '../../cutover/facts.ts';
import type { Link } from './link.ts';

const QUERY =
  "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_uuid', 'server_uid', 'server_id', 'hostname', 'port', 'datadir', 'read_only', 'super_read_only')";

export async function readServer(link: Link, signal: AbortSignal): Promise<ServerFacts> {
  const { dialect, where } = link;
  const variables = new Map((await link.query(QUERY, signal)).rows.map(([name, value]) => [name ?? '', value ?? '']));
  const sentAt = Date.now();
  const [now] = (await link.query('SELECT CURRENT_USER(), UNIX_TIMESTAMP(NOW(6))', signal)).rows;
  const answeredAt = Date.now();
  const uptime = Number((await link.query("SHOW GLOBAL STATUS LIKE 'Uptime'", signal)).rows[0]?.[1] ?? NaN);
  const serverNow = Number(now?.[1] ?? NaN) * 1000;
  const identity = identityOf(variables);
  return {
    engine: 'mysql',
    product: `${dialect.product} ${dialect.version}`,
    version: dialect.version,
    endpoint: `${where.endpoint}/${where.database}`,
    account: now?.[0] ?? where.user,
    identity,
    startedAt: steadyStart(identity, Math.floor(serverNow / 1000) - uptime),
    clockOffset: Number.isFinite(serverNow) ? Math.round(serverNow - (sentAt + answeredAt) / 2) : null,
    readOnly: variables.has('read_only')
      ? isOn(variables.get('read_only')) || isOn(variables.get('super_read_only'))
      : null,
  };
}

function identityOf(variables: ReadonlyMap<string, string>): string {
  // MariaDB before 10.10 has neither unique id, and a copy of a server's files has its server_uuid too
  const names = ['server_uuid', 'server_uid', 'hostname', 'port', 'datadir', 'server_id'];
  return names.map((name) => variables.get(name) ?? '').join('|');
}

function isOn(value: string | undefined): boolean {
  return value === 'ON' || value === '1';
}

/** Server → the start reported last, in seconds since the epoch. */
const starts = new Map<string, number>();

/**
 * The start in milliseconds. Clock and uptime are whole seconds taken at two moments, so their difference trembles
 * by one second; within two it is the same start.
 */
function steadyStart(identity: string, seconds: number): number | null {
  if (!Number.isFinite(seconds)) return null;
  const last = starts.get(identity);
  const steady = last !== undefined && isSameStart(last, seconds) ? last : seconds;
  starts.set(identity, steady);
  return steady * 1000;
}

/** Whether two computed starts, in seconds, are one and the same start. */
export function isSameStart(a: number, b: number): boolean {
  return Math.abs(a - b) <= 2;
}
