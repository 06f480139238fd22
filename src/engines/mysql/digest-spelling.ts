/**
 * Definitions in one spelling: blanks and comments between tokens do not count, except where a comment ends and what
 * the server heeds of one; what stands in literals and quoted names does, to the last blank. Pure.
 */
import { plainNumber } from '../../comparison/columns.ts';
import { quoteName } from './text.ts';

/** What decides where a literal ends. */
export interface Quoting {
  /** NO_BACKSLASH_ESCAPES */
  readonly plainBackslash: boolean;
}

/** @param modes `sql_mode` of a program, separated by commas */
export const quotingOf = (modes: string): Quoting => ({
  plainBackslash: modes.split(',').includes('NO_BACKSLASH_ESCAPES'),
});

/** What the server heeds is no comment. */
const COMMENTS = String.raw`#[^\n]*(?:\n|$)|--(?=[\s\x00-\x1f]|$)[^\n]*(?:\n|$)|/\*(?![!+M])[^]*?\*/`;
const NAME = '`(?:[^`]|``)*`';
const ESCAPING = String.raw`'(?:[^'\\]|''|\\[^])*'|"(?:[^"\\]|""|\\[^])*"`;
const PLAIN = String.raw`'(?:[^']|'')*'|"(?:[^"]|"")*"`;

const tokens = (texts: string) =>
  new RegExp(String.raw`${texts}|${NAME}(?:\.)?|/\*[!+M][^]*?\*/|(?:${COMMENTS}|\s)+`, 'g');
const WITH_ESCAPES = tokens(ESCAPING);
const WITHOUT_ESCAPES = tokens(PLAIN);

/** The database's own name is part of a definition, and may be another on the target. */
export function normalised(definition: string, database: string, quoting: Quoting = { plainBackslash: false }): string {
  const own = `${quoteName(database)}.`;
  return definition
    .replace(quoting.plainBackslash ? WITHOUT_ESCAPES : WITH_ESCAPES, (token) => {
      // the vendors' clients leave comments out of what they restore
      if (/^(\s|#|--|\/\*[^!+M])/.test(token)) return ' ';
      return token === own ? '' : token;
    })
    .trim();
}

/**
 * MySQL's catalog writes an expression as a literal: quotes and backslashes in it stand after a backslash, and its bytes,
 * which are UTF-8, each as a character.
 */
export function fromCatalog(expression: string): string {
  const text = expression.includes("\\'")
    ? expression.replace(/\\([^])/g, (_, char: string) => ESCAPED[char] ?? char)
    : expression;
  return text.replace(/[\x80-\xff]+/g, (bytes) => {
    const read = Buffer.from(bytes, 'latin1').toString('utf8');
    return read.includes('\ufffd') ? bytes : read;
  });
}

const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0', Z: '\x1a' };

/**
 * Do two definitions that servers of two products or versions spell say the same? The texts and numbers in them are alike
 * everywhere: with others they do not. Everything else may be spelled in another way: null, nobody knows.
 */
export function definitionsAgree(source: string, target: string): boolean | null {
  const [mine, theirs] = [literals(source), literals(target)];
  return mine === null || theirs === null || mine === theirs ? null : false;
}

/** Which lengths are said is a matter of the server, and so is whether a truth is a comparison with 0. */
const TYPE = String.raw`\b(?:(?:var)?(?:char|binary)|decimal|numeric|(?:tiny|small|medium|big)?int(?:eger)?|float|double|bit|year|date(?:time)?|time(?:stamp)?)`;
const LITERAL = new RegExp(
  String.raw`(?<bits>\b0x[\da-f]+|\b0b[01]+|\b[xb]'[^']*')|(?<text>${ESCAPING})|${TYPE}\s*\([\d\s,]*\)|${NAME}|${COMMENTS}|\b(?<number>\d+(?:\.\d+)?)\b|[\w$]+`,
  'gi',
);

/** Null where bytes are written in a way of which there are several. */
function literals(definition: string): string | null {
  const found: string[] = [];
  for (const { groups = {} } of definition.matchAll(LITERAL)) {
    if (groups['bits'] !== undefined) return null;
    const text = groups['text']
      ?.slice(1, -1)
      .replace(/\\([^])|''|""/g, (token, char?: string) => char ?? token.slice(1));
    const value = text ?? groups['number'];
    if (value !== undefined && !['0', '1', '\\'].includes(value)) found.push(plainNumber(value));
  }
  return JSON.stringify(found.sort());
}
