/**
 * Expressions as servers write them out (checks, generated columns, defaults, indexes over expressions), in one form that
 * does not depend on how many parentheses, which names of operators and which character sets of literals a product or a
 * version writes. Pure.
 */

import { ALIKE, SAME_FUNCTION, WORDS } from './digest-functions.ts';

export interface PlainExpression {
  /** equal exactly when two expressions do the same by the rules of the language */
  readonly form: string;
  /** its words in no order: finds the counterpart that differs in what holds together */
  readonly words: string;
  /** nothing in it that one product may write as another function: two forms are two expressions */
  readonly certain: boolean;
}

/** An expression that cannot be read stays as it is, between blanks. */
export const plainExpression = (text: string): PlainExpression => read(text, (reader) => reader.expression(0));

/** The same for the text of a view, of which a server writes the names of all tables and columns. */
export const plainQuery = (text: string, columns: readonly string[]): PlainExpression =>
  read(text, (reader) => reader.everything(columns));

function read(text: string, reading: (reader: Reader) => string): PlainExpression {
  const tokens = text.match(TOKENS)?.map(spelled) ?? [];
  const wordsIn = (form: string) => [...new Set(form.match(WORD))].sort().join(' ');
  const reader = new Reader(tokens);
  try {
    const form = reading(reader);
    if (reader.left > 0) throw new Unreadable();
    return { form, words: wordsIn(form), certain: reader.certain };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const form = tokens.join(' ');
    return { form, words: wordsIn(form), certain: false };
  }
}

class Unreadable extends Error {}

