import type { EngineKind } from '../../cutover/facts.ts';
import type { ConnectionProfile, ServerNode } from '../../engines/engine.ts';
import { formatHost, parseHosts } from '../../engines/hosts.ts';
import { readAddress, type Address } from '../../engines/url.ts';
import { asFailure } from '../../util/failure.ts';
import { tell } from '../errors.ts';

type Nodes = ConnectionProfile['nodes'];

/** `host:port`, several separated by commas for MongoDB; without a port the engine's own. The nodes, or what is wrong. */
export const parseAddresses = (text: string, engine: EngineKind): Nodes | string =>
  orProblem(() => parseHosts(text, engine));

/** The same, or a URL or list of pairs with everything else it says. What is wrong never repeats the text. */
export const parseAddress = (text: string, engine: EngineKind): Address | string =>
  orProblem(() => readAddress(text, engine));

function orProblem<T>(parse: () => T): T | string {
  try {
    return parse();
  } catch (error) {
    return tell(asFailure(error).what).replace(/[.。]$/, '');
  }
}

export function formatAddresses(nodes: readonly ServerNode[]): string {
  return nodes.map(formatHost).join(', ');
}
