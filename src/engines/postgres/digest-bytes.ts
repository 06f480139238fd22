/** Texts of databases without an encoding (SQL_ASCII): bytes, which a connection in UTF-8 takes only while they are UTF-8. */

const MARK = 'bytes ';

/** SQL: the text, and where it is more than ASCII its bytes, escaped after a mark. NULL stays NULL. */
export const escaped = (sql: string): string =>
  `CASE WHEN ${sql} ~ '[^\\x01-\\x7f]|^${MARK}' THEN '${MARK}' || encode(convert_to(${sql}, 'SQL_ASCII'), 'escape') ELSE ${sql} END`;

/** Stands before bytes that are no text: no text of PostgreSQL has this character. */
const NO_TEXT = '\0';
const ESCAPES = /\\(?:([0-7]{3})|\\)/g;

/** What `escaped` gave, as the text it is; what is none keeps its escapes, after a mark. */
export function readable(value: string | null): string | null {
  if (!value?.startsWith(MARK) || !ESCAPES_ONLY.test(value)) return value;
  const text = value.slice(MARK.length);
  const bytes = text.replace(ESCAPES, (_, octal?: string) => (octal ? String.fromCharCode(parseInt(octal, 8)) : '\\'));
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return NO_TEXT + text;
  }
}

const ESCAPES_ONLY = /^(?:[^\\]|\\[0-7]{3}|\\\\)*$/;

/** A literal of such bytes; null where the value is a text. */
export const bytesLiteral = (value: string): string | null =>
  value.startsWith(NO_TEXT) ? `E'${value.slice(NO_TEXT.length).replaceAll("'", "''")}'` : null;

/** What `escaped` gives for what `readable` gave: to look for it. */
export function asEscaped(value: string): string {
  if (value.startsWith(NO_TEXT)) return MARK + value.slice(NO_TEXT.length);
  if (!/[\u0080-\uffff]/.test(value) && !value.startsWith(MARK)) return value;
  const octets = [...Buffer.from(value)].map((byte) =>
    byte === 0x5c ? '\\\\' : byte < 0x80 ? String.fromCharCode(byte) : `\\${byte.toString(8)}`,
  );
  return MARK + octets.join('');
}
