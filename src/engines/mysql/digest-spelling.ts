/**
 * Definitions in one spelling: blanks between tokens do not count; what stands in literals, quoted names and comments
 * does, to the last blank, and so does the end of a line that ends a comment. Pure.
 */
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

const COMMENTS = String.raw`#[^\n]*\n?|--(?=[\s\x00-\x1f]|$)[^\n]*\n?|/\*[^]*?\*/`;
const NAME = '`(?:[^`]|``)*`';
const ESCAPING = String.raw`'(?:[^'\\]|''|\\[^])*'|"(?:[^"\\]|""|\\[^])*"`;
const PLAIN = String.raw`'(?:[^']|'')*'|"(?:[^"]|"")*"`;

/** `_utf8mb4` before a literal: MySQL names the character set of every text. */
const INTRODUCER = String.raw`\b_(?:utf8mb[34]|latin1|ascii)(?=')`;

const tokens = (texts: string) => new RegExp(String.raw`${texts}|${NAME}(?:\.)?|${COMMENTS}|${INTRODUCER}|\s+`, 'g');
const WITH_ESCAPES = tokens(ESCAPING);
const WITHOUT_ESCAPES = tokens(PLAIN);

/** The database's own name is part of a definition, and may be another on the target. */
export function normalised(
  definition: string,
  database: string,
  quoting: Quoting = { plainBackslash: false },
  introducers: 'kept' | 'dropped' = 'kept',
): string {
  const own = `${quoteName(database)}.`;
  return definition
    .replace(quoting.plainBackslash ? WITHOUT_ESCAPES : WITH_ESCAPES, (token) => {
      if (/^\s/.test(token)) return ' ';
      if (token === own || (introducers === 'dropped' && token.startsWith('_'))) return '';
      return token;
    })
    .trim();
}

/** MySQL's catalog writes an expression as a literal: quotes and backslashes in it stand after a backslash. */
export function fromCatalog(expression: string): string {
  if (!expression.includes("\\'")) return expression;
  return expression.replace(/\\([^])/g, (_, char: string) => ESCAPED[char] ?? char);
}

const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0', Z: '\x1a' };
