/** Evaluates a SELECT over tables and views given as rows. Nested loops: the tests' tables are small. */
import type { Expr, Select, Source } from './ast.ts';
import { convert } from './convert.ts';
import { call, type Surroundings } from './functions.ts';
import { calculate, compare } from './operators.ts';
import {
  Decimal,
  integer,
  isDecimal,
  isInteger,
  plain,
  SqlError,
  sqlType,
  typed,
  type SqlType,
  type Typed,
} from './values.ts';

export interface Relation {
  readonly columns: readonly string[];
  readonly types: readonly SqlType[];
  readonly rows: readonly (readonly Typed[])[];
}

export interface World extends Surroundings {
  /** the rows of a table or view as this session sees them */
  relation(name: readonly string[]): Relation;
}

interface Bound {
  readonly alias: string;
  readonly columns: readonly string[];
  readonly values: readonly Typed[];
}

/** The current row of every source, and the query around. */
export interface Scope {
  readonly bound: readonly Bound[];
  readonly outer: Scope | null;
}

interface Place {
  readonly world: World;
  readonly scope: Scope | null;
  /** rows of the group; null outside of a grouped query */
  readonly group: readonly Scope[] | null;
  readonly keys: readonly Expr[];
  /** set while the argument of an aggregate is looked at */
  readonly inAggregate: boolean;
  readonly numbers: ReadonlyMap<Expr, number>;
}

const AGGREGATES = new Set(['SUM', 'MIN', 'MAX', 'COUNT_BIG']);

export function select(query: Select, world: World, outer: Scope | null): Relation {
  let scopes: Scope[] = [{ bound: [], outer }];
  const most = limitOf(query, { world, scope: outer });
  for (const source of query.from) scopes = joined(scopes, source, world, outer).slice(0, most);
  const at = (scope: Scope): Place => ({ world, scope, group: null, keys: [], inAggregate: false, numbers: new Map() });
  const { where } = query;
  if (where) scopes = scopes.filter((scope) => truth(evaluate(where, at(scope))));
  const grouped = query.group.length > 0 || query.items.some(({ of }) => hasAggregate(of));
  let places = grouped ? groupsOf(query, scopes, world, outer) : numbered(query, scopes.map(at));
  if (query.order.length > 0) places = ordered(query, places);
  if (query.top) places = places.slice(0, topOf(query.top, { world, scope: outer }));
  const rows = places.map((place) => query.items.map(({ of }) => evaluate(of, place)));
  const types = query.items.map((_, i) => rows[0]?.[i]?.type ?? sqlType('int'));
  return { columns: query.items.map(({ name }) => name), types, rows };
}

function topOf(top: Expr, { world, scope }: Pick<Place, 'world' | 'scope'>): number {
  const { value } = evaluate(top, { world, scope, group: null, keys: [], inAggregate: false, numbers: new Map() });
  if (value === null) throw new SqlError(1014, 'A TOP or FETCH clause contains an invalid value.');
  return Number(value);
}

/** Rows needed of lists that are only multiplied with each other. */
function limitOf({ top, from, where, order }: Select, place: Pick<Place, 'world' | 'scope'>): number {
  const lists = from.every(({ relation, join }) => relation.is === 'values' && join === 'cross');
  return top && lists && !where && order.length === 0 ? topOf(top, place) : Number.POSITIVE_INFINITY;
}

function joined(scopes: readonly Scope[], source: Source, world: World, outer: Scope | null): Scope[] {
  const found: Scope[] = [];
  const fixed = source.relation.is === 'select' ? null : relationOf(source, world, outer);
  for (const scope of scopes) {
    const relation = fixed ?? relationOf(source, world, outer);
    let matched = false;
    for (const values of relation.rows) {
      const next = { bound: [...scope.bound, { alias: source.alias, columns: relation.columns, values }], outer };
      const place = { world, scope: next, group: null, keys: [], inAggregate: false, numbers: new Map() };
      if (source.on && !truth(evaluate(source.on, place))) continue;
      matched = true;
      found.push(next);
    }
    if (matched || source.join !== 'left') continue;
    const nothing = relation.types.map((type) => typed(type, null));
    found.push({ bound: [...scope.bound, { alias: source.alias, columns: relation.columns, values: nothing }], outer });
  }
  return found;
}

