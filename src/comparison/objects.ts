/** What goes beyond rows: are the other objects of the source on the target, with the same definition? */
import type { MovedKind } from '../cutover/facts.ts';
import { leftOutBy } from '../cutover/leftOut.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { columnsDiffer } from './columns.ts';
import { pairObjects, type CompareObjects } from './objectPairs.ts';
import type { SchemaObject } from './port.ts';
import type { ObjectResult } from './result.ts';
import { shortName } from './scope.ts';
import { differingTraits, spelledOut, type TraitDifference } from './traits.ts';

/** These on the target alone do something by themselves; another index or view does no harm. */
const ACTIVE = new Set<SchemaObject['kind']>(['trigger', 'event', 'constraint', 'options', 'policy', 'rule']);

export function compareObjects(request: CompareObjects): ObjectResult[] {
  const { pairs, extra } = pairObjects(request);
  const results = pairs.flatMap(({ source, target }) => {
    if (source.column) return comparedColumn(request, source, target);
    if (target) return compared(request, source, target);
    return source.part ? [] : [missing(request, source)];
  });
  return [...onceForMany(results), ...extra.map(onlyOnTarget)];
}

/** What may not work on the target, where that cannot be told. */
export function doubtsIn(request: CompareObjects): readonly Sentence[] {
  const doubts = pairObjects(request).pairs.flatMap(({ source, target }) => [
    ...(target?.fails && !target.fails.known ? [target.fails.why] : []),
    ...(target && isUnread(source, target) ? [unread(nameOf(source))] : []),
  ]);
  return [...new Map(doubts.map((why) => [JSON.stringify(why), why])).values()];
}

/** Why something may differ that was not seen. Tables that were asked for stand without large objects. */
export function unseenIn(
  source: readonly SchemaObject[],
  target: readonly SchemaObject[],
  listedOnly: boolean,
): readonly Sentence[] {
  const large = !listedOnly && source.some(({ kind }) => kind === 'large objects');
  return [...source, ...target]
    .filter(({ kind }) => kind !== 'large objects' || large)
    .flatMap(({ unseen }) => unseen ?? []);
}

function compared(request: CompareObjects, source: SchemaObject, target: SchemaObject): ObjectResult[] {
  const base = { kind: source.kind, name: nameOf(source), statement: null };
  const results: ObjectResult[] = [];
  const behind = sequenceBehind(source, target);
  if (behind) {
    results.push({
      ...base,
      verdict: 'different',
      detail: behind.detail,
      statement: request.raiseStatement(target, behind.next),
      counts: true,
    });
  }
  const told = source.definition === target.definition ? null : definitionsDiffer(request, source, target);
  if (told) results.push({ ...base, verdict: 'different', ...told });
  for (const differ of traitsDiffer(request, source, target))
    results.push({ ...base, verdict: 'different', ...differ });
  // what works on neither side was not broken by the move
  if (target.fails?.known) {
    const counts = source.fails?.known !== true;
    results.push({ ...base, verdict: 'different', detail: target.fails.why, counts });
  }
  if (results.length > 0 || source.part) return results;
  if (isUnread(source, target)) {
    return [{ ...base, verdict: 'different', detail: unread(nameOf(source)), counts: false, uncertain: true }];
  }
  return [{ ...base, verdict: 'same', detail: null, counts: true }];
}

type Told = Pick<ObjectResult, 'detail' | 'counts' | 'noted' | 'uncertain'>;

/** Null where they say the same. */
function definitionsDiffer(request: CompareObjects, source: SchemaObject, target: SchemaObject): Told | null {
  if (source.kind === 'grant') {
    const detail = sentence('source: {source}; target: {target}', {
      source: source.definition,
      target: target.definition,
    });
    return { detail, counts: false };
  }
  const spelledAlike = source.exact === true || (source.spelledAlike === true && !request.renamed);
  const alike = sayTheSame(request, source.definition, target.definition, spelledAlike);
  if (alike === true) return null;
  return alike === false
    ? { detail: sentence('The definitions differ.'), counts: true }
    : {
        detail: sentence(
          'The definitions read differently; the servers may spell the same thing in two ways: look at them.',
        ),
        counts: false,
        uncertain: true,
      };
}

/** Another server version, or names that were changed on the way, may spell the same thing differently. */
const sayTheSame = (
  { sameSpelling, renamed, definitionsAgree }: CompareObjects,
  source: string,
  target: string,
  spelledAlike: boolean,
): boolean | null =>
  sameSpelling || spelledAlike ? false : (definitionsAgree?.(source, target, renamed === true) ?? null);

/** What matters and what is only told stand apart. */
function traitsDiffer({ sameSpelling }: CompareObjects, source: SchemaObject, target: SchemaObject): Told[] {
  const found = differingTraits(source.traits ?? [], target.traits ?? [], sameSpelling);
  const remarks = found.flatMap(({ source: { remark }, counts }) =>
    remark ? [{ detail: remark, counts, noted: true }] : [],
  );
  const groups = [true, false].map((counts) => found.filter((each) => !each.source.remark && each.counts === counts));
  return [
    ...groups.flatMap((group) =>
      group.length === 0
        ? []
        : [
            {
              detail: both(spelledOut(group, 'source'), spelledOut(group, 'target'), group),
              counts: group[0]?.counts ?? true,
              ...(group.some(({ uncertain }) => uncertain) ? { uncertain: true } : {}),
            },
          ],
    ),
    ...remarks,
  ];
}

