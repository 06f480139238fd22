/** Errors of the server, and who may do what. */
import type { Document } from 'mongodb';
import type { Client, MongoServer } from './server.ts';

export class ServerError extends Error {
  constructor(
    readonly code: number,
    readonly codeName: string,
    message: string,
    /** further fields of the answer, e.g. `errorLabels` */
    readonly more: Document = {},
  ) {
    super(message);
  }
}

export const unauthorized = (what: string) =>
  new ServerError(13, 'Unauthorized', `not authorized on admin to execute command { ${what}: 1 }`);

/** Roles that hold a right, besides `root`; on one database `read@shop` and `readWrite@shop` hold theirs,
 * on one collection `read@shop.orders`. */
export const RIGHTS: Readonly<Record<string, readonly string[]>> = {
  inprog: ['clusterMonitor'],
  serverStatus: ['clusterMonitor'],
  top: ['clusterMonitor'],
  replSetGetConfig: ['clusterMonitor'],
  local: ['clusterMonitor', 'backup'],
  config: ['clusterMonitor', 'backup'],
  killop: ['hostManager'],
  killAnySession: ['hostManager'],
  read: ['readWriteAnyDatabase', 'readAnyDatabase'],
  write: ['readWriteAnyDatabase'],
  listDatabases: ['readWriteAnyDatabase', 'readAnyDatabase', 'clusterMonitor'],
  createUser: [],
};
const ON_ONE: Readonly<Record<string, readonly string[]>> = { read: ['read', 'readWrite'], write: ['readWrite'] };

export function may(server: MongoServer, client: Client, right: string, database = ''): boolean {
  if (!server.asksForLogin) return true;
  const roles = client.user?.roles ?? [];
  if (roles.includes('root') || roles.some((role) => RIGHTS[right]?.includes(role))) return true;
  return (ON_ONE[right] ?? []).some((role) => roles.includes(`${role}@${database}`));
}

export type Command = (server: MongoServer, client: Client, command: Document) => Document | Promise<Document>;

/** What `stop` ends, when somebody kills the operation or hangs up. */
export function endable(client: Client, stop: (error: ServerError) => void): void {
  if (client.operation) client.operation.stop = stop;
}
