/** [MS-TDS] 2.2.6: what a client sends: PRELOGIN, LOGIN7, SQL batch, RPC. */

export const ENCRYPT = { off: 0x00, on: 0x01, notSupported: 0x02, required: 0x03 } as const;
export type Encryption = (typeof ENCRYPT)[keyof typeof ENCRYPT];

export interface Login {
  readonly host: string;
  readonly user: string;
  readonly password: string;
  readonly program: string;
  readonly database: string;
  readonly processId: number;
}

const TDS_7_4 = 0x74000004;
const SP_EXECUTESQL = 10;

/** What the client says about encryption. */
export function readPrelogin(payload: Buffer): Encryption {
  for (let at = 0; payload[at] !== 0xff && at < payload.length; at += 5) {
    if (payload[at] !== 0x01) continue;
    const value = payload[payload.readUInt16BE(at + 1)];
    for (const known of Object.values(ENCRYPT)) if (known === value) return known;
  }
  throw new Error('a PRELOGIN without a word on encryption');
}

/** VERSION, ENCRYPTION, terminator. */
export function prelogin(encryption: Encryption): Buffer {
  const options = Buffer.alloc(11);
  options.writeUInt8(0x00, 0);
  options.writeUInt16BE(11, 1);
  options.writeUInt16BE(6, 3);
  options.writeUInt8(0x01, 5);
  options.writeUInt16BE(17, 6);
  options.writeUInt16BE(1, 8);
  options.writeUInt8(0xff, 10);
  return Buffer.concat([options, Buffer.from([15, 0, 0x10, 0, 0, 0, encryption])]);
}

export function readLogin(payload: Buffer): Login {
  if (payload.readUInt32LE(4) !== TDS_7_4) throw new Error('a LOGIN7 of another version of TDS');
  const field = (at: number) => {
    const begin = payload.readUInt16LE(at);
    return payload.subarray(begin, begin + payload.readUInt16LE(at + 2) * 2);
  };
  return {
    processId: payload.readUInt32LE(16),
    host: field(36).toString('utf16le'),
    user: field(40).toString('utf16le'),
    password: clear(field(44)).toString('utf16le'),
    program: field(48).toString('utf16le'),
    database: field(68).toString('utf16le'),
  };
}

/** The inverse of the obfuscation: XOR with 0xA5, then the halves of every byte swapped. */
function clear(password: Buffer): Buffer {
  return Buffer.from(password.map((byte) => ((byte ^ 0xa5) >> 4) | (((byte ^ 0xa5) << 4) & 0xf0)));
}

export function readBatch(payload: Buffer): string {
  return payload.subarray(payload.readUInt32LE(0)).toString('utf16le');
}

/** The statement of an sp_executesql. */
export function readRpc(payload: Buffer): string {
  let at = payload.readUInt32LE(0);
  if (payload.readUInt16LE(at) !== 0xffff || payload.readUInt16LE(at + 2) !== SP_EXECUTESQL) {
    throw new Error('an RPC other than sp_executesql');
  }
  at += 6;
  at += 1 + payload.readUInt8(at) * 2; // the parameter's name
  at += 1; // its status
  const type = payload.readUInt8(at);
  const length = payload.readUInt16LE(at + 1);
  at += 8;
  if (type === 0x63) {
    // ntext: a length of four bytes before and after the collation
    const bytes = payload.readInt32LE(at + 2);
    return payload.subarray(at + 6, at + 6 + bytes).toString('utf16le');
  }
  if (type !== 0xe7) throw new Error(`a statement of type ${type}`);
  if (length !== 0xffff) {
    const bytes = payload.readUInt16LE(at);
    return payload.subarray(at + 2, at + 2 + bytes).toString('utf16le');
  }
  const chunks: Buffer[] = [];
  for (at += 8; payload.readUInt32LE(at) !== 0; at += 4 + payload.readUInt32LE(at)) {
    chunks.push(payload.subarray(at + 4, at + 4 + payload.readUInt32LE(at)));
  }
  return Buffer.concat(chunks).toString('utf16le');
}
