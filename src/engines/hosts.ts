/** Where servers are, as people write it: `host:port`, several for MongoDB, SQL Server's `host\instance` and `host,port`. Pure. */
import type { EngineKind } from '../cutover/facts.ts';
import { Failure } from '../util/failure.ts';
import { sentence } from '../util/sentence.ts';
import { DEFAULT_PORTS } from './defaultPorts.ts';
import type { ServerNode } from './engine.ts';

/** Where SQL Server Browser tells the ports of named instances (UDP). */
export const BROWSER_PORT = 1434;

const HOST = /^(?:\[([\da-fA-F:.]+)\]|([^\s:/@[\]\\,;=]+))(?::(\d{1,5}))?$/;

/**
 * @throws Failure `bad-input`, which never repeats the text: there may be a password in it
 */
export function parseHosts(text: string, engine: EngineKind): readonly ServerNode[] {
  if (engine === 'sqlserver') return [parseSqlServer(text.trim())];
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) throw new Failure('bad-input', sentence('The address is missing.'));
  if (parts.length > 1 && engine !== 'mongodb') {
    throw new Failure('bad-input', sentence('Only MongoDB takes several addresses.'));
  }
  return parts.map((part) => parseHost(part, DEFAULT_PORTS[engine]));
}

/** As SQL Server's own tools write it: the port after a comma or a colon; beside a port, the instance says nothing. */
function parseSqlServer(text: string): ServerNode {
  if (text === '') throw new Failure('bad-input', sentence('The address is missing.'));
  const place = text.replace(/^tcp:/i, '').replace(/^(?:\.|\(local\))(?=$|[\\,:])/i, 'localhost');
  const named = /^([^\\]+)\\([\w$#]{1,16})(?:\s*[,:]\s*(\d{1,5}))?$/.exec(place);
  const [, host, instance, port] = named ?? [];
  if (host === undefined) return parseHost(place.replace(/\s*,\s*(?=\d+$)/, ':'), DEFAULT_PORTS.sqlserver);
  if (port !== undefined) return parseHost(`${host}:${port}`, DEFAULT_PORTS.sqlserver);
  const node = parseHost(host, BROWSER_PORT);
  return /^mssqlserver$/i.test(instance ?? '')
    ? { ...node, port: DEFAULT_PORTS.sqlserver }
    : { ...node, ...(instance !== undefined && { instance }) };
}

function parseHost(text: string, defaultPort: number): ServerNode {
  const [, ip, name, digits] = HOST.exec(text) ?? [];
  const host = ip ?? name;
  const port = digits === undefined ? defaultPort : Number(digits);
  if (!host || port < 1 || port > 65_535) {
    throw new Failure('bad-input', sentence('The host or port in the connection address is not valid.'));
  }
  return { host, port };
}

/** `host:port`, `[IPv6]:port` or `host\instance`. */
export function formatHost({ host, port, instance }: ServerNode): string {
  const place = host.includes(':') ? `[${host}]` : host;
  return instance === undefined ? `${place}:${port}` : `${place}\\${instance}`;
}
