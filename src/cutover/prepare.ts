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
        return connectionItem({ side: 'source', state, connections, inTask: task?.source ?? null });
      case 'targetConnection':
        return connectionItem({ side: 'target', state, connections, inTask: task?.target ?? null });
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

function item(
  id: PrepareItemId,
  state: PrepareItemView['state'],
  detail: Sentence,
  more: Partial<Pick<PrepareItemView, 'statement' | 'problem' | 'asks'>> = {},
) {
  return { id, state, detail, statement: null, attestedBy: null, attestedAt: null, ...more } satisfies PrepareItemView;
}

interface ConnectionQuestion {
  readonly side: Side;
  readonly state: RunState;
  readonly connections: Readonly<Record<Side, ConnectionState>>;
  readonly inTask: TaskFacts['source'] | null;
}

const UNCONFIGURED: Readonly<Record<Side, Sentence>> = {
  source: sentence('The connection to the source is not configured.'),
  target: sentence('The connection to the target is not configured.'),
};

function connectionItem({ side, state, connections, inTask }: ConnectionQuestion): PrepareItemView {
  const id = CONNECTION_ITEMS[side];
  const own = connections[side];
  switch (own.state) {
    case 'unconfigured':
      return item(id, 'open', UNCONFIGURED[side], { problem: 'unconfigured' });
    case 'connecting':
      return item(id, 'open', sentence('Connecting …'), { problem: 'connecting' });
    case 'failed':
      return item(id, 'failed', own.failure.what, { problem: own.failure.reason });
    case 'connected': {
      const { server } = own;
      const oneServer = sameServer(connections.source, connections.target);
      if (oneServer) return item(id, 'failed', oneServer, { problem: 'oneServer' });
      const other = otherServer(state, side);
      if (other) return item(id, 'failed', other.what, { problem: other.problem, asks: 'server' });
      const unwatched = otherNodes(server, inTask);
      if (unwatched) return item(id, 'open', unwatched, { problem: `otherNodes ${server.identity}` });
      const doubt = addressDoubt(server, inTask);
      return doubt ? attested(id, doubt, state, server) : item(id, 'checked', connected(server));
    }
  }
}

export const CONNECTION_ITEMS = { source: 'sourceConnection', target: 'targetConnection' } as const;

/** Somebody else answers where the run's server answered before, or it took another role. */
function otherServer({ servers, otherServers }: RunState, side: Side): { what: Sentence; problem: string } | null {
  const [known, other] = [servers[side], otherServers[side]];
  if (!known || !other) return null;
  const problem = `otherServer ${other.identity} ${other.standby ?? ''}`;
  const { endpoint } = other;
  if (known.identity === other.identity) {
    return {
      problem,
      what: other.standby
        ? sentence('{endpoint} was the primary before and only follows another server now.', { endpoint })
        : sentence('{endpoint} followed another server before and is the primary now.', { endpoint }),
    };
  }
  return {
    problem,
    what: sentence(
      'At {endpoint} another server answers than before, or it was restarted: {now}, and before {before}. What was proven about the one says nothing about the other.',
      { endpoint, now: `${other.product} (${other.identity})`, before: `${known.product} (${known.identity})` },
    ),
  };
}

/** The user's word that this server is the one the task means; it holds for this server only. */
function attested(id: PrepareItemId, doubt: Sentence, state: RunState, server: ServerFacts): PrepareItemView {
  const attestation = state.attestations[id];
  if (!attestation) return item(id, 'open', doubt, { problem: `address ${server.identity}`, asks: 'attestation' });
  const view = item(id, 'attested', connected(server), { asks: 'attestation' });
  return { ...view, attestedBy: attestation.by, attestedAt: attestation.at };
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

/**
 * Why nobody but the user can say that this server is the one of the task: another address may well lead to the same
 * server, and of an instance of the cloud the task tells no address at all. Null where the addresses are the same.
 */
function addressDoubt(
  { product, endpoint, account }: ServerFacts,
  inTask: TaskFacts['source'] | null,
): Sentence | null {
  if (!inTask) return null;
  const addresses = inTask.nodes.filter(({ host }) => host !== '').map(({ host, port }) => `${host}:${port ?? ''}`);
  if (addresses.length === 0) {
    if (inTask.instanceId === '') return null;
    return sentence('Confirm: {product} at {endpoint} (as {account}) is the instance {instance} of the task.', {
      ...{ product, endpoint, account },
      instance: inTask.instanceId,
    });
  }
  const known = endpoint.replace(/\/.*$/, '').toLowerCase().split(',');
  if (addresses.some((address) => known.includes(address.toLowerCase()))) return null;
  return sentence('Confirm: {product} at {endpoint} (as {account}) is the server that the task names {address}.', {
    ...{ product, endpoint, account },
    address: addresses.join(', '),
  });
}

function connected(server: ServerFacts): Sentence {
  const { product, endpoint, account } = server;
  if (server.standby) {
    return sentence('{product} at {endpoint} as {account}; it only follows another server.', {
      ...{ product, endpoint, account },
    });
  }
  if (server.readOnly) {
    return sentence('{product} at {endpoint} as {account}; it is read-only.', { product, endpoint, account });
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
    : item('visibility', 'failed', source.visibility.missing, {
        problem: `limited ${source.visibility.grant}`,
        statement: source.visibility.grant,
      });
}

/** A right one can do without is told with the others, and keeps nothing shut. */
function rightsItem(id: 'sourceRights' | 'targetRights', own: ConnectionState): PrepareItemView {
  const rights = own.state === 'connected' ? (own.rights ?? []) : [];
  if (rights.length === 0) return item(id, 'open', sentence('What this account may do is not known yet.'));
  const lacking = rights.filter(({ state }) => state !== 'ok');
  const [first] = lacking.filter(({ use }) => use !== 'end a session');
  const grants = lacking.flatMap(({ grant }) => grant ?? []);
  const statement = grants.length > 0 ? [...new Set(grants)].join('\n') : null;
  const problem = lacking.map(({ use, objects, state }) => `${state} ${use} ${objects.join(' ')}`).join('; ');
  if (!first) {
    const [optional] = lacking;
    return item(id, 'checked', optional?.why ?? sentence('It may do all that later steps need.'), { statement });
  }
  return item(id, first.state === 'missing' ? 'failed' : 'open', first.why, { statement, problem });
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
  if (!attestation) return item(id, 'open', ATTEST[id].open, { asks: 'attestation' });
  const view = item(id, 'attested', ATTEST[id].done, { asks: 'attestation' });
  return { ...view, attestedBy: attestation.by, attestedAt: attestation.at };
}
