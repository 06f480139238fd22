/** Errors of the server, and who may do what. */
import type { Document } from 'mongodb';
import type { Client, MongoServer } from './server.ts';

export class ServerError extends Error {
  constructor(
    readonly code: number,
    readonly codeName: string,
    message: string,
  ) {
    super(message);
  }
}

export const unauthorized = (what: string) =>
  new ServerError(13, 'Unauthorized', `not authorized on admin to execute command { ${what}: 1 }`);

/** Roles that hold a right, besides `root`. */
export const RIGHTS: Readonly<Record<string, readonly string[]>> = {
  inprog: ['clusterMonitor'],
  serverStatus: ['clusterMonitor'],
  top: ['clusterMonitor'],
  replSetGetConfig: ['clusterMonitor'],
  local: ['clusterMonitor', 'backup'],
  config: ['clusterMonitor', 'backup'],
  killop: ['hostManager'],
  killAnySession: ['hostManager'],
  read: ['readWriteAnyDatabase'],
  write: ['readWriteAnyDatabase'],
};

export function may(server: MongoServer, client: Client, right: string): boolean {
  if (!server.asksForLogin) return true;
  const roles = client.user?.roles ?? [];
  return roles.includes('root') || roles.some((role) => RIGHTS[right]?.includes(role));
}

export type Command = (server: MongoServer, client: Client, command: Document) => Document | Promise<Document>;

/** What `stop` ends, when somebody kills the operation or hangs up. */
export function endable(client: Client, stop: (error: ServerError) => void): void {
  if (client.operation) client.operation.stop = stop;
}
