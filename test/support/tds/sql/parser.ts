/** The part of Transact-SQL that the digest and the tests' own statements are written in. */
import type { ColumnDefinition, Expr, Select, Source, Statement } from './ast.ts';
import { tokens, type Token } from './lexer.ts';
import { Decimal, integer, SqlError, sqlType, typed, type SqlType } from './values.ts';

export function parse(sql: string): Statement[] {
  const parser = new Parser(sql);
  const found: Statement[] = [];
  while (!parser.ended) {
    found.push(parser.statement());
    parser.skipSemicolons();
  }
  return found;
}

const AGAIN = new Set([
  'FROM',
  'WHERE',
  'GROUP',
  'ORDER',
  'OPTION',
  'UNION',
  'INNER',
  'LEFT',
  'CROSS',
  'JOIN',
  'ON',
  'AND',
  'OR',
  'AS',
  'WITH',
  'SET',
  'VALUES',
]);

class Parser {
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

  statement(): Statement {
    if (this.is('SELECT')) return { is: 'select', select: this.select() };
    if (this.take('IF')) {
      for (const word of ['@@TRANCOUNT', '>', '0', 'ROLLBACK', 'TRANSACTION']) this.need(word);
      return { is: 'rollback' };
    }
    if (this.take('BEGIN')) {
      this.need('TRANSACTION');
      return { is: 'begin' };
    }
    if (this.take('SET')) return this.set();
    if (this.take('CREATE')) return this.createTable();
    if (this.take('INSERT')) return this.insert();
    if (this.take('UPDATE')) return this.update();
    if (this.take('DELETE')) {
      this.need('FROM');
      return { is: 'delete', name: this.name(), where: this.take('WHERE') ? this.expression() : null };
    }
    if (this.take('DROP')) {
      this.need('TABLE');
      return { is: 'drop table', name: this.name() };
    }
    throw this.wrong();
  }

  private set(): Statement {
    const words: string[] = [];
    while (!this.is(';') && !this.ended) words.push(this.next().text);
    return { is: 'set', option: words.slice(0, -1).join(' ').toUpperCase(), value: words.at(-1) ?? '' };
  }

  private createTable(): Statement {
    this.need('TABLE');
    const name = this.name();
    const columns: ColumnDefinition[] = [];
    const keys: { primary: boolean; columns: string[] }[] = [];
    this.need('(');
    do {
      if (this.is('PRIMARY') || this.is('UNIQUE')) {
        const primary = this.takeKey();
        this.need('(');
        keys.push({ primary, columns: this.list(() => this.next().text) });
        this.need(')');
      } else columns.push(this.column(keys));
    } while (this.take(','));
    this.need(')');
    return { is: 'create table', name, keys, columns };
  }

  private takeKey(): boolean {
    const primary = this.take('PRIMARY');
    this.need(primary ? 'KEY' : 'UNIQUE');
    if (this.take('NONCLUSTERED')) return primary;
    this.take('CLUSTERED');
    return primary;
  }

  private column(keys: { primary: boolean; columns: string[] }[]): ColumnDefinition {
    const name = this.next().text;
    if (this.take('AS')) {
      const computed = this.primary();
      return { name, type: sqlType('int'), nullable: true, identity: false, computed };
    }
    let type = this.type();
    let nullable = type.name !== 'timestamp';
    let identity = false;
    for (;;) {
      if (this.take('COLLATE')) type = { ...type, collation: this.next().text };
      else if (this.take('NOT')) {
        this.need('NULL');
        nullable = false;
      } else if (this.take('IDENTITY')) identity = true;
      else if (this.is('PRIMARY') || this.is('UNIQUE')) {
        const primary = this.takeKey();
        if (primary) nullable = false;
        keys.push({ primary, columns: [name] });
      } else if (!this.take('NULL')) return { name, type, nullable: nullable && !identity, identity, computed: null };
    }
  }

  private insert(): Statement {
    this.need('INTO');
    const name = this.name();
    let columns: string[] | null = null;
    if (this.take('(')) {
      columns = this.list(() => this.next().text);
      this.need(')');
    }
    this.need('VALUES');
    return { is: 'insert', name, columns, rows: this.rows() };
  }

  private update(): Statement {
    const name = this.name();
    this.need('SET');
    const set = this.list(() => {
      const column = this.next().text;
      this.need('=');
      return { column, to: this.expression() };
    });
    return { is: 'update', name, set, where: this.take('WHERE') ? this.expression() : null };
  }

  private rows(): Expr[][] {
    return this.list(() => {
      this.need('(');
      const row = this.list(() => this.expression());
      this.need(')');
      return row;
    });
  }

