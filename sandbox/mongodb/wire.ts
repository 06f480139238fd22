/** MongoDB's wire protocol on one socket: OP_MSG both ways, and the OP_QUERY a driver may greet with. */
import type { Socket } from 'node:net';
import { BSON, type Document } from 'mongodb';
import { EXACT } from './documents.ts';

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const MORE_TO_COME = 1 << 1;
const EXHAUST_ALLOWED = 1 << 16;

export interface Request {
  readonly id: number;
  readonly opcode: number;
  readonly command: Document;
  /** the command with every BSON type as itself */
  readonly exact: () => Document;
  /** false where the client waits for no answer */
  readonly answered: boolean;
  /** the client takes further answers without asking again */
  readonly exhaust: boolean;
}

/** Calls back with every whole message. */
export function readMessages(socket: Socket, receive: (request: Request) => void): void {
  let waiting = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk]);
    // a TLS greeting
    if (waiting[0] === 0x16 && waiting[1] === 0x03) return void socket.destroy();
    while (waiting.length >= 16 && waiting.length >= waiting.readInt32LE(0)) {
      const length = waiting.readInt32LE(0);
      // what is no message at all, a TLS greeting for example
      if (length < 16 || length > 48_000_000) return void socket.destroy();
      const message = waiting.subarray(0, length);
      waiting = waiting.subarray(length);
      const request = parse(message);
      if (!request) return void socket.destroy();
      receive(request);
    }
    if (waiting.length >= 4 && (waiting.readInt32LE(0) < 16 || waiting.readInt32LE(0) > 48_000_000)) socket.destroy();
  });
}

/** `moreToCome`: another answer follows by itself */
export function reply(socket: Socket, request: Request, answer: Document, moreToCome = false): void {
  if (!request.answered || socket.destroyed) return;
  const body = BSON.serialize(answer, { ignoreUndefined: true });
  const legacy = request.opcode === OP_QUERY;
  const head = Buffer.alloc(legacy ? 36 : 21);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(request.id, 8);
  head.writeInt32LE(legacy ? OP_REPLY : OP_MSG, 12);
  if (legacy) head.writeInt32LE(1, 32);
  else head.writeInt32LE(moreToCome ? MORE_TO_COME : 0, 16);
  socket.write(Buffer.concat([head, body]));
}

function parse(message: Buffer): Request | null {
  const id = message.readInt32LE(4);
  const opcode = message.readInt32LE(12);
  if (opcode === OP_QUERY) {
    const name = message.indexOf(0, 20);
    const command = documentAt(message, name + 9);
    return { id, opcode, command, exact: () => command, answered: true, exhaust: false };
  }
  if (opcode !== OP_MSG) return null;
  const flags = message.readUInt32LE(16);
  const answered = (flags & MORE_TO_COME) === 0;
  const exhaust = (flags & EXHAUST_ALLOWED) !== 0;
  return {
    id,
    opcode,
    command: commandIn(message, flags),
    exact: () => commandIn(message, flags, EXACT),
    answered,
    exhaust,
  };
}

function commandIn(message: Buffer, flags: number, options: BSON.DeserializeOptions = {}): Document {
  const end = message.length - (flags & 1 ? 4 : 0);
  let command: Document = {};
  const sequences: Document = {};
  for (let at = 20; at < end;) {
    const kind = message[at++];
    const size = message.readInt32LE(at);
    if (kind === 0) command = documentAt(message, at, options);
    else {
      const nameEnd = message.indexOf(0, at + 4);
      const documents: Document[] = [];
      for (let inner = nameEnd + 1; inner < at + size; inner += message.readInt32LE(inner)) {
        documents.push(documentAt(message, inner, options));
      }
      sequences[message.toString('utf8', at + 4, nameEnd)] = documents;
    }
    at += size;
  }
  return { ...command, ...sequences };
}

function documentAt(message: Buffer, at: number, options: BSON.DeserializeOptions = {}): Document {
  return BSON.deserialize(message.subarray(at, at + message.readInt32LE(at)), options);
}
