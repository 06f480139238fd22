/** A server that speaks TDS 7.4 to an unmodified driver; what it answers comes from the handlers it is given. */
import { EventEmitter, once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { MessageReader, PACKET, packets, type Message } from './packets.ts';
import { ENCRYPT, prelogin, readBatch, readLogin, readPrelogin, readRpc, type Login } from './requests.ts';
import {
  attentionDone,
  done,
  errorToken,
  loginAck,
  procedureDone,
  tableTokens,
  type ServerError,
  type Table,
} from './tokens.ts';
import { tunnel, type Certificate } from './tunnel.ts';

export type Answer =
  | { readonly table: Table }
  | { readonly errors: readonly ServerError[] }
  /** no result set */
  | { readonly nothing: true }
  /** answers nothing until the client asks to stop */
  | { readonly hang: true }
  | { readonly drop: true };

export interface Handlers {
  /** a session id, or the errors to refuse with */
  login(login: Login, encrypted: boolean): number | readonly ServerError[];
  /** `batch` as opposed to sp_executesql */
  ask(spid: number, sql: string, kind: 'batch' | 'rpc'): Answer | Promise<Answer>;
  /** the client wants its statement stopped */
  attention(spid: number): void;
  ended(spid: number): void;
}

export interface TdsOptions {
  /** `off`: no TLS; `offered`: when the client asks; `required`; default off */
  readonly encryption?: 'off' | 'offered' | 'required';
  readonly certificate?: Certificate;
  /** takes connections and says nothing */
  readonly mute?: boolean;
  /** does not even acknowledge an attention */
  readonly deaf?: boolean;
}

export class TdsServer {
  private readonly sockets = new Map<Socket, { spid: number | null }>();
  private server: Server | null = null;
  port = 0;
  /** `connected` and `closed`, a socket each */
  readonly events = new EventEmitter();

  constructor(
    private readonly handlers: Handlers,
    private readonly options: TdsOptions = {},
  ) {}

  /** Connections now open. */
  get open(): number {
    return this.sockets.size;
  }

  /** Resolves when no connection is open. */
  async idle(): Promise<void> {
    while (this.open > 0) await once(this.events, 'closed');
  }

  async start(): Promise<void> {
    const server = createServer((socket) => this.serve(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** Every connection is lost. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    for (const socket of this.sockets.keys()) socket.destroy();
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** Ends one session as KILL does. */
  kill(spid: number): void {
    for (const [socket, state] of this.sockets) if (state.spid === spid) socket.destroy();
  }

  private serve(socket: Socket): void {
    const state: { spid: number | null } = { spid: null };
    this.sockets.set(socket, state);
    this.events.emit('connected');
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.sockets.delete(socket);
      if (state.spid !== null) this.handlers.ended(state.spid);
      this.events.emit('closed');
    });
    if (this.options.mute === true) {
      socket.resume();
      return;
    }
    const conversation = new Conversation(socket, this.handlers, this.options, state);
    socket.on('data', (chunk: Buffer) => conversation.receive(chunk));
  }
}

class Conversation {
  private readonly reader = new MessageReader();
  private secure: { clear: TLSSocket; feed: (chunk: Buffer) => void } | null = null;
  private stopRunning: (() => void) | null = null;

  constructor(
    private readonly socket: Socket,
    private readonly handlers: Handlers,
    private readonly options: TdsOptions,
    private readonly state: { spid: number | null },
  ) {}

  receive(chunk: Buffer): void {
    if (this.secure) this.secure.feed(chunk);
    else this.messages(chunk);
  }

  private messages(chunk: Buffer): void {
    for (const message of this.reader.push(chunk)) {
      // what it cannot read or answer ends the connection, as it would at a server
      this.handle(message).catch(() => this.socket.destroy());
    }
  }

  private async handle({ type, payload }: Message): Promise<void> {
    switch (type) {
      case PACKET.prelogin:
        return this.negotiate(payload);
      case PACKET.login7:
        return this.login(readLogin(payload));
      case PACKET.batch:
        return this.answer(readBatch(payload), 'batch');
      case PACKET.rpc:
        return this.answer(readRpc(payload), 'rpc');
      case PACKET.attention:
        this.stopRunning?.();
        return;
      default:
        throw new Error(`packet type ${type}`);
    }
  }

  private negotiate(payload: Buffer): void {
    const wanted = readPrelogin(payload);
    const { encryption = 'off', certificate } = this.options;
    if (encryption === 'off') return this.send(prelogin(ENCRYPT.notSupported));
    const asked = wanted === ENCRYPT.on || wanted === ENCRYPT.required;
    if (!asked && encryption === 'offered') return this.send(prelogin(ENCRYPT.notSupported));
    this.send(prelogin(asked ? ENCRYPT.on : ENCRYPT.required));
    if (!asked || !certificate) return;
    this.secure = tunnel(this.socket, certificate);
    this.secure.clear.on('data', (chunk: Buffer) => this.messages(chunk));
  }

  private login(login: Login): void {
    const outcome = this.handlers.login(login, this.secure !== null);
    if (typeof outcome === 'number') {
      this.state.spid = outcome;
      this.send(Buffer.concat([loginAck(), done()]));
      return;
    }
    this.send(Buffer.concat([...outcome.map(errorToken), done(true)]));
    this.socket.end();
  }

  private async answer(sql: string, kind: 'batch' | 'rpc'): Promise<void> {
    const { spid } = this.state;
    if (spid === null) throw new Error('not logged in');
    let stopped = false;
    const stop = new Promise<Answer>((resolve) => {
      this.stopRunning = () => {
        if (this.options.deaf === true) return;
        stopped = true;
        this.handlers.attention(spid);
        resolve({ nothing: true });
      };
    });
    const asked = Promise.resolve(this.handlers.ask(spid, sql, kind));
    const answer = await Promise.race([stop, asked.then((found) => ('hang' in found ? stop : found))]);
    this.stopRunning = null;
    if ('drop' in answer) {
      this.socket.destroy();
      return;
    }
    this.send(tokensOf(answer, kind));
    if (stopped) this.send(attentionDone());
  }

  private send(payload: Buffer): void {
    (this.secure?.clear ?? this.socket).write(packets(PACKET.result, payload));
  }
}

function tokensOf(answer: Answer, kind: 'batch' | 'rpc'): Buffer {
  const end = kind === 'rpc' ? procedureDone : done;
  if ('errors' in answer) return Buffer.concat([...answer.errors.map(errorToken), end(true)]);
  if ('table' in answer) {
    const tokens = tableTokens(answer.table, kind === 'rpc');
    return kind === 'rpc' ? Buffer.concat([tokens, end()]) : tokens;
  }
  return end();
}
