/** [MS-TDS] 2.2.3: packets with a header of eight bytes; a message is all of them up to the one marked as the last. */

export const PACKET = {
  batch: 0x01,
  rpc: 0x03,
  result: 0x04,
  attention: 0x06,
  login7: 0x10,
  prelogin: 0x12,
} as const;

const HEADER = 8;
const END_OF_MESSAGE = 0x01;
const SIZE = 4096;

export interface Message {
  readonly type: number;
  readonly payload: Buffer;
}

/** Collects bytes, gives whole messages. */
export class MessageReader {
  private bytes = Buffer.alloc(0);
  private parts: Buffer[] = [];

  push(chunk: Buffer): Message[] {
    this.bytes = Buffer.concat([this.bytes, chunk]);
    const messages: Message[] = [];
    while (this.bytes.length >= HEADER && this.bytes.length >= this.bytes.readUInt16BE(2)) {
      const length = this.bytes.readUInt16BE(2);
      const [type, status] = [this.bytes.readUInt8(0), this.bytes.readUInt8(1)];
      this.parts.push(this.bytes.subarray(HEADER, length));
      this.bytes = this.bytes.subarray(length);
      if ((status & END_OF_MESSAGE) === 0) continue;
      messages.push({ type, payload: Buffer.concat(this.parts) });
      this.parts = [];
    }
    return messages;
  }
}

export function packets(type: number, payload: Buffer): Buffer {
  const all: Buffer[] = [];
  let at = 0;
  do {
    const part = payload.subarray(at, at + SIZE - HEADER);
    at += part.length;
    const header = Buffer.alloc(HEADER);
    header.writeUInt8(type, 0);
    header.writeUInt8(at >= payload.length ? END_OF_MESSAGE : 0, 1);
    header.writeUInt16BE(part.length + HEADER, 2);
    header.writeUInt8((all.length + 1) % 256, 6);
    all.push(header, part);
  } while (at < payload.length);
  return Buffer.concat(all);
}
