/**
 * One MongoDB server as a process of its own: `main.ts FOLDER PORT`. What it was told to keep lies in the folder, in
 * `oplog.bson` and `users.json`; it says its port on standard output once it answers.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MongoServer, type User } from './server.ts';
import { Oplog } from './oplog.ts';
import { Store } from './store.ts';

const [folder = '', port = '0'] = process.argv.slice(2);
const usersFile = path.join(folder, 'users.json');
const oplog = new Oplog(path.join(folder, 'oplog.bson'));
const server = await MongoServer.start({
  users: JSON.parse(readFileSync(usersFile, 'utf8')) as User[],
  onUsers: (users) => writeFileSync(usersFile, JSON.stringify(users), { mode: 0o600 }),
  store: new Store(oplog),
  port: Number(port),
});
for (const signal of ['SIGTERM', 'SIGQUIT'] as const) {
  process.once(signal, () => {
    void server.stop().then(() => {
      oplog.close();
      process.exit(0);
    });
  });
}
// a Ctrl-C on the terminal, or its end, goes to the whole group; whoever started this process stops it in its turn
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.stdout.write(`${server.port}\n`);
