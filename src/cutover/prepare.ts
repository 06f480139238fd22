/** Step 1, point by point: checked by us where we can, else the user's word with a name and a time. */
import { sentence, type Sentence } from '../util/sentence.ts';
import type { ConnectionState, Side } from './facts.ts';
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
): readonly PrepareItemView[] {
  return PREPARE_ITEMS.map((id) => {
    switch (id) {
      case 'sourceConnection':
        return connectionItem(id, connections.source, connections.target);
      case 'targetConnection':
        return connectionItem(id, connections.target, connections.source);
      case 'visibility':
        return visibilityItem(connections.source);
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
      if (other.state === 'connected' && server.identity === other.server.identity) {
        return item(
          id,
          'failed',
          sentence('Source and target are the same server: {endpoint}.', { endpoint: server.endpoint }),
        );
      }
      const facts = { product: server.product, endpoint: server.endpoint, account: server.account };
      const offset = server.clockOffset ?? 0;
      return item(
        id,
        'checked',
        Math.abs(offset) > CLOCK_TOLERANCE_MS
          ? sentence('{product} at {endpoint} as {account}; its clock differs from this machine’s by {seconds} s.', {
              ...facts,
              seconds: Math.round(offset / 1000),
            })
          : sentence('{product} at {endpoint} as {account}.', facts),
      );
    }
  }
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

function attestItem(id: 'account' | 'backup' | 'offPeak', state: RunState): PrepareItemView {
  const attestation = state.attestations[id];
  if (!attestation) return item(id, 'open', ATTEST[id].open);
  return { ...item(id, 'attested', ATTEST[id].done), attestedBy: attestation.by, attestedAt: attestation.at };
}
