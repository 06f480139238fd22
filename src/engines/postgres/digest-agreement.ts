/**
 * Do two definitions of servers of other versions, or with other names in them, say the same? A database that was dumped
 * and restored reads alike on all versions but for one thing: what older ones write before a column, `t.id`, newer ones
 * leave out where a view reads one table only. Pure.
 */
import { tokensOf } from './digest-spelling.ts';

/** Null where it cannot be told. Both as `normalised` gives them. */
export function definitionsAgree(source: string, target: string, renamed: boolean): boolean | null {
  const [mine, theirs] = [tokensOf(source), tokensOf(target)].map((tokens) => tokens.filter((token) => token !== ' '));
  if (!mine || !theirs) return null;
  if (isQualified(mine, theirs) || isQualified(theirs, mine)) return true;
  if (listOf(literals(mine)) !== listOf(literals(theirs))) return false;
  return !renamed && someOnlyIn(mine, theirs) ? false : null;
}

const listOf = (texts: readonly string[]) => JSON.stringify([...texts].sort());

/** The same, where before some columns `long` names their table and `short` does not. */
function isQualified(long: readonly string[], short: readonly string[]): boolean {
  let i = 0;
  for (let j = 0; j < short.length; j++, i++) {
    if (long[i + 1] === '.' && short[j + 1] !== '.' && long[i + 2] === short[j]) i += 2;
    if (long[i] !== short[j]) return false;
  }
  return i === long.length;
}

/** Texts and numbers, which all versions write alike. What names something is no text. */
function literals(tokens: readonly string[]): string[] {
  return tokens.flatMap((token, i) => {
    if (/^\d/.test(token)) return [token];
    if (token.toLowerCase() === 'extract' && tokens[i + 1] === '(') return [`'${tokens[i + 2] ?? ''}'`];
    if (!/^(?:[eEbBxX]|[uU]&)?'/.test(token)) return [];
    if (tokens[i + 1] === '::' && /^reg/.test(tokens[i + 2] ?? '')) return [];
    return [plain(token)];
  });
}

/** Before 12 a floating point number may have more digits than it needs. A number in quotes is one. */
function plain(token: string): string {
  const [, number] = /^'(-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)'$/.exec(token) ?? [];
  if (number === undefined) return token;
  return /[.e]/.test(number) ? String(Number(number)) : number;
}

/** A word of one that the other has nowhere, and that no version writes in another way. */
function someOnlyIn(mine: readonly string[], theirs: readonly string[]): boolean {
  const words = (tokens: readonly string[]) =>
    new Set(tokens.filter((token) => /^[A-Za-z_\u0080-\uffff"]/.test(token) && !token.endsWith("'")).map(wordOf));
  const [left, right] = [words(mine), words(theirs)];
  const only = [...[...left].filter((word) => !right.has(word)), ...[...right].filter((word) => !left.has(word))];
  return only.some((word) => !SPELLED_OTHERWISE.has(word));
}

/** `"position"` and `POSITION` are one; names in capitals are in quotes. */
const wordOf = (token: string) => (/^"[a-z_0-9]*"$/.test(token) ? token.slice(1, -1) : token.toLowerCase());

/** Newer versions write functions of the standard as the standard does. */
const SPELLED_OTHERWISE = new Set(
  (
    'extract date_part year month day hour minute second epoch week quarter dow doy century decade millennium isodow ' +
    'isoyear microseconds milliseconds julian timezone timezone_hour timezone_minute at time zone local position overlay ' +
    'placing substring similar escape similar_to_escape from for in trim both leading trailing btrim ltrim rtrim normalize ' +
    'is_normalized normalized is not nfc nfd nfkc nfkd overlaps collation pg_collation_for xmlexists passing by ref value ' +
    'between symmetric asymmetric and as materialized pg_catalog system_user cast text execute procedure function using'
  ).split(' '),
);
