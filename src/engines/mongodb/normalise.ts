/** Entries of `$currentOp` as sessions. Pure. */
import type { Document } from 'mongodb';
import type { SessionFacts, SessionNature, SessionState } from '../../cutover/facts.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import { withoutMark } from './link.ts';
import type { Own } from './sessions.ts';
import {
  at,
  cellOf,
  hostOnly,
  isDocument,
  numberOf,
  splitNamespace,
  stringOf,
  textOf,
  withoutSecrets,
} from './text.ts';

const STATEMENT_LENGTH = 2_000;

/**
 * @param sharded ids of several servers stand side by side
 * @param before how many sessions were listed before these
 */
export function normalise(
  entries: readonly Document[],
  own: Own,
  sharded: boolean,
  before = 0,
): readonly SessionFacts[] {
  const seen = new Set<string>();
  const owners = ownersOf(entries);
  return entries.map((entry, i) => {
    const plain = idOf(entry, sharded);
    // threads of the server without a name of their own
    const id = seen.has(plain) ? `${plain} ${before + i}` : plain;
    seen.add(id);
    const { nature, why } = natureOf(entry, own);
    const owner = nature === 'client' && isWithoutLogin(entry) ? owners.get(originOf(entry)) : undefined;
    const state = stateOf(entry, nature);
    return {
      id,
      account: owner ?? accountsOf(entry),
      host: hostOnly(clientOf(entry)),
      program: stringOf(entry['appName']) || stringOf(at(entry, 'clientMetadata', 'application', 'name')),
      database: databaseOf(entry),
      state,
      stateAge: ageOf(entry, state),
      statement: statementOf(entry),
      nature,
      natureWhy: owner === undefined ? why : watcherOf(owner),
      startedAt: null,
    };
  });
}

/** The same for one connection as long as it lives, whatever it runs; an idle session goes by its own id. */
function idOf(entry: Document, sharded: boolean): string {
  const session: unknown = at(entry, 'lsid', 'id');
  const connection = cellOf(entry['connectionId']);
  const name =
    entry['type'] === 'idleSession' && session !== undefined
      ? `session ${uuidOf(session)}`
      : connection !== null && clientOf(entry) !== ''
        ? connection
        : stringOf(entry['desc']) || (cellOf(entry['opid']) ?? 'thread');
  if (!sharded) return name;
  return `${stringOf(entry['shard']) || stringOf(entry['host'])}/${name}`;
}

function uuidOf(id: unknown): string {
  const text = textOf(id);
  return /"\$uuid":"([^"]+)"/.exec(text)?.[1] ?? text;
}

/** Over a mongos a shard sees the mongos; the client's own address comes along. '' for threads of the server. */
function clientOf(entry: Document): string {
  return (
    stringOf(at(entry, 'clientMetadata', 'mongos', 'client')) ||
    stringOf(entry['client']) ||
    stringOf(entry['client_s'])
  );
}

function accountsOf(entry: Document): string {
  const users: unknown = entry['effectiveUsers'];
  return Array.isArray(users) ? users.map((user) => stringOf(at(user, 'user'))).join(', ') : '';
}

function databaseOf(entry: Document): string {
  const { database } = splitNamespace(stringOf(entry['ns']));
  return database || stringOf(at(entry, 'command', '$db'));
}

/**
 * Besides those it logs in with, a driver keeps connections without a login to watch the server. They can write
 * nothing, and they have the address and the description of the client they belong to.
 * @returns by `originOf`: the one account that logs in from there; where there are several, none
 */
function ownersOf(entries: readonly Document[]): ReadonlyMap<string, string> {
  const accounts = new Map<string, Set<string>>();
  for (const entry of entries) {
    const account = accountsOf(entry);
    if (account === '' || clientOf(entry) === '') continue;
    const origin = originOf(entry);
    accounts.set(origin, (accounts.get(origin) ?? new Set()).add(account));
  }
  return new Map(
    [...accounts].flatMap(([origin, [account, ...more]]) => (account && more.length === 0 ? [[origin, account]] : [])),
  );
}

function originOf(entry: Document): string {
  return `${hostOnly(clientOf(entry))} ${textOf(entry['clientMetadata'])}`;
}

/** Waiting for news of the server, or for nothing. */
function isWithoutLogin(entry: Document): boolean {
  return (
    accountsOf(entry) === '' && isDocument(entry['clientMetadata']) && (entry['active'] !== true || isMonitoring(entry))
  );
}

function watcherOf(account: string): Sentence {
  return sentence('It has not logged in; its client’s other connections are those of {account}.', { account });
}