function relationOf({ relation }: Source, world: World, outer: Scope | null): Relation {
  if (relation.is === 'table') return world.relation(relation.name);
  if (relation.is === 'select') return select(relation.select, world, outer);
  const place = { world, scope: outer, group: null, keys: [], inAggregate: false, numbers: new Map() };
  const rows = relation.rows.map((row) => row.map((value) => evaluate(value, place)));
  return { columns: relation.columns, rows, types: (rows[0] ?? []).map(({ type }) => type) };
}

function groupsOf(query: Select, scopes: readonly Scope[], world: World, outer: Scope | null): Place[] {
  const groups = new Map<string, Scope[]>();
  for (const scope of scopes) {
    const place = { world, scope, group: null, keys: [], inAggregate: false, numbers: new Map() };
    const id = JSON.stringify(query.group.map((key) => identityOf(evaluate(key, place))));
    const group = groups.get(id);
    if (group) group.push(scope);
    else groups.set(id, [scope]);
  }
  if (query.group.length === 0 && groups.size === 0) groups.set('', []);
  return [...groups.values()].map((group) => ({
    world,
    scope: group[0] ?? { bound: [], outer },
    group,
    keys: query.group,
    inAggregate: false,
    numbers: new Map(),
  }));
}

/** The same for equal values. */
function identityOf({ value }: Typed): string {
  if (value instanceof Decimal) return `${value.units}/${value.scale}`;
  if (Buffer.isBuffer(value)) return value.toString('hex');
  return value === null ? 'NULL' : `=${plain(value)}`;
}

/** ROW_NUMBER, by the values it is partitioned by. */
function numbered(query: Select, places: readonly Place[]): Place[] {
  const windows: Extract<Expr, { is: 'call' }>[] = [];
  for (const { of } of query.items) walk(of, (part) => void (part.is === 'call' && part.over && windows.push(part)));
  if (windows.length === 0) return [...places];
  const seen = new Map<string, number>();
  return places.map((place) => {
    const numbers = new Map<Expr, number>();
    windows.forEach((window, i) => {
      const id = JSON.stringify([i, (window.over ?? []).map((part) => identityOf(evaluate(part, place)))]);
      seen.set(id, (seen.get(id) ?? 0) + 1);
      numbers.set(window, seen.get(id) ?? 0);
    });
    return { ...place, numbers };
  });
}

function ordered(query: Select, places: readonly Place[]): Place[] {
  const keyed = places.map((place) => ({ place, by: query.order.map(({ of }) => evaluate(of, place)) }));
  keyed.sort((a, b) => {
    for (const [i, { down }] of query.order.entries()) {
      const [x, y] = [a.by[i], b.by[i]];
      if (!x || !y) continue;
      const found =
        x.value === null ? (y.value === null ? 0 : -1) : y.value === null ? 1 : (compare(x, y, a.place.world) ?? 0);
      if (found !== 0) return down ? -found : found;
    }
    return 0;
  });
  return keyed.map(({ place }) => place);
}

/** Everything but true is not true. */
export const truth = ({ value }: Typed) => value === 1n;
const verdict = (value: boolean | null): Typed => typed(sqlType('int'), value === null ? null : value ? 1n : 0n);

