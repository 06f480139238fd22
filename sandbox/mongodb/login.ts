/** Greeting and logging in. */
import { Binary, type Document } from 'mongodb';
import { endable, RIGHTS, ServerError, type Command } from './rights.ts';
import { ScramLogin } from './scram.ts';
import type { Client, MongoServer } from './server.ts';

export const hello: Command = (server, client, command) => {
  if (command['client']) client.metadata = command['client'] as Document;
  const wait = command['maxAwaitTimeMS'] as number | undefined;
  const answer = () => ({
    ...server.hello(),
    ...(server.asksForLogin ? { saslSupportedMechs: ['SCRAM-SHA-256'] } : {}),
  });
  if (wait === undefined) return { ...answer(), ...speculative(server, client, command) };
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(answer()), wait);
    endable(client, (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
};

function speculative(server: MongoServer, client: Client, command: Document): Document {
  const first = command['speculativeAuthenticate'] as Document | undefined;
  if (!server.asksForLogin || first?.['mechanism'] !== 'SCRAM-SHA-256') return {};
  return { speculativeAuthenticate: { ...startLogin(client, first), ok: 1 } };
}

export function startLogin(client: Client, command: Document): Document {
  client.login = new ScramLogin(payloadOf(command));
  // the greeting carries the database along, a command of its own runs on it
  client.loginDatabase = String(command['db'] ?? command['$db']);
  return { conversationId: 1, done: false, payload: new Binary(Buffer.from(client.login.challenge())) };
}

function payloadOf(command: Document): string {
  return (command['payload'] as Binary).toString('utf8');
}

export const saslContinue: Command = (server, client, command) => {
  const payload = payloadOf(command);
  if (payload === '') return { conversationId: 1, done: true, payload: new Binary() };
  const known = client.loginDatabase === 'admin' ? server.users : [];
  const user = known.find((each) => each.user === client.login?.user);
  const signature = client.login?.finish(payload, user?.password ?? '') ?? null;
  if (!user || signature === null) throw new ServerError(18, 'AuthenticationFailed', 'Authentication failed.');
  client.user = user;
  return { conversationId: 1, done: true, payload: new Binary(Buffer.from(signature)) };
};

export const connectionStatus: Command = (server, { user }, command) => ({
  authInfo: {
    authenticatedUsers: user ? [{ user: user.user, db: 'admin' }] : [],
    authenticatedUserRoles: user?.roles.map(roleOf) ?? [],
    ...(command['showPrivileges'] === true && user
      ? {
          authenticatedUserPrivileges: [
            {
              resource: { cluster: true },
              actions: Object.keys(RIGHTS).filter((right) =>
                user.roles.some((role) => role === 'root' || RIGHTS[right]?.includes(role)),
              ),
            },
          ],
        }
      : {}),
  },
});

/** `readWrite@shop` is a role on one database, a plain name one of `admin`. */
function roleOf(name: string): Document {
  const [role = '', db = 'admin'] = name.split('@');
  return { role, db };
}
