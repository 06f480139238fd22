/**
 * TLS as TDS 7.4 does it: the handshake travels inside PRELOGIN packets, what follows goes over the socket as it is.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { MessageReader, PACKET, packets } from './packets.ts';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** The cleartext side; give it what comes from the socket through `feed`. */
export function tunnel(
  socket: Socket,
  { cert, key }: Certificate,
): { clear: TLSSocket; feed: (chunk: Buffer) => void } {
  const handshake = new MessageReader();
  let shaken = false;
  const below = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, callback) {
      // the client begins to send raw records when it is through, and the server says nothing before that
      socket.write(shaken ? chunk : packets(PACKET.prelogin, chunk), callback);
    },
  });
  const clear = new TLSSocket(below, { isServer: true, cert, key, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' });
  clear.on('error', () => socket.destroy());
  return {
    clear,
    feed(chunk) {
      if (!shaken && chunk[0] === PACKET.prelogin) {
        for (const { payload } of handshake.push(chunk)) below.push(payload);
      } else {
        shaken = true;
        below.push(chunk);
      }
    },
  };
}