  select(): Select {
    this.need('SELECT');
    let top: Expr | null = null;
    if (this.take('TOP')) {
      this.need('(');
      top = this.expression();
      this.need(')');
    }
    const items = this.list(() => this.item());
    const from: Source[] = [];
    if (this.take('FROM')) {
      from.push({ ...this.relation(), join: 'cross', on: null });
      for (let more = this.join(); more; more = this.join()) from.push(more);
    }
    const where = this.take('WHERE') ? this.expression() : null;
    const group = this.takeBoth('GROUP', 'BY') ? this.list(() => this.expression()) : [];
    const order = this.takeBoth('ORDER', 'BY') ? this.order() : [];
    if (this.take('OPTION')) for (const word of ['(', 'MAXDOP', '1', ')']) this.need(word);
    return { top, items, from, where, group, order };
  }

  private order(): Select['order'] {
    return this.list(() => {
      const of = this.expression();
      const down = this.take('DESC');
      return { of, down };
    });
  }

  private item(): Select['items'][number] {
    const of = this.expression();
    const name = this.take('AS') ? this.next().text : of.is === 'column' ? (of.parts.at(-1) ?? '') : '';
    return { of, name };
  }

  private join(): Source | null {
    if (this.takeBoth('CROSS', 'JOIN')) return { ...this.relation(), join: 'cross', on: null };
    const left = this.take('LEFT');
    if (!left && this.take('INNER')) this.take('LOOP');
    if (!this.take('JOIN')) return null;
    const relation = this.relation();
    this.need('ON');
    return { ...relation, join: left ? 'left' : 'inner', on: this.expression() };
  }

  private relation(): Pick<Source, 'alias' | 'relation'> {
    if (!this.take('(')) {
      const name = this.name();
      this.take('AS');
      const plain = this.token.kind === 'word' && !AGAIN.has(this.token.text.toUpperCase());
      return { relation: { is: 'table', name }, alias: plain ? this.next().text : (name.at(-1) ?? '') };
    }
    const values = this.take('VALUES');
    const relation = values
      ? { is: 'values' as const, rows: this.rows() }
      : { is: 'select' as const, select: this.select() };
    this.need(')');
    this.need('AS');
    const alias = this.next().text;
    if (relation.is === 'select') return { alias, relation };
    this.need('(');
    const columns = this.list(() => this.next().text);
    this.need(')');
    return { alias, relation: { ...relation, columns } };
  }

  expression(): Expr {
    let left = this.conjunction();
    while (this.take('OR')) left = { is: 'binary', op: 'OR', left, right: this.conjunction() };
    return left;
  }

  private conjunction(): Expr {
    let left = this.negation();
    while (this.take('AND')) left = { is: 'binary', op: 'AND', left, right: this.negation() };
    return left;
  }

  private negation(): Expr {
    return this.take('NOT') ? { is: 'not', of: this.negation() } : this.comparison();
  }

  private comparison(): Expr {
    const left = this.sum();
    for (const op of ['=', '<>', '<=', '>=', '<', '>']) {
      if (this.take(op)) return { is: 'binary', op, left, right: this.sum() };
    }
    if (this.take('IS')) {
      const not = this.take('NOT');
      this.need('NULL');
      return { is: 'null', of: left, not };
    }
    if (this.take('BETWEEN')) {
      const low = this.sum();
      this.need('AND');
      return { is: 'between', of: left, low, high: this.sum() };
    }
    const not = this.take('NOT');
    if (!not && !this.is('IN')) return left;
    this.need('IN');
    this.need('(');
    const list = this.list(() => this.expression());
    this.need(')');
    return { is: 'in', of: left, list, not };
  }

  private sum(): Expr {
    let left = this.product();
    for (;;) {
      const op = ['+', '-', '&', '|'].find((symbol) => this.take(symbol));
      if (op === undefined) return left;
      left = { is: 'binary', op, left, right: this.product() };
    }
  }

  private product(): Expr {
    let left = this.collated();
    for (;;) {
      const op = ['*', '/', '%'].find((symbol) => this.take(symbol));
      if (op === undefined) return left;
      left = { is: 'binary', op, left, right: this.collated() };
    }
  }

  private collated(): Expr {
    let of = this.primary();
    while (this.take('COLLATE')) of = { is: 'collate', of, collation: this.next().text };
    return of;
  }

  private primary(): Expr {
    const { kind, text } = this.token;
    if (this.take('-')) return { is: 'negative', of: this.primary() };
    if (this.take('(')) {
      const of: Expr = this.is('SELECT') ? { is: 'scalar', select: this.select() } : this.expression();
      this.need(')');
      return of;
    }
    if (kind === 'number') return { is: 'literal', value: numberOf(this.next().text) };
    if (kind === 'string')
      return { is: 'literal', value: typed(sqlType('varchar', [textSize(text, 8000)]), this.next().text) };
    if (kind === 'unicode') {
      return { is: 'literal', value: typed(sqlType('nvarchar', [textSize(text, 4000)]), this.next().text) };
    }
    if (kind === 'binary') {
      const bytes = Buffer.from(this.next().text, 'hex');
      return {
        is: 'literal',
        value: typed(sqlType('varbinary', [bytes.length > 8000 ? -1 : Math.max(1, bytes.length)]), bytes),
      };
    }
    if (kind === 'name') return { is: 'column', parts: this.name() };
    if (kind !== 'word') throw this.wrong();
    return this.word(text);
  }

