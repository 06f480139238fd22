/**
 * Definitions as the server writes them, brought into a form in which two of them are equal when they mean the same:
 * white space counts inside literals, names and bodies only, and what the server itself writes otherwise once a database
 * was dumped and restored has one spelling.
 */

/** In this order: a string with escapes before a name, a body before a parameter. A comment is white space. */
const TOKEN = new RegExp(
  [
    String.raw`(?<blank>(?:\s|--[^\n]*(?:\n|$)|/\*[\s\S]*?\*/)+)`,
    String.raw`[eE]'(?:[^'\\]|''|\\[\s\S])*'`,
    String.raw`(?:[uU]&|[bBxXnN])?'(?:[^']|'')*'`,
    String.raw`(?:[uU]&)?"(?:[^"]|"")*"`,
    String.raw`(?<tag>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)[\s\S]*?\k<tag>`,
    String.raw`[\w\u0080-\uffff][\w$\u0080-\uffff]*`,
    '::',
    String.raw`[\s\S]`,
  ].join('|'),
  'g',
);

/** One blank for any white space outside of literals, and the casts of a list as a restored database writes them. */
export const normalised = (definition: string): string => castEach(tokensOf(definition)).join('').trim();

/** A blank for any white space. */
export function tokensOf(definition: string): string[] {
  const tokens: string[] = [];
  for (const match of definition.matchAll(TOKEN)) tokens.push(match.groups?.['blank'] === undefined ? match[0] : ' ');
  return tokens;
}

/**
 * `(ARRAY['a'::character varying, 'b'::character varying])::text[]`, which `s IN ('a', 'b')` becomes, is read again as
 * `ARRAY[('a'::character varying)::text, ('b'::character varying)::text]`.
 */
function castEach(tokens: readonly string[]): string[] {
  const made: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const list =
      tokens[at] === '(' && tokens[at + 1] === 'ARRAY' && tokens[at + 2] === '[' ? listAt(tokens, at + 3) : null;
    const cast =
      list && tokens[list.end + 1] === ')' && tokens[list.end + 2] === '::' ? typeAt(tokens, list.end + 3) : null;
    if (!list || !cast) {
      made.push(tokens[at] ?? '');
      continue;
    }
    const items = list.items.map((item) => `(${castEach(item).join('').trim()})::${cast.element}`);
    made.push(`ARRAY[${items.join(', ')}]`);
    at = cast.end;
  }
  return made;
}

/** The elements from here to the bracket that ends the list. */
function listAt(tokens: readonly string[], start: number): { items: string[][]; end: number } | null {
  const items: string[][] = [[]];
  let depth = 0;
  for (let at = start; at < tokens.length; at++) {
    const token = tokens[at] ?? '';
    if (token === ']' && depth === 0) return { items, end: at };
    if (token === '(' || token === '[') depth++;
    if (token === ')' || token === ']') depth--;
    if (token === ',' && depth === 0) items.push([]);
    else items.at(-1)?.push(token);
  }
  return null;
}

/** The type of an array of one dimension, and the last token of it. */
function typeAt(tokens: readonly string[], start: number): { element: string; end: number } | null {
  let at = start;
  while (/^(?: |\.|[\w\u0080-\uffff]+|"[\s\S]*")$/.test(tokens[at] ?? '')) at++;
  const element = tokens.slice(start, at).join('').trim();
  return element !== '' && tokens[at] === '[' && tokens[at + 1] === ']' ? { element, end: at + 1 } : null;
}

/** Systems write one locale in several ways: `en_US.UTF-8`, `en_US.utf8`. C sorts as POSIX does, and C.UTF-8 as neither. */
export const localeOf = (name: string | null | undefined): string => {
  const given = (name ?? '').replace(/\.utf-?8$/i, '.UTF-8').replace(/^POSIX(?=$|\.)/, 'C');
  return given.startsWith('C.') ? given : given.replace(/\.UTF-8$/, '');
};
