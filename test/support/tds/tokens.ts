/** [MS-TDS] 2.2.7: the tokens a server answers with, for the types the tests need. */

export type ColumnType =
  | 'int'
  | 'smallint'
  | 'bigint'
  | 'bit'
  | 'nvarchar'
  | 'nvarchar(max)'
  | 'varchar'
  | 'datetime'
  | 'datetime2'
  | 'decimal'
  | 'varbinary'
  | 'uniqueidentifier';

/** Times as Date (their UTC fields are what the server shows), bigint and decimal as text or bigint, guid as text. */
export type Value = string | number | bigint | boolean | Date | Buffer | null;

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Value[])[];
}

export interface ServerError {
  readonly number: number;
  readonly message: string;
  readonly class?: number;
}

const COLLATION = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34]);
const DECIMAL_SCALE = 3;
const DONE = { more: 0x01, error: 0x02, count: 0x10, attention: 0x20 };

export function loginAck(): Buffer {
  const body = Buffer.concat([
    Buffer.from([1, 0x74, 0, 0, 4]),
    shortText('Microsoft SQL Server'),
    Buffer.from([15, 0, 0x10, 0]),
  ]);
  return Buffer.concat([Buffer.from([0xad]), u16(body.length), body]);
}

export function errorToken({ number, message, class: level = 14 }: ServerError): Buffer {
  const body = Buffer.concat([
    u32(number),
    Buffer.from([1, level]),
    longText(message),
    shortText('TESTSERVER'),
    shortText(''),
    u32(1),
  ]);
  return Buffer.concat([Buffer.from([0xaa]), u16(body.length), body]);
}

/** `inProcedure`: what a statement of sp_executesql ends with. */
export function tableTokens({ columns, rows }: Table, inProcedure: boolean): Buffer {
  const parts = [Buffer.from([0x81]), u16(columns.length), ...columns.map(columnToken)];
  for (const row of rows) {
    parts.push(Buffer.from([0xd1]));
    columns.forEach((column, i) => parts.push(valueToken(column.type, row[i] ?? null)));
  }
  parts.push(doneToken(inProcedure ? 0xff : 0xfd, DONE.count | (inProcedure ? DONE.more : 0), rows.length));
  return Buffer.concat(parts);
}

export function done(error = false): Buffer {
  return doneToken(0xfd, error ? DONE.error : 0, 0);
}

/** The end of sp_executesql: its return status, and DONEPROC. */
export function procedureDone(error = false): Buffer {
  return Buffer.concat([Buffer.from([0x79]), u32(error ? 1 : 0), doneToken(0xfe, error ? DONE.error : 0, 0)]);
}

export function attentionDone(): Buffer {
  return doneToken(0xfd, DONE.attention, 0);
}

function doneToken(token: number, status: number, count: number): Buffer {
  const buffer = Buffer.alloc(13);
  buffer.writeUInt8(token, 0);
  buffer.writeUInt16LE(status, 1);
  buffer.writeUInt16LE(0xc1, 3); // SELECT
  buffer.writeBigUInt64LE(BigInt(count), 5);
  return buffer;
}

function columnToken({ name, type }: Column): Buffer {
  // no user type; nullable
  return Buffer.concat([u32(0), u16(1), typeInfo(type), shortText(name)]);
}

function typeInfo(type: ColumnType): Buffer {
  switch (type) {
    case 'bit':
      return Buffer.from([0x68, 1]);
    case 'smallint':
      return Buffer.from([0x26, 2]);
    case 'int':
      return Buffer.from([0x26, 4]);
    case 'bigint':
      return Buffer.from([0x26, 8]);
    case 'nvarchar':
      return Buffer.concat([Buffer.from([0xe7]), u16(8000), COLLATION]);
    case 'nvarchar(max)':
      return Buffer.concat([Buffer.from([0xe7]), u16(0xffff), COLLATION]);
    case 'varchar':
      return Buffer.concat([Buffer.from([0xa7]), u16(8000), COLLATION]);
    case 'datetime':
      return Buffer.from([0x6f, 8]);
    case 'datetime2':
      return Buffer.from([0x2a, 3]);
    case 'decimal':
      return Buffer.from([0x6a, 9, 18, DECIMAL_SCALE]);
    case 'varbinary':
      return Buffer.concat([Buffer.from([0xa5]), u16(8000)]);
    case 'uniqueidentifier':
      return Buffer.from([0x24, 16]);
  }
}

