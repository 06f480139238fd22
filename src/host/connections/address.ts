import * as vscode from 'vscode';
import type { EngineKind } from '../../cutover/facts.ts';
import type { ConnectionProfile } from '../../engines/engine.ts';
import { DEFAULT_PORTS } from '../../engines/defaultPorts.ts';

type Nodes = ConnectionProfile['nodes'];

/** `host:port`, several separated by commas for MongoDB; without a port the engine's own. The nodes, or what is wrong. */
export function parseAddresses(text: string, engine: EngineKind): Nodes | string {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) return vscode.l10n.t('the address is missing');
  if (parts.length > 1 && engine !== 'mongodb') return vscode.l10n.t('only MongoDB takes several addresses');
  const nodes = parts.map((part) => parseAddress(part, DEFAULT_PORTS[engine]));
  const wrong = nodes.indexOf(null);
  if (wrong >= 0) {
    return vscode.l10n.t('{address} is not of the form host:port', { address: parts[wrong] ?? '' });
  }
  return nodes.filter((node) => node !== null);
}

function parseAddress(text: string, defaultPort: number): Nodes[number] | null {
  const match = /^(?:\[([\da-fA-F:.]+)\]|([^\s:/@[\]]+))(?::(\d{1,5}))?$/.exec(text);
  if (!match) return null;
  const host = match[1] ?? match[2];
  if (!host) return null;
  const port = match[3] === undefined ? defaultPort : Number(match[3]);
  return port >= 1 && port <= 65_535 ? { host, port } : null;
}

export function formatAddresses(nodes: Nodes): string {
  return nodes.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(', ');
}
