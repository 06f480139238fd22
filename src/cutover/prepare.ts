/** Step 1, point by point: checked by us where we can, else the user's word with a name and a time. */
import { sentence, type Sentence } from '../util/sentence.ts';
import type { ConnectionState, MigrationScope, RightsScope, ServerFacts, Side, TaskFacts } from './facts.ts';
import type { RunState } from './machine.ts';
import type { PrepareItemView } from './snapshot.ts';
import { PREPARE_ITEMS, type PrepareItemId } from './steps.ts';

/** Differences of the two clocks above this make times in the report misleading. */
const CLOCK_TOLERANCE_MS = 2000;

const ATTEST: Readonly<Record<'account' | 'backup' | 'offPeak', { open: Sentence; done: Sentence }>> = {
  account: {
    open: sentence('Confirm: the migration uses a database account of its own, which nothing else uses.'),
    done: sentence('The migration has a database account of its own.'),
  },
  backup: {
    open: sentence('Confirm: the source is switched to or protected by a backup database.'),
    done: sentence('The source is protected by a backup database.'),
  },
  offPeak: {
    open: sentence('Confirm: this is an off-peak window.'),
    done: sentence('This is an off-peak window.'),
  },
};

export function prepareItems(
  state: RunState,
  connections: Readonly<Record<Side, ConnectionState>>,
  task: TaskFacts | null,
): readonly PrepareItemView[] {
  return PREPARE_ITEMS.map((id) => {
    switch (id) {
      case 'sourceConnection':
        return connectionItem(id, connections.source, connections.target, task?.source ?? null);
      case 'targetConnection':
        return connectionItem(id, connections.target, connections.source, task?.target ?? null);
      case 'visibility':
        return visibilityItem(connections.source);
      case 'sourceRights':
        return rightsItem(id, connections.source);
      case 'targetRights':
        return rightsItem(id, connections.target);
      case 'account':
      case 'backup':
      case 'offPeak':
        return attestItem(id, state);
    }
  });
}

function item(id: PrepareItemId, state: PrepareItemView['state'], detail: Sentence, statement: string | null = null) {
  return { id, state, detail, statement, attestedBy: null, attestedAt: null } satisfies PrepareItemView;
}

function connectionItem(
  id: 'sourceConnection' | 'targetConnection',
  own: ConnectionState,
  other: ConnectionState,
  inTask: TaskFacts['source'] | null,
): PrepareItemView {
  const isSource = id === 'sourceConnection';
  switch (own.state) {
    case 'unconfigured':
      return item(
        id,
        'open',
        isSource
          ? sentence('The connection to the source is not configured.')
          : sentence('The connection to the target is not configured.'),
      );
    case 'connecting':
      return item(id, 'open', sentence('Connecting …'));
    case 'failed':
      return item(id, 'failed', own.failure.what);
    case 'connected': {
      const { server } = own;
      const oneServer = sameServer(own, other);
      if (oneServer) return item(id, 'failed', oneServer);
      const unwatched = otherNodes(server, inTask);
      return unwatched ? item(id, 'open', unwatched) : item(id, 'checked', connected(server, inTask));
    }
  }
}

/** Two connections that lead to one server compare it with itself. Null when they do not. */
export function sameServer(source: ConnectionState, target: ConnectionState): Sentence | null {
  if (source.state !== 'connected' || target.state !== 'connected') return null;
  if (source.server.identity !== target.server.identity) return null;
  return sentence('Source and target are the same server: {endpoint}.', { endpoint: source.server.endpoint });
}

/** The members of a replica set are one database, the nodes of other engines are several. */
function otherNodes({ engine, endpoint }: ServerFacts, inTask: TaskFacts['source'] | null): Sentence | null {
  const count = inTask?.nodes.length ?? 0;
  if (engine === 'mongodb' || count < 2) return null;
  return sentence('The task names {count} servers here, and only one of them is watched: {endpoint}.', {
    count,
    endpoint,
  });
}

/** Another address than the task's may well lead to the same server; whether it does is for the user to say. */
function connected(server: ServerFacts, inTask: TaskFacts['source'] | null): Sentence {
  const { product, endpoint, account } = server;
  const addresses = (inTask?.nodes ?? []).map(({ host, port }) => `${host}:${port}`);
  if (inTask?.nodes.every(({ host, port }) => host !== '' && port !== null) && addresses.length > 0) {
    const known = endpoint.replace(/\/.*$/, '').split(',');
    if (!addresses.some((address) => known.includes(address))) {
      return sentence(
        '{product} at {endpoint} as {account}. The task names {address}: make sure that it is the same.',
        {
          ...{ product, endpoint, account },
          address: addresses.join(', '),
        },
      );
    }
  }
  const offset = server.clockOffset ?? 0;
  return Math.abs(offset) > CLOCK_TOLERANCE_MS
    ? sentence('{product} at {endpoint} as {account}; its clock differs from this machine’s by {seconds} s.', {
        ...{ product, endpoint, account },
        seconds: Math.round(offset / 1000),
      })
    : sentence('{product} at {endpoint} as {account}.', { product, endpoint, account });
}

function visibilityItem(source: ConnectionState): PrepareItemView {
  if (source.state !== 'connected' || !source.visibility) {
    return item(
      'visibility',
      'open',
      sentence('Whether this account sees every session of the source is not known yet.'),
    );
  }
  return source.visibility.level === 'full'
    ? item('visibility', 'checked', source.visibility.how)
    : item('visibility', 'failed', source.visibility.missing, source.visibility.grant);
}

/** A right one can do without is told with the others, and keeps nothing shut. */
function rightsItem(id: 'sourceRights' | 'targetRights', own: ConnectionState): PrepareItemView {
  const rights = own.state === 'connected' ? (own.rights ?? []) : [];
  if (rights.length === 0) return item(id, 'open', sentence('What this account may do is not known yet.'));
  const lacking = rights.filter(({ state }) => state !== 'ok');
  const [first] = lacking.filter(({ use }) => use !== 'end a session');
  const grants = lacking.flatMap(({ grant }) => grant ?? []);
  const statement = grants.length > 0 ? [...new Set(grants)].join('\n') : null;
  if (!first) {
    const [optional] = lacking;
    return item(id, 'checked', optional?.why ?? sentence('It may do all that later steps need.'), statement);
  }
  return item(id, first.state === 'missing' ? 'failed' : 'open', first.why, statement);
}

/** What a task moves under the names of one side; null for everything, or while it is not known. */
export function rightsScope(side: Side, scope: MigrationScope | null): readonly RightsScope[] | null {
  if (!scope || scope.mode === 'all') return null;
  const named = (name: string, newName: string) => (side === 'target' && newName !== '' ? newName : name);
  return scope.databases.map(({ name, newName, allTables, tables }) => ({
    database: named(name, newName),
    tables: allTables ? null : tables.map((table) => named(table.name, table.newName)),
  }));
}

function attestItem(id: 'account' | 'backup' | 'offPeak', state: RunState): PrepareItemView {
  const attestation = state.attestations[id];
  if (!attestation) return item(id, 'open', ATTEST[id].open);
  return { ...item(id, 'attested', ATTEST[id].done), attestedBy: attestation.by, attestedAt: attestation.at };
}