interface Nature {
  readonly nature: SessionNature;
  readonly why: Sentence;
}

function natureOf(entry: Document, own: Own): Nature {
  const program = stringOf(entry['appName']) || stringOf(at(entry, 'clientMetadata', 'application', 'name'));
  const account = accountsOf(entry);
  const client = clientOf(entry);
  if (program === own.appName) return { nature: 'self', why: sentence('The program name is the one of this window.') };
  const sameOrigin = account === own.account && own.host !== '' && hostOnly(client) === own.host;
  if (program !== withoutMark(program) && withoutMark(program) === own.programName && sameOrigin) {
    return { nature: 'self', why: sentence('Program, account and address are ours.') };
  }
  const overMongos = at(entry, 'clientMetadata', 'mongos') !== undefined;
  const driver = stringOf(at(entry, 'clientMetadata', 'driver', 'name'));
  if (!overMongos && (account === '__system' || INTERNAL_DRIVERS.has(driver))) {
    return account === '__system'
      ? {
          nature: 'replication',
          why: sentence('The account is {account}, which only members of the cluster have.', { account }),
        }
      : {
          nature: 'replication',
          why: sentence('The driver is {driver}, which members of the cluster use.', { driver }),
        };
  }
  if (isTransaction(entry)) {
    return { nature: 'client', why: sentence('It is a session of a client with a transaction.') };
  }
  if (client === '') {
    const thread = stringOf(entry['desc']);
    return REPLICATION_THREADS.test(thread)
      ? { nature: 'replication', why: sentence('It is the server’s own thread {thread}.', { thread }) }
      : { nature: 'system', why: sentence('It has no client: a thread of the server ({thread}).', { thread }) };
  }
  return { nature: 'client', why: sentence('It has a client address.') };
}

/** What members of a replica set or cluster call themselves when they talk to each other. */
const INTERNAL_DRIVERS: ReadonlySet<string> = new Set(['NetworkInterfaceTL', 'MongoDB Internal Client']);
const REPLICATION_THREADS =
  /^(Repl|repl|Oplog|oplog|rsSync|rsBackgroundSync|BackgroundSync|NoopWriter|ApplyBatchFinalizer|SyncSource|monitoring-keys|Shard|shard|Migration|migration)/;

function isTransaction(entry: Document): boolean {
  return entry['type'] === 'idleSession' && isDocument(entry['transaction']);
}

function stateOf(entry: Document, nature: SessionNature): SessionState {
  if (isTransaction(entry)) return 'open transaction';
  if (nature === 'system' || nature === 'replication') return 'background';
  if (entry['type'] === 'idleSession' || entry['type'] === 'idleCursor') return 'idle';
  switch (entry['active']) {
    case true:
      // drivers keep such a question open all the time to hear of changes
      return isMonitoring(entry) ? 'idle' : 'executing';
    case false:
      return 'idle';
    default:
      return 'unknown';
  }
}

function isMonitoring(entry: Document): boolean {
  const command: unknown = entry['command'];
  if (!isDocument(command)) return false;
  return ['hello', 'isMaster', 'ismaster'].includes(Object.keys(command)[0] ?? '');
}

/** Seconds in the state; an idle connection does not tell since when. */
function ageOf(entry: Document, state: SessionState): number | null {
  if (state === 'open transaction') {
    const micros = numberOf(at(entry, 'transaction', 'timeOpenMicros'));
    return micros === null ? null : micros / 1e6;
  }
  if (entry['active'] !== true) return null;
  const micros = numberOf(entry['microsecs_running']);
  return micros === null ? numberOf(entry['secs_running']) : micros / 1e6;
}

/** Compact JSON of the command; of a getMore also what it goes on with. */
function statementOf(entry: Document): string {
  const parts: string[] = [];
  for (const field of ['command', 'originatingCommand'] as const) {
    const command: unknown = at(entry, field) ?? at(entry, 'cursor', field);
    if (isDocument(command) && Object.keys(command).length > 0)
      parts.push(textOf(withoutNoise(withoutSecrets(command))));
  }
  const operation = stringOf(entry['op']);
  const said =
    parts.join(' ') || (operation === '' || operation === 'none' ? '' : `${operation} ${stringOf(entry['ns'])}`);
  return said.slice(0, STATEMENT_LENGTH);
}

const NOISE = new Set(['lsid', '$clusterTime', '$readPreference', '$client', '$configServerState', '$audit', '$db']);

function withoutNoise(command: unknown): unknown {
  if (!isDocument(command)) return command;
  return Object.fromEntries(Object.entries(command).filter(([name]) => !NOISE.has(name)));
}