export function evaluate(of: Expr, place: Place): Typed {
  const { world } = place;
  const sub = (part: Expr) => evaluate(part, place);
  if (place.group && place.keys.some((key) => written(key) === written(of))) {
    return evaluate(of, { ...place, group: null });
  }
  switch (of.is) {
    case 'literal':
      return of.value;
    case 'variable':
      if (of.name === '@@TRANCOUNT') return integer(world.depth);
      throw new SqlError(137, `Must declare the scalar variable "${of.name}".`);
    case 'column':
      return column(of.parts, place);
    case 'collate':
      return { ...sub(of.of), type: { ...sub(of.of).type, collation: of.collation } };
    case 'not': {
      const value = sub(of.of).value;
      return verdict(value === null ? null : value === 0n);
    }
    case 'negative': {
      const { type, value } = sub(of.of);
      if (value instanceof Decimal) return typed(type, new Decimal(-value.units, value.scale));
      return typed(type, typeof value === 'bigint' ? -value : typeof value === 'number' ? -value : null);
    }
    case 'null':
      return verdict((sub(of.of).value === null) !== of.not);
    case 'between':
      return both(
        sub({ is: 'binary', op: '>=', left: of.of, right: of.low }),
        sub({ is: 'binary', op: '<=', left: of.of, right: of.high }),
      );
    case 'in': {
      const own = sub(of.of);
      const found = of.list.some((value) => compare(own, sub(value), world) === 0);
      return verdict(own.value === null ? null : found !== of.not);
    }
    case 'case':
      for (const { when, then } of of.whens) if (truth(sub(when))) return sub(then);
      return of.other ? sub(of.other) : integer(null);
    case 'cast':
      return convert(sub(of.of), of.to, of.style ? Number(sub(of.style).value) : null, world);
    case 'scalar':
    case 'exists': {
      if (place.inAggregate) {
        throw new SqlError(
          130,
          'Cannot perform an aggregate function on an expression containing an aggregate or a subquery.',
        );
      }
      const { rows } = select(of.select, world, place.scope);
      if (of.is === 'exists') return verdict(rows.length > 0);
      if (rows.length > 1) throw new SqlError(512, 'Subquery returned more than 1 value.');
      return rows[0]?.[0] ?? integer(null);
    }
    case 'call':
      return called(of, place);
    case 'binary':
      return binary(of.op, sub(of.left), sub(of.right), world);
    case 'star':
      throw new SqlError(102, "Incorrect syntax near '*'.");
  }
}

const texts = new WeakMap<Expr, string>();

