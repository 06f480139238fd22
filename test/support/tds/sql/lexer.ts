/** Transact-SQL in tokens. */
export interface Token {
  readonly kind: 'word' | 'name' | 'number' | 'string' | 'unicode' | 'binary' | 'symbol' | 'end';
  readonly text: string;
}

const PATTERN =
  /\s+|--[^\n]*|(N'(?:[^']|'')*')|('(?:[^']|'')*')|(0x[0-9A-Fa-f]*)|(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(\[(?:[^\]]|\]\])*\])|(@{0,2}[A-Za-z_][A-Za-z0-9_$#]*)|(<>|<=|>=|[-+*/%&|(),.=<>;])/gy;

export function tokens(sql: string): Token[] {
  const found: Token[] = [];
  PATTERN.lastIndex = 0;
  while (PATTERN.lastIndex < sql.length) {
    const at = PATTERN.lastIndex;
    const match = PATTERN.exec(sql);
    if (!match) throw new Error(`Incorrect syntax near '${sql.slice(at, at + 20)}'.`);
    const [, unicode, text, binary, number, name, word, symbol] = match;
    if (unicode !== undefined) found.push({ kind: 'unicode', text: inner(unicode.slice(1)) });
    else if (text !== undefined) found.push({ kind: 'string', text: inner(text) });
    else if (binary !== undefined) found.push({ kind: 'binary', text: binary.slice(2) });
    else if (number !== undefined) found.push({ kind: 'number', text: number });
    else if (name !== undefined) found.push({ kind: 'name', text: name.slice(1, -1).replaceAll(']]', ']') });
    else if (word !== undefined) found.push({ kind: 'word', text: word });
    else if (symbol !== undefined) found.push({ kind: 'symbol', text: symbol });
  }
  return [...found, { kind: 'end', text: '' }];
}

/** A backslash before the end of a line goes on with the literal on the next one: both disappear. */
const inner = (literal: string) =>
  literal
    .slice(1, -1)
    .replaceAll("''", "'")
    .replace(/\\\r?\n/g, '');
