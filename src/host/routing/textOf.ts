/** A file's bytes as text, without losing how it is written. Pure. */

/** As the editor names them: opened with it, a file is saved in it again, its byte order mark included. */
export type Encoding = 'utf8' | 'utf8bom' | 'utf16le' | 'utf16be' | 'gbk' | 'iso88591';

export interface DecodedText {
  readonly text: string;
  readonly encoding: Encoding;
}

/** Why a file's text cannot be changed without changing more than the address. */
export type Unreadable = 'binary' | 'mixed line ends';

/** The text, or why there is none. */
export function textOf(bytes: Uint8Array): DecodedText | Unreadable {
  const decoded = decode(bytes);
  if (decoded === null || decoded.text.includes('\0')) return 'binary';
  // the editor gives every line the same end when it saves
  const crlf = decoded.text.split('\r\n').length - 1;
  const lf = decoded.text.split('\n').length - 1;
  return crlf > 0 && crlf < lf ? 'mixed line ends' : decoded;
}

function decode(bytes: Uint8Array): DecodedText | null {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return tried(bytes, 'utf-8', 'utf8bom');
  if (a === 0xff && b === 0xfe) return tried(bytes, 'utf-16le', 'utf16le');
  if (a === 0xfe && b === 0xff) return tried(bytes, 'utf-16be', 'utf16be');
  if (bytes.includes(0)) {
    // without a mark: text in which every other byte is zero
    const zeros = (odd: number) => bytes.filter((byte, index) => byte === 0 && index % 2 === odd).length;
    if (bytes.length % 2 !== 0) return null;
    if (zeros(0) === 0 && zeros(1) > bytes.length / 4) return tried(bytes, 'utf-16le', 'utf16le');
    if (zeros(1) === 0 && zeros(0) > bytes.length / 4) return tried(bytes, 'utf-16be', 'utf16be');
    return null;
  }
  return (
    tried(bytes, 'utf-8', 'utf8') ??
    (isGbk(bytes) ? tried(bytes, 'gbk', 'gbk') : null) ?? {
      // every byte is a character: none is lost, whatever the file is written in
      text: new TextDecoder('iso-8859-1').decode(bytes),
      encoding: 'iso88591',
    }
  );
}

/** Pairs of bytes as GBK has them; the platform's decoder lets others pass. */
function isGbk(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) {
    const lead = bytes[at] ?? 0;
    if (lead < 0x80) continue;
    const trail = bytes[++at] ?? 0;
    if (lead === 0x80 || lead === 0xff || trail < 0x40 || trail === 0x7f || trail === 0xff) return false;
  }
  return true;
}

function tried(bytes: Uint8Array, label: string, encoding: Encoding): DecodedText | null {
  try {
    return { text: new TextDecoder(label, { fatal: true }).decode(bytes), encoding };
  } catch {
    return null;
  }
}