function both(source: string, target: string, differences: readonly TraitDifference[]): Sentence {
  const names = differences.filter(({ unavoidable }) => unavoidable).map((each) => each.source.value);
  return names.length === 0
    ? sentence('source: {source}; target: {target}', { source, target })
    : sentence('source: {source}; target: {target}. The target server has no {names}.', {
        source,
        target,
        names: names.join(', '),
      });
}

/** Columns that do the same are not listed: they are many. Of those missing on the target, the table tells. */
function comparedColumn(
  request: CompareObjects,
  source: SchemaObject,
  target: SchemaObject | undefined,
): ObjectResult[] {
  const { sameSpelling } = request;
  // whose values are computed is left out of the rows
  if (!target) return source.column?.generated ? [missing(request, source)] : [];
  const alike = (mine: string, theirs: string) =>
    sayTheSame(request, mine, theirs, source.spelledAlike === true && !request.renamed);
  const found = source.column && target.column ? columnsDiffer(source.column, target.column, alike) : null;
  const traits = differingTraits(source.traits ?? [], target.traits ?? [], sameSpelling);
  if (!found && traits.length === 0) return [];
  const counts = found?.counts === true || traits.some((trait) => trait.counts);
  const uncertain = !counts && (found?.uncertain === true || traits.some((trait) => trait.uncertain));
  const base = {
    ...({ kind: source.kind, name: nameOf(source), verdict: 'different', statement: null, counts } as const),
    ...(uncertain ? { uncertain } : {}),
  };
  return found || counts
    ? [{ ...base, detail: both(source.definition, target.definition, traits) }]
    : [{ ...base, detail: both(spelledOut(traits, 'source'), spelledOut(traits, 'target'), traits) }];
}

/** What is only told of thousands of columns or tables in the same words is told once, with how many more there are. */
function onceForMany(results: readonly ObjectResult[]): ObjectResult[] {
  // two definitions that are not shown have to be looked at one by one
  const isTold = ({ kind, counts, detail }: ObjectResult) =>
    !counts && kind !== 'grant' && detail?.args?.['source'] !== undefined;
  const told = new Map<string, ObjectResult[]>();
  for (const result of results.filter(isTold)) {
    const words = JSON.stringify([result.kind, result.detail]);
    const same = told.get(words);
    if (same) same.push(result);
    else told.set(words, [result]);
  }
  const once = [...told.values()].flatMap(([first, ...more]) =>
    first ? [more.length === 0 ? first : { ...first, name: `${first.name} (+${more.length})` }] : [],
  );
  return [...results.filter((result) => !isTold(result)), ...once];
}

/** Nothing is known of where it goes on, which is no difference and no likeness. */
const isUnread = (source: SchemaObject, target: SchemaObject) =>
  (source.kind === 'sequence' || source.kind === 'auto increment') && !(source.next && target.next);

const unread = (name: string) =>
  sentence('Where {name} goes on may not be read on both sides: numbers could be given twice.', { name });

/** After the switch the target gives the next numbers: they must lie beyond all that the source has given. */
function sequenceBehind(source: SchemaObject, target: SchemaObject): { detail: Sentence; next: bigint } | null {
  if (!source.next || !target.next) return null;
  const [mine, theirs] = [source.next.value, target.next.nearest ?? target.next.value];
  const ok = source.next.ascending ? theirs >= mine : theirs <= mine;
  if (ok) return null;
  const next = mine + (target.next.block ?? 0n);
  if (target.next.nearest !== undefined) {
    return {
      detail: sentence(
        'The source goes on at {source}. The target has reserved numbers up to {target} and may still give those from {nearest} on: numbers could be given twice.',
        { source: String(mine), target: String(target.next.value), nearest: String(theirs) },
      ),
      next,
    };
  }
  return {
    detail: sentence('The target would go on at {target}, the source at {source}: numbers would be given twice.', {
      source: String(mine),
      target: String(theirs),
    }),
    next,
  };
}

function onlyOnTarget(object: SchemaObject): ObjectResult {
  return {
    kind: object.kind,
    name: nameOf(object),
    verdict: 'missingOnSource',
    detail: null,
    statement: null,
    counts: ACTIVE.has(object.kind) || object.refuses === true,
  };
}

/** What the task was told to leave out is told, with the option's name; what is missing by accident counts. */
function missing({ scope, source }: CompareObjects, object: SchemaObject): ObjectResult {
  const option = movedAs(object).map(([kind, name]) =>
    leftOutBy(scope, { kind, name, database: source.database, schema: object.schema }),
  )[0];
  return {
    kind: object.kind,
    name: nameOf(object),
    verdict: 'missingOnTarget',
    detail: option ? sentence('The task leaves it out ({option}): carry it over by hand.', { option }) : null,
    statement: null,
    counts: object.kind !== 'grant' && !option,
  };
}

/** How a task's options speak of the object; empty for what they do not speak of. */
function movedAs({ kind, name }: SchemaObject): (readonly [MovedKind, string])[] {
  if (kind === 'view' || kind === 'trigger' || kind === 'event') return [[kind, name]];
  const [, routine, own = ''] = kind === 'routine' ? (/^(function|procedure) (.*)$/s.exec(name) ?? []) : [];
  return routine === 'function' || routine === 'procedure' ? [[routine, own]] : [];
}

function nameOf(object: SchemaObject): string {
  const { table, refersTo } = object;
  if (table && refersTo) {
    const outside = refersTo.table.database === table.database ? '' : `${refersTo.table.database}.`;
    return `${shortName(table)}: ${object.name} -> ${outside}${shortName(refersTo.table)} ${refersTo.columns}`;
  }
  if (table) return object.name === '' ? shortName(table) : `${shortName(table)}: ${object.name}`;
  return object.schema === null ? object.name : `${object.schema}.${object.name}`;
}