  private word(text: string): Expr {
    const upper = text.toUpperCase();
    if (this.take('NULL')) return { is: 'literal', value: typed(sqlType('int'), null) };
    if (text.startsWith('@@')) return { is: 'variable', name: this.next().text.toUpperCase() };
    if (this.take('EXISTS')) {
      this.need('(');
      const select = this.select();
      this.need(')');
      return { is: 'exists', select };
    }
    if (this.take('CASE')) return this.cases();
    if (upper === 'CAST' || upper === 'CONVERT') return this.cast(upper);
    if (this.all[this.at + 1]?.text !== '(') return { is: 'column', parts: this.name() };
    this.next();
    this.need('(');
    const args = this.is(')') ? [] : this.list(() => (this.take('*') ? ({ is: 'star' } as const) : this.expression()));
    this.need(')');
    return { is: 'call', name: upper, args, over: this.take('OVER') ? this.window() : null };
  }

  private window(): Expr[] {
    this.need('(');
    const partition = this.takeBoth('PARTITION', 'BY') ? this.list(() => this.expression()) : [];
    for (const word of ['ORDER', 'BY', '(', 'SELECT', 'NULL', ')', ')']) this.need(word);
    return partition;
  }

  private cases(): Expr {
    const whens: { when: Expr; then: Expr }[] = [];
    while (this.take('WHEN')) {
      const when = this.expression();
      this.need('THEN');
      whens.push({ when, then: this.expression() });
    }
    const other = this.take('ELSE') ? this.expression() : null;
    this.need('END');
    return { is: 'case', whens, other };
  }

  private cast(name: string): Expr {
    this.next();
    this.need('(');
    if (name === 'CONVERT') {
      const to = this.type();
      this.need(',');
      const of = this.expression();
      const style = this.take(',') ? this.expression() : null;
      this.need(')');
      return { is: 'cast', of, to, style };
    }
    const of = this.expression();
    this.need('AS');
    const to = this.type();
    this.need(')');
    return { is: 'cast', of, to, style: null };
  }

  private type(): SqlType {
    const name = this.next().text.toLowerCase();
    const sizes = this.take('(') ? this.list(() => this.next().text) : [];
    if (sizes.length > 0) this.need(')');
    return sqlType(
      name === 'rowversion' ? 'timestamp' : name,
      sizes.map((size) => (size.toLowerCase() === 'max' ? -1 : Number(size))),
    );
  }

  private name(): string[] {
    const parts = [this.next().text];
    while (this.take('.')) parts.push(this.next().text);
    return parts;
  }

  private list<T>(one: () => T): T[] {
    const found = [one()];
    while (this.take(',')) found.push(one());
    return found;
  }

  private get token(): Token {
    return this.all[this.at] ?? { kind: 'end', text: '' };
  }
  private next(): Token {
    const { token } = this;
    if (token.kind === 'end') throw this.wrong();
    this.at++;
    return token;
  }
  private is(text: string): boolean {
    const { kind, text: own } = this.token;
    return (kind === 'word' || kind === 'symbol' || kind === 'number') && own.toUpperCase() === text;
  }
  private take(text: string): boolean {
    const found = this.is(text);
    if (found) this.at++;
    return found;
  }
  private takeBoth(first: string, second: string): boolean {
    if (!this.is(first)) return false;
    this.at++;
    this.need(second);
    return true;
  }
  private need(text: string): void {
    if (!this.take(text)) throw this.wrong(text);
  }
  private wrong(wanted = ''): SqlError {
    return new SqlError(102, `Incorrect syntax near '${this.token.text}'${wanted === '' ? '' : `, ${wanted} wanted`}.`);
  }
}

const textSize = (text: string, most: number) => (text.length > most ? -1 : Math.max(1, text.length));

/** A whole number beyond int is numeric, one with an exponent float. */
function numberOf(text: string) {
  if (/e/i.test(text)) {
    const value = Number(text);
    if (value !== 0 && (value < 2.23e-308 || value > 1.79e308)) {
      throw new SqlError(
        168,
        `The floating point value '${text}' is out of the range of computer representation (8 bytes).`,
      );
    }
    return typed(sqlType('float'), value);
  }
  const [whole = '', fraction = ''] = text.split('.');
  if (fraction === '' && BigInt(whole) < 2n ** 31n) return integer(BigInt(whole));
  return decimalOf(whole, fraction);
}

function decimalOf(whole: string, fraction: string) {
  const precision = whole.replace(/^0+/, '').length + fraction.length;
  return typed(
    sqlType('numeric', [Math.max(1, precision), fraction.length]),
    new Decimal(BigInt(whole + fraction), fraction.length),
  );
}