const QUOTED = String.raw`'(?:[^'\\]|''|\\[^])*'|"(?:[^"\\]|""|\\[^])*"|${'`(?:[^`]|``)*`'}`;
/** Texts are not looked into. */
const WORD = new RegExp(String.raw`${QUOTED}|[^()\s]+`, 'g');
const TOKENS = new RegExp(
  String.raw`${QUOTED}|[xXbBnN]'[^']*'|0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|[\w$@]+|->>|->|<=>|<<|>>|<=|>=|<>|!=|:=|\|\||&&|[^\s]`,
  'g',
);

const SAME_WORD: Readonly<Record<string, string>> = { '!=': '<>', '&&': 'and', '||': 'or', mod: '%', rlike: 'regexp' };

function spelled(token: string): string {
  if (/^['"`]/.test(token)) return token;
  if (/^x'/i.test(token)) return `0x${token.slice(2, -1).toLowerCase()}`;
  const plain = token.toLowerCase();
  return SAME_WORD[plain] ?? plain;
}

/** How tightly operators between two operands bind (manual: operator precedence). */
const BINDS: ReadonlyMap<string, number> = new Map(
  [
    ['or'],
    ['xor'],
    ['and'],
    ['not'],
    ['between'],
    ['=', '<=>', '>=', '>', '<=', '<', '<>', 'is', 'like', 'regexp', 'in', 'member', 'sounds'],
    ['|'],
    ['&'],
    ['<<', '>>'],
    ['+', '-'],
    ['*', '/', 'div', '%'],
    ['^'],
    ['unary'],
    ['collate', '->', '->>'],
  ].flatMap((operators, level) => operators.map((operator) => [operator, level + 1] as const)),
);
const binds = (operator: string) => BINDS.get(operator) ?? 0;

/** Character sets in which a plain literal is written: which of them it was says nothing. */
const INTRODUCER = /^_(utf8mb[34]|utf8|latin1|ascii)$/;
const TYPED = /^(date|time|timestamp)$/;
/** What may stand between the parentheses of a call besides expressions. */
const ENDS_CALL: ReadonlySet<string> = new Set([')', ',']);

class Reader {
  certain = true;
  private at = 0;

  constructor(private readonly tokens: readonly string[]) {}

  get left(): number {
    return this.tokens.length - this.at;
  }

  expression(least: number): string {
    const word = this.peek();
    // a clause begins: a minus after it is the sign of what follows
    if (word !== undefined && WORDS.has(word)) return this.next();
    let found = this.operand();
    for (;;) {
      const negated = this.peek() === 'not';
      const operator = negated ? this.tokens[this.at + 1] : this.peek();
      const level = operator === undefined ? 0 : binds(operator);
      // NOT stands between operands only before these
      if (
        level === 0 ||
        level <= least ||
        operator === 'not' ||
        (negated && !/^(in|like|between|regexp)$/.test(operator ?? ''))
      )
        return found;
      this.at += negated ? 2 : 1;
      const made = this.operation(operator ?? '', level, found);
      found = negated ? `(not ${made})` : made;
    }
  }

  /** To the end: expressions, and what separates them. @param columns names of what the query gives */
  everything(columns: readonly string[]): string {
    const parts: string[] = [];
    const names = [...columns];
    let listing = false;
    while (this.left > 0) {
      const part = this.take(',') ? ',' : this.expression(0);
      parts.push(part);
      listing = part === 'select' || (listing && part !== 'from');
      // MySQL keeps names given before the query there, MariaDB puts them into it
      if (listing && part === 'as' && names.length > 0) {
        this.next();
        parts.push(names.shift() ?? '');
      }
    }
    return parts.join(' ');
  }

  private operation(operator: string, level: number, left: string): string {
    switch (operator) {
      case 'between': {
        const low = this.expression(binds('='));
        this.expect('and');
        const high = this.expression(level);
        // MySQL writes it like this
        return low === high ? combined('=', left, low) : `(between ${left} ${low} ${high})`;
      }
      case 'is': {
        const not = this.take('not');
        const what = `(is ${left} ${this.next()})`;
        return not ? `(not ${what})` : what;
      }
      case 'in':
        this.expect('(');
        return `(in ${left} ${this.list()})`;
      case 'like': {
        const pattern = this.expression(level);
        return this.take('escape')
          ? `(like ${left} ${pattern} ${this.expression(level)})`
          : `(like ${left} ${pattern})`;
      }
      case 'member':
        this.expect('of');
        return `(member ${left} ${this.expression(level)})`;
      case 'sounds':
        this.expect('like');
        return `(sounds ${left} ${this.expression(level)})`;
      case 'collate':
        return `(collate ${left} ${this.next()})`;
      default:
        return combined(operator, left, this.expression(level));
    }
  }

  private operand(): string {
    const token = this.next();
    switch (token) {
      case '(':
        return this.list();
      case 'not':
        return `(not ${this.expression(binds('not'))})`;
      case '!':
        return `(not ${this.expression(binds('unary'))})`;
      case '-':
      case '~':
        return `(${token} ${this.expression(binds('unary') - 1)})`;
      case '+':
        return this.expression(binds('unary') - 1);
      case 'binary':
        // CHAR CHARSET BINARY
        if (ENDS_CALL.has(this.peek() ?? ')')) return token;
        this.certain = false;
        return `(binary ${this.expression(binds('unary'))})`;
      case 'interval': {
        const amount = this.expression(0);
        return `(interval ${amount} ${this.next()})`;
      }
      case 'case':
        return this.cases();
      default:
        return this.word(token);
    }
  }

  /** A literal, a name, a call. */
  private word(token: string): string {
    const following = this.peek();
    if (INTRODUCER.test(token) && following !== undefined && /^(['"]|0x)/.test(following)) return this.next();
    if (TYPED.test(token) && following?.startsWith("'")) return `(${token} ${this.next()})`;
    if (/^['"`]|^\d|^\./.test(token)) return this.qualified(token);
    if (!/^[\w$@]/.test(token)) throw new Unreadable();
    if (following !== '(' || WORDS.has(token)) return token;
    this.next();
    if (token === 'regexp_like') return this.matching();
    const name = SAME_FUNCTION[token] ?? token;
    if (!ALIKE.has(name)) this.certain = false;
    const list = this.list();
    // MariaDB says so
    return `(${name} ${name === 'exists' ? list.replace(/ limit 1$/, '') : list})`;
  }

  private qualified(token: string): string {
    return token.startsWith('`') && this.take('.') ? `${token}.${this.qualified(this.next())}` : token;
  }

  /** MySQL 8 writes REGEXP as a function. */
  private matching(): string {
    const [text, pattern, ...more] = this.items();
    if (text === undefined || pattern === undefined) throw new Unreadable();
    return more.length === 0 ? `(regexp ${text} ${pattern})` : `(regexp_like ${[text, pattern, ...more].join(' ')})`;
  }

  private cases(): string {
    const parts: string[] = [];
    while (!this.take('end')) {
      const word = this.peek();
      parts.push(word === 'when' || word === 'then' || word === 'else' ? this.next() : this.expression(0));
    }
    return `(case ${parts.join(' ')})`;
  }

  /** To the closing parenthesis: one expression, or several of them with what separates them. */
  private list(): string {
    const items = this.items();
    return items.length === 1 ? (items[0] ?? '') : `(, ${items.join(' , ')})`;
  }

  private items(): string[] {
    const items: string[] = [];
    if (this.take(')')) return items;
    for (;;) {
      // CAST(a AS CHAR(3)), EXTRACT(YEAR FROM a)
      const words: string[] = [];
      while (!ENDS_CALL.has(this.peek() ?? ')')) words.push(this.peek() === '*' ? this.next() : this.expression(0));
      items.push(words.join(' '));
      if (this.next() === ')') return items;
    }
  }

  private peek(): string | undefined {
    return this.tokens[this.at];
  }

  private next(): string {
    const token = this.tokens[this.at++];
    if (token === undefined) throw new Unreadable();
    return token;
  }

  private take(token: string): boolean {
    if (this.peek() !== token) return false;
    this.at++;
    return true;
  }

  private expect(token: string): void {
    if (!this.take(token)) throw new Unreadable();
  }
}

/** AND and OR of several are one list, however they are nested; of two that are equal none comes first. */
function combined(operator: string, left: string, right: string): string {
  if (operator === 'and' || operator === 'or') {
    const flat = (side: string) => (side.startsWith(`(${operator} `) ? side.slice(operator.length + 2, -1) : side);
    return `(${operator} ${flat(left)} ${flat(right)})`;
  }
  if (operator === '=' || operator === '<>' || operator === '<=>')
    return `(${operator} ${[left, right].sort().join(' ')})`;
  return `(${operator} ${left} ${right})`;
}
