/** SELECT and expressions, as far as the digest and the tests' own statements need them. */
import type { Expr, Select, Source } from './ast.ts';
import { Cursor } from './cursor.ts';
import { Decimal, integer, SqlError, sqlType, typed, type SqlType } from './values.ts';

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

export class QueryParser extends Cursor {
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

  protected order(): Select['order'] {
    return this.list(() => {
      const of = this.expression();
      const down = this.take('DESC');
      return { of, down };
    });
  }

  protected item(): Select['items'][number] {
    const of = this.expression();
    const name = this.take('AS') ? this.next().text : of.is === 'column' ? (of.parts.at(-1) ?? '') : '';
    return { of, name };
  }

  protected join(): Source | null {
    if (this.takeBoth('CROSS', 'JOIN')) return { ...this.relation(), join: 'cross', on: null };
    const left = this.take('LEFT');
    if (!left && this.take('INNER')) this.take('LOOP');
    if (!this.take('JOIN')) return null;
    const relation = this.relation();
    this.need('ON');
    return { ...relation, join: left ? 'left' : 'inner', on: this.expression() };
  }

  protected relation(): Pick<Source, 'alias' | 'relation'> {
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

  protected rows(): Expr[][] {
    return this.list(() => {
      this.need('(');
      const row = this.list(() => this.expression());
      this.need(')');
      return row;
    });
  }

  expression(): Expr {
    let left = this.conjunction();
    while (this.take('OR')) left = { is: 'binary', op: 'OR', left, right: this.conjunction() };
    return left;
  }

  protected conjunction(): Expr {
    let left = this.negation();
    while (this.take('AND')) left = { is: 'binary', op: 'AND', left, right: this.negation() };
    return left;
  }

  protected negation(): Expr {
    return this.take('NOT') ? { is: 'not', of: this.negation() } : this.comparison();
  }

  protected comparison(): Expr {
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

  protected sum(): Expr {
    let left = this.product();
    for (;;) {
      const op = ['+', '-', '&', '|'].find((symbol) => this.take(symbol));
      if (op === undefined) return left;
      left = { is: 'binary', op, left, right: this.product() };
    }
  }

  protected product(): Expr {
    let left = this.collated();
    for (;;) {
      const op = ['*', '/', '%'].find((symbol) => this.take(symbol));
      if (op === undefined) return left;
      left = { is: 'binary', op, left, right: this.collated() };
    }
  }

  protected collated(): Expr {
    let of = this.primary();
    while (this.take('COLLATE')) of = { is: 'collate', of, collation: this.next().text };
    return of;
  }

  protected primary(): Expr {
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

  protected word(text: string): Expr {
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
    if (!this.followedByBracket) return { is: 'column', parts: this.name() };
    this.next();
    this.need('(');
    const args = this.is(')') ? [] : this.list(() => (this.take('*') ? ({ is: 'star' } as const) : this.expression()));
    this.need(')');
    return { is: 'call', name: upper, args, over: this.take('OVER') ? this.window() : null };
  }

  protected window(): Expr[] {
    this.need('(');
    const partition = this.takeBoth('PARTITION', 'BY') ? this.list(() => this.expression()) : [];
    for (const word of ['ORDER', 'BY', '(', 'SELECT', 'NULL', ')', ')']) this.need(word);
    return partition;
  }

  protected cases(): Expr {
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

  protected cast(name: string): Expr {
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

  protected type(): SqlType {
    const name = this.next().text.toLowerCase();
    const sizes = this.take('(') ? this.list(() => this.next().text) : [];
    if (sizes.length > 0) this.need(')');
    return sqlType(
      name === 'rowversion' ? 'timestamp' : name,
      sizes.map((size) => (size.toLowerCase() === 'max' ? -1 : Number(size))),
    );
  }

  protected name(): string[] {
    const parts = [this.next().text];
    while (this.take('.')) parts.push(this.next().text);
    return parts;
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
