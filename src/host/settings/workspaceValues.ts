/**
 * Which values of a workspace may lead keys and passwords somewhere. A workspace is a folder somebody else may have
 * written: what it says about where secrets go counts only once the user has confirmed just that, for just this
 * workspace. Pure.
 */
import { isLoopback } from '../../util/loopback.ts';
import { isRecord } from '../../util/record.ts';

/** What the settings are made from: the user's value (or the default), and the workspace's, undefined where it has none. */
export interface Layers {
  readonly user: unknown;
  readonly workspace: unknown;
}

/** Something the workspace wants to have used; `text` is shown, and is what a confirmation covers. */
export interface Wish {
  readonly kind: 'endpoint' | 'credentials' | 'connection';
  readonly text: string;
}

export interface Guarded {
  readonly endpoint: unknown;
  readonly endpointUrl: unknown;
  readonly credentials: unknown;
  readonly credentialsProfile: unknown;
  readonly connections: unknown;
}

export const GUARDED = ['endpoint', 'endpointUrl', 'credentials', 'credentialsProfile', 'connections'] as const;

export interface Judged {
  /** the values to go by */
  readonly values: Guarded;
  /** what is left out of them until it is confirmed */
  readonly wishes: readonly Wish[];
}

/**
 * `confirmed` knows what the user has agreed to; `ownEndpoint` is the endpoint that the environment's keys and passwords
 * were given for (`DTS_CUTOVER_ENDPOINT`), as the sandbox names its own. To this machine itself nothing needs a word
 * unless a secret of some other place could follow.
 */
export function judgeWorkspace(
  layers: Readonly<Record<keyof Guarded, Layers>>,
  confirmed: (wish: Wish) => boolean,
  ownEndpoint: string | undefined,
): Judged {
  const wishes: Wish[] = [];
  const agreed = (wish: Wish, unasked: boolean) => {
    if (unasked || confirmed(wish)) return true;
    wishes.push(wish);
    return false;
  };
  const merged = (name: keyof Guarded) => layers[name].workspace ?? layers[name].user;
  const ofUser = (name: keyof Guarded) => layers[name].user;

  const url = String(merged('endpointUrl'));
  const isOwn = isLoopbackUrl(url) && ownEndpoint !== undefined && sameUrl(ownEndpoint, url);
  const leadsElsewhere =
    merged('endpoint') === 'custom' &&
    ((layers.endpoint.workspace !== undefined && ofUser('endpoint') !== 'custom') ||
      (layers.endpointUrl.workspace !== undefined && ofUser('endpointUrl') !== url));
  // keys in the secret storage are bound to their endpoint; others are not
  const keysStay = merged('credentials') === 'stored' || isOwn;
  const useEndpoint = !leadsElsewhere || agreed({ kind: 'endpoint', text: url }, isLoopbackUrl(url) && keysStay);
  const place = useEndpoint ? merged : ofUser;

  const source = `${String(merged('credentials'))} ${String(merged('credentialsProfile'))}`;
  const sameSource = source === `${String(ofUser('credentials'))} ${String(ofUser('credentialsProfile'))}`;
  const useSource =
    sameSource ||
    agreed({ kind: 'credentials', text: source }, merged('credentials') === 'stored' || (isOwn && useEndpoint));
  const keys = useSource ? merged : ofUser;

  return {
    values: {
      endpoint: place('endpoint'),
      endpointUrl: place('endpointUrl'),
      credentials: keys('credentials'),
      credentialsProfile: keys('credentialsProfile'),
      connections: connections(layers.connections, (id, value) => {
        const wish: Wish = { kind: 'connection', text: connectionText(id, value) };
        return agreed(wish, isOwn && useEndpoint && isLocalConnection(value));
      }),
    },
    wishes,
  };
}

/** The user's connections, and of the workspace's those that are agreed to. */
function connections({ user, workspace }: Layers, agreed: (id: string, value: unknown) => boolean): unknown {
  if (workspace === undefined) return user;
  if (!isRecord(workspace)) return user;
  const own = isRecord(user) ? user : {};
  const theirs = Object.entries(workspace).filter(
    ([id, value]) => (Object.hasOwn(own, id) && JSON.stringify(own[id]) === JSON.stringify(value)) || agreed(id, value),
  );
  return Object.fromEntries([...Object.entries(own), ...theirs]);
}

/** Everything of it that decides where a password goes and how well it is kept on the way. */
function connectionText(id: string, value: unknown): string {
  if (!isRecord(value)) return id;
  const rest = ['engine', 'address', 'user', 'tls', 'caFile', 'pin'].flatMap((key) =>
    value[key] === undefined ? [] : [`${key} ${JSON.stringify(value[key])}`],
  );
  return `${id}: ${rest.join(', ')}`;
}

function isLocalConnection(value: unknown): boolean {
  if (!isRecord(value) || typeof value['address'] !== 'string') return false;
  const parts = value['address'].split(',').map((part) => part.trim());
  return parts.every((part) => isLoopback(part.replace(/:\d+$/, '')));
}

export function isLoopbackUrl(text: string): boolean {
  return URL.canParse(text) && isLoopback(new URL(text).hostname);
}

const sameUrl = (one: string, other: string) =>
  URL.canParse(one) && URL.canParse(other) && new URL(one).origin === new URL(other).origin;
