/** Texts of any character set, read as Unicode where nothing is lost by it. */

/** All they can hold is one character in Unicode each; a column of ASCII can hold bytes that are none. */
const EXACT: ReadonlySet<string> = new Set([
  'utf8',
  'utf8mb3',
  'utf8mb4',
  'latin1',
  'ucs2',
  'utf16',
  'utf16le',
  'utf32',
]);
/** Not even a separator may stand beside them. */
const WIDE = /^(ucs2|utf16|utf16le|utf32)$/;

/** What a text that cannot be read as Unicode begins with; its bytes follow in hexadecimal. No text of people has it. */
export const RAW = '\0';

/** SQL that is true for texts that come back from Unicode as they were; null where all of them do. */
export function comesBack(sql: string, charset: string | null): string | null {
  if (charset === null || EXACT.has(charset)) return null;
  return `CAST(CONVERT(CONVERT(${sql} USING utf8mb4) USING ${charset}) AS BINARY) = CAST(${sql} AS BINARY)`;
}

/** SQL of the text in utf8mb4, or of `RAW` and its bytes. */
export function readable(sql: string, charset: string | null): string {
  const unicode = `CONVERT(${sql} USING utf8mb4)`;
  const lossless = comesBack(sql, charset);
  return lossless === null ? unicode : `IF(${lossless}, ${unicode}, CONCAT(CHAR(0), HEX(${sql})))`;
}

/** SQL of a text's bytes, as they can be put together with others'. */
export function bytesOf(sql: string, charset: string | null): string {
  return charset !== null && WIDE.test(charset) ? `CAST(${sql} AS BINARY)` : sql;
}
