/** Texts of any character set, read as Unicode where nothing is lost by it. */

/** All they can hold is one character in Unicode each; a column of ASCII can hold bytes that are none. */
const EXACT: ReadonlySet<string> = new Set(['utf8mb3', 'utf8mb4', 'latin1', 'ucs2', 'utf16', 'utf16le', 'utf32']);

/** What a text that cannot be read as Unicode begins with; its bytes follow in hexadecimal. */
const RAW = '\0';

/** SQL that is true for texts that come back from Unicode as they were; null where all of them do. */
export function comesBack(sql: string, charset: string | null): string | null {
  if (charset === null || EXACT.has(charset)) return null;
  return `CAST(CONVERT(CONVERT(${sql} USING utf8mb4) USING ${charset}) AS BINARY) = CAST(${sql} AS BINARY)`;
}

/** SQL of the text in utf8mb4, or of `RAW` and its bytes: also where it would look like that. */
export function readable(sql: string, charset: string | null): string {
  const unicode = `CONVERT(${sql} USING utf8mb4)`;
  const lossless = comesBack(sql, charset);
  return lossless === null ? unicode : `IF(${lossless} AND ORD(${sql}) <> 0, ${unicode}, CONCAT(CHAR(0), HEX(${sql})))`;
}

/** The bytes in hexadecimal where `readable` gave them, else null. */
export function rawBytes(text: string, charset: string | null): string | null {
  if (charset === null || EXACT.has(charset) || !text.startsWith(RAW)) return null;
  return text.slice(RAW.length);
}

/** A literal of these bytes in a character set. MySQL 5.7 knows the one for utf8mb3 by its old name only. */
export function literalOf(hex: string, charset: string | null): string {
  return `_${charset === 'utf8mb3' ? 'utf8' : (charset ?? 'binary')} x'${hex}'`;
}

/**
 * Between values of any kind. What is put together beside it stays the bytes it is: with a plain `#` a text column would
 * turn all others into its own character set, and what that lacks into question marks.
 */
export const SEPARATOR = "CAST('#' AS BINARY)";
