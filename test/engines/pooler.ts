/** A stand-in for pgbouncer with `pool_mode = transaction`: each transaction gets the session that was idle longest. */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

interface Session {
  readonly socket: net.Socket;
  client: Client | null;
}
interface Client {
  readonly socket: net.Socket;
  session: Session | null;
  readonly waiting: Buffer[];
}

export interface Pooler {
  readonly port: number;
  close(): void;
}

/** Every client signs in on a session of its own, which then serves everybody. */
export async function startPooler(target: { readonly host: string; readonly port: number }): Promise<Pooler> {
  /** the one idle longest comes first */
  const idle: Session[] = [];
  const queue: Client[] = [];
  const sockets: net.Socket[] = [];

  const assign = () => {
    for (let session = idle[0]; session && queue.length > 0; session = idle[0]) {
      const client = queue.shift()!;
      idle.shift();
      session.client = client;
      client.session = session;
      for (const message of client.waiting.splice(0)) session.socket.write(message);
    }
  };

  const server = net.createServer((socket) => {
    const client: Client = { socket, session: null, waiting: [] };
    const session: Session = { socket: net.connect(target.port, target.host), client };
    client.session = session;
    sockets.push(socket, session.socket);
    let started = false;
    const fromClient = messages((type, message) => {
      if (type === 'X') return;
      if (client.session) client.session.socket.write(message);
      else {
        client.waiting.push(message);
        if (!queue.includes(client)) queue.push(client);
        assign();
      }
    });
    socket.on('data', (data) => {
      // the first message has no type
      if (started) fromClient(data);
      else session.socket.write(data);
      started = true;
    });
    const fromServer = messages((type, message) => {
      session.client?.socket.write(message);
      const outsideTransaction = type === 'Z' && message.toString('latin1', 5, 6) === 'I';
      if (!outsideTransaction) return;
      if (session.client) session.client.session = null;
      session.client = null;
      idle.push(session);
      assign();
    });
    session.socket.on('data', fromServer);
    for (const each of [socket, session.socket]) each.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Cuts a stream into the messages of the protocol: a letter, a length, and what it says. */
function messages(handle: (type: string, message: Buffer) => void): (data: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (data) => {
    rest = Buffer.concat([rest, data]);
    while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
      const size = rest.readInt32BE(1) + 1;
      handle(rest.toString('latin1', 0, 1), Buffer.from(rest.subarray(0, size)));
      rest = rest.subarray(size);
    }
  };
}
