/** Texts `key:hash,key:hash,…` of the same range of both sides: which rows are not the same? */
import type { RowHash } from '../../comparison/port.ts';
import { HEX } from './digest-hash.ts';

/** Whether a text has so many rows, the last one's hash to its end: GROUP_CONCAT leaves NULLs out and cuts long texts. */
export function isWhole(text: string, rows: number): boolean {
  if (text === '') return rows === 0;
  return text.split(',').length === rows && text.length - text.lastIndexOf(':') === 1 + HEX;
}

/** Rows that are not in both texts, ascending by key. What the texts have in common at both ends is not looked into. */
export function unequalRows(source: string, target: string): { source: RowHash[]; target: RowHash[] } {
  if (source === target) return { source: [], target: [] };
  let start = 0;
  const shorter = Math.min(source.length, target.length);
  while (start < shorter && source.charCodeAt(start) === target.charCodeAt(start)) start++;
  let end = 0;
  while (
    end < shorter - start &&
    source.charCodeAt(source.length - 1 - end) === target.charCodeAt(target.length - 1 - end)
  ) {
    end++;
  }
  return { source: rowsBetween(source, start, end), target: rowsBetween(target, start, end) };
}

/** Whole rows that reach into the part between `start` and `end` characters before the end of the text. */
function rowsBetween(text: string, start: number, end: number): RowHash[] {
  const from = start === 0 ? 0 : text.lastIndexOf(',', start - 1) + 1;
  const comma = text.indexOf(',', Math.max(from, text.length - end));
  const part = text.slice(from, comma === -1 ? text.length : comma);
  const rows = part === '' ? [] : part.split(',').map(rowOf);
  return rows.sort((a, b) => (a.order < b.order ? -1 : 1));
}

function rowOf(text: string): RowHash {
  const colon = text.indexOf(':');
  const key = BigInt(text.slice(0, colon));
  // without the zeros that a column may be filled up with
  return { order: key, key: [String(key)], hash: BigInt(`0x${text.slice(colon + 1)}`), copies: 1 };
}