function valueToken(type: ColumnType, value: Value): Buffer {
  if (type === 'nvarchar(max)') return inChunks(value);
  const long = type === 'nvarchar' || type === 'varchar' || type === 'varbinary';
  if (value === null) return long ? u16(0xffff) : Buffer.from([0]);
  const bytes = bytesOf(type, value);
  return Buffer.concat([long ? u16(bytes.length) : Buffer.from([bytes.length]), bytes]);
}

/** PLP: the length of the whole, chunks with theirs, and one of no length ([MS-TDS] 2.2.5.2.3) */
function inChunks(value: Value): Buffer {
  if (value === null) return Buffer.alloc(8, 0xff);
  const bytes = bytesOf('nvarchar(max)', value);
  const whole = Buffer.alloc(8);
  whole.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([whole, ...(bytes.length > 0 ? [u32(bytes.length), bytes] : []), u32(0)]);
}

function bytesOf(type: ColumnType, value: Exclude<Value, null>): Buffer {
  switch (type) {
    case 'bit':
      return Buffer.from([value === true || value === 1 ? 1 : 0]);
    case 'smallint':
      return integer(2, value);
    case 'int':
      return integer(4, value);
    case 'bigint':
      return integer(8, value);
    case 'nvarchar':
    case 'nvarchar(max)':
      return Buffer.from(String(value), 'utf16le');
    case 'varchar':
      return Buffer.from(String(value), 'latin1');
    case 'varbinary':
      return value instanceof Buffer ? value : Buffer.from(String(value), 'hex');
    case 'datetime':
      return datetime(dateOf(value));
    case 'datetime2':
      return datetime2(dateOf(value));
    case 'decimal':
      return decimal(String(value));
    case 'uniqueidentifier':
      return guid(String(value));
  }
}

function dateOf(value: Exclude<Value, null>): Date {
  if (value instanceof Date) return value;
  throw new Error(`no date: ${String(value)}`);
}

function integer(bytes: 2 | 4 | 8, value: Exclude<Value, null>): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64LE(BigInt(String(value)));
  return buffer.subarray(0, bytes);
}

const DAY_MS = 86_400_000;

/** days since 1900 and three-hundredths of a second */
function datetime(value: Date): Buffer {
  const ms = value.getTime() - Date.UTC(1900, 0, 1);
  const days = Math.floor(ms / DAY_MS);
  const buffer = Buffer.alloc(8);
  buffer.writeInt32LE(days, 0);
  buffer.writeUInt32LE(Math.round((ms - days * DAY_MS) * 0.3), 4);
  return buffer;
}

/** scale 3: milliseconds of the day in four bytes, days since the year 1 in three */
function datetime2(value: Date): Buffer {
  const days = Math.floor(value.getTime() / DAY_MS);
  const buffer = Buffer.alloc(7);
  buffer.writeUInt32LE(value.getTime() - days * DAY_MS, 0);
  buffer.writeUIntLE(days + 719_162, 4, 3);
  return buffer;
}

/** sign and an unsigned integer of eight bytes */
function decimal(text: string): Buffer {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const buffer = Buffer.alloc(9);
  buffer.writeUInt8(text.startsWith('-') ? 0 : 1, 0);
  buffer.writeBigUInt64LE(BigInt(whole + fraction.padEnd(DECIMAL_SCALE, '0')), 1);
  return buffer;
}

/** the first three groups are little-endian */
function guid(text: string): Buffer {
  const [a = '', b = '', c = '', d = '', e = ''] = text.split('-');
  const reversed = (hex: string) => Buffer.from(hex, 'hex').reverse();
  return Buffer.concat([reversed(a), reversed(b), reversed(c), Buffer.from(d + e, 'hex')]);
}

function shortText(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'utf16le')]);
}

function longText(text: string): Buffer {
  return Buffer.concat([u16(text.length), Buffer.from(text, 'utf16le')]);
}

function u16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
}

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}