/** An expression as a text that is the same for the same expression. */
function written(of: Expr): string {
  const known = texts.get(of);
  if (known !== undefined) return known;
  const text = JSON.stringify(of, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
  texts.set(of, text);
  return text;
}

function called(of: Extract<Expr, { is: 'call' }>, place: Place): Typed {
  if (of.over) return typed(sqlType('bigint'), BigInt(place.numbers.get(of) ?? 0));
  if (AGGREGATES.has(of.name)) return aggregate(of, place);
  // the unit of DATEDIFF is a word, not a column
  if (of.name === 'DATEDIFF') {
    const [unit, ...rest] = of.args;
    if (unit?.is !== 'column' || unit.parts[0] !== 'day') throw new SqlError(155, 'not a recognized datepart option');
    return call(of.name, [integer(null), ...rest.map((part) => evaluate(part, place))], place.world);
  }
  return call(
    of.name,
    of.args.map((part) => evaluate(part, place)),
    place.world,
  );
}

function aggregate(of: Extract<Expr, { is: 'call' }>, place: Place): Typed {
  const { group, world } = place;
  if (!group) throw new SqlError(147, 'An aggregate may not appear here.');
  const [argument] = of.args;
  if (!argument || argument.is === 'star') return typed(sqlType('bigint'), BigInt(group.length));
  const values = group.map((scope) => evaluate(argument, { ...place, scope, group: null, inAggregate: true }));
  const present = values.filter(({ value }) => value !== null);
  if (of.name === 'COUNT_BIG') return typed(sqlType('bigint'), BigInt(present.length));
  const [first] = present;
  if (of.name === 'SUM') return sumOf(present, values[0]?.type ?? sqlType('int'));
  if (!first) return values[0] ?? integer(null);
  const sign = of.name === 'MIN' ? 1 : -1;
  return present.reduce((best, value) => ((compare(value, best, world) ?? 0) * sign < 0 ? value : best), first);
}

function sumOf(values: readonly Typed[], type: SqlType): Typed {
  if (!isInteger(type) && !isDecimal(type))
    throw new SqlError(8117, `Operand data type ${type.name} is invalid for sum operator.`);
  if (values.length === 0) return typed(type, null);
  const units = values.reduce(
    (sum, { value }) => sum + (value instanceof Decimal ? value.units : BigInt(plain(value))),
    0n,
  );
  if (isDecimal(type)) {
    if (String(units).replace('-', '').length > 38)
      throw new SqlError(8115, 'Arithmetic overflow error converting expression to data type numeric.');
    return typed({ ...type, precision: 38 }, new Decimal(units, type.scale));
  }
  const name = type.name === 'bigint' ? 'bigint' : 'int';
  return calculate('+', typed(sqlType(name), units), typed(sqlType(name), 0n), { level: 0 });
}

function column(parts: readonly string[], { scope, group, inAggregate }: Place): Typed {
  if (group)
    throw new SqlError(
      8120,
      `Column '${parts.join('.')}' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.`,
    );
  const [first = '', second] = parts;
  const [alias, name] = second === undefined ? [null, first] : [first.toLowerCase(), second];
  for (let at = scope, level = 0; at; at = at.outer, level++) {
    for (const { alias: own, columns, values } of at.bound) {
      if (alias !== null && own.toLowerCase() !== alias) continue;
      const index = columns.findIndex((known) => known.toLowerCase() === name.toLowerCase());
      if (index < 0) continue;
      // an aggregate over columns of the query around belongs to that query
      if (inAggregate && level > 0)
        throw new SqlError(
          8124,
          'Multiple columns are specified in an aggregated expression containing an outer reference.',
        );
      return values[index] ?? integer(null);
    }
  }
  throw new SqlError(second === undefined ? 207 : 4104, `Invalid column name '${parts.join('.')}'.`);
}

function both(a: Typed, b: Typed): Typed {
  if (a.value === 0n || b.value === 0n) return verdict(false);
  return verdict(a.value === null || b.value === null ? null : true);
}

function binary(op: string, left: Typed, right: Typed, world: World): Typed {
  if (op === 'AND') return both(left, right);
  if (op === 'OR') {
    if (truth(left) || truth(right)) return verdict(true);
    return verdict(left.value === null || right.value === null ? null : false);
  }
  if (!/[=<>]/.test(op)) return calculate(op, left, right, world);
  const found = compare(left, right, world);
  if (found === null) return verdict(null);
  return verdict(
    { '=': found === 0, '<>': found !== 0, '<': found < 0, '>': found > 0, '<=': found <= 0, '>=': found >= 0 }[op] ??
      false,
  );
}

function hasAggregate(of: Expr): boolean {
  let found = false;
  walk(of, (part) => (found ||= part.is === 'call' && part.over === null && AGGREGATES.has(part.name)));
  return found;
}

/** All parts of an expression but those of queries within. */
function walk(of: Expr, visit: (part: Expr) => void): void {
  visit(of);
  const parts: Expr[] = [];
  if ('of' in of) parts.push(of.of);
  if (of.is === 'binary') parts.push(of.left, of.right);
  if (of.is === 'call') parts.push(...of.args);
  if (of.is === 'in') parts.push(...of.list);
  if (of.is === 'between') parts.push(of.low, of.high);
  if (of.is === 'case')
    parts.push(...of.whens.flatMap(({ when, then }) => [when, then]), ...(of.other ? [of.other] : []));
  for (const part of parts) walk(part, visit);
}
