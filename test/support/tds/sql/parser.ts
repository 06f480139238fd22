/** The part of Transact-SQL that the digest and the tests' own statements are written in. */
import type { ColumnDefinition, Statement } from './ast.ts';
import { QueryParser } from './queryParser.ts';
import { sqlType } from './values.ts';

export function parse(sql: string): Statement[] {
  const parser = new Parser(sql);
  const found: Statement[] = [];
  while (!parser.ended) {
    found.push(parser.statement());
    parser.skipSemicolons();
  }
  return found;
}

class Parser extends QueryParser {
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
}
