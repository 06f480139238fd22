/** Walks the tokens of a statement. */
import { tokens, type Token } from './lexer.ts';
import { SqlError } from './values.ts';

export class Cursor {
  private readonly all: Token[];
  private at = 0;

  constructor(sql: string) {
    this.all = tokens(sql);
  }

  get ended(): boolean {
    return this.token.kind === 'end';
  }
  skipSemicolons(): void {
    while (this.take(';'));
  }
  protected get followedByBracket(): boolean {
    return this.all[this.at + 1]?.text === '(';
  }

  protected list<T>(one: () => T): T[] {
    const found = [one()];
    while (this.take(',')) found.push(one());
    return found;
  }

  protected get token(): Token {
    return this.all[this.at] ?? { kind: 'end', text: '' };
  }
  protected next(): Token {
    const { token } = this;
    if (token.kind === 'end') throw this.wrong();
    this.at++;
    return token;
  }
  protected is(text: string): boolean {
    const { kind, text: own } = this.token;
    return (kind === 'word' || kind === 'symbol' || kind === 'number') && own.toUpperCase() === text;
  }
  protected take(text: string): boolean {
    const found = this.is(text);
    if (found) this.at++;
    return found;
  }
  protected takeBoth(first: string, second: string): boolean {
    if (!this.is(first)) return false;
    this.at++;
    this.need(second);
    return true;
  }
  protected need(text: string): void {
    if (!this.take(text)) throw this.wrong(text);
  }
  protected wrong(wanted = ''): SqlError {
    return new SqlError(102, `Incorrect syntax near '${this.token.text}'${wanted === '' ? '' : `, ${wanted} wanted`}.`);
  }
}
