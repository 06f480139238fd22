/**
 * The TCP socket below the driver. Making it ourselves gives plain system errors and a way to cut it at once, and
 * closes a hole: asked to encrypt, the driver goes on in the clear, password and all, when the server's first answer
 * offers no encryption. Here that answer is read before the driver acts on it.
 */
import { connect, type Socket } from 'node:net';
import type { Failure } from '../../util/failure.ts';
import { connectionLost, noEncryption, notSqlServer, sentElsewhere, type Where } from './errors.ts';

export interface WireOptions {
  readonly host: string;
  readonly port: number;
  readonly encrypted: boolean;
  readonly where: Where;
}

/** The driver's pool tries the login on one socket and then works on another; a third would be a redirection. */
const MOST_OPENED = 2;

export class Wires {
  /** what we found wrong ourselves; better than what the driver makes of a socket that was cut */
  fault: Failure | null = null;
  private current: Socket | null = null;
  private opened = 0;
  private sealed = false;

  constructor(private readonly options: WireOptions) {}

  /** A connected socket; rejects with the system's own error. */
  readonly open = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      if (this.sealed) this.fault ??= connectionLost(this.options.where);
      else if (this.opened >= MOST_OPENED) this.fault ??= sentElsewhere(this.options.where);
      if (this.fault) {
        reject(this.fault);
        return;
      }
      this.opened++;
      const { host, port } = this.options;
      const wire = connect({ host, port, noDelay: true, keepAlive: true });
      this.current = wire;
      wire.once('error', reject);
      wire.once('connect', () => {
        wire.removeListener('error', reject);
        // what breaks while nobody asks shows at the next statement
        wire.on('error', () => undefined);
        this.readFirstAnswer(wire);
        resolve(wire);
      });
    });

  /** Cuts the socket. With an error, because only that makes the driver fail what is pending. */
  cut(why: Failure): void {
    this.fault ??= why;
    this.current?.destroy(why);
  }

  /** From now on no other socket takes the place of this one. */
  seal(): void {
    this.sealed = true;
  }

  get inUse(): boolean {
    return this.sealed;
  }

  get gone(): boolean {
    return this.current === null || this.current.destroyed || this.current.readableEnded;
  }

  /** Our listener comes before the driver's, and cutting the socket keeps it from sending the login. */
  private readFirstAnswer(wire: Socket): void {
    let first = Buffer.alloc(0);
    const read = (chunk: Buffer) => {
      first = Buffer.concat([first, chunk]);
      const encryption = preloginEncryption(first);
      if (encryption === 'incomplete') return;
      wire.removeListener('data', read);
      if (encryption === 'not TDS') this.cut(notSqlServer(this.options.where));
      else if (encryption === 'no' && this.options.encrypted) this.cut(noEncryption(this.options.where));
    };
    wire.on('data', read);
  }
}

const HEADER = 8;
const TABULAR_RESULT = 0x04;

/** What the server's PRELOGIN answer ([MS-TDS] 2.2.6.5) says about encryption. Pure. */
export function preloginEncryption(packet: Buffer): 'yes' | 'no' | 'incomplete' | 'not TDS' {
  if (packet.length === 0) return 'incomplete';
  if (packet[0] !== TABULAR_RESULT) return 'not TDS';
  if (packet.length < HEADER || packet.length < packet.readUInt16BE(2)) return 'incomplete';
  const payload = packet.subarray(HEADER, packet.readUInt16BE(2));
  for (let at = 0; at + 5 <= payload.length && payload[at] !== 0xff; at += 5) {
    if (payload[at] !== 0x01) continue;
    const value = payload[payload.readUInt16BE(at + 1)];
    // ENCRYPT_ON and ENCRYPT_REQ
    return value === 0x01 || value === 0x03 ? 'yes' : 'no';
  }
  return 'no';
}
