/** What the task's options leave to be carried over by hand, as one text of statements to read. Nothing runs them. Pure. */
import type { CarriedObject } from '../engines/engine.ts';
import { visible } from '../util/visible.ts';
import type { TaskFacts } from './facts.ts';
import { leftOutBy } from './leftOut.ts';

export interface LeftToCarry {
  readonly object: CarriedObject;
  /** the task's option that leaves it out; null: a migration task moves no such thing, or does not say that it does */
  readonly option: string | null;
}

/** In an order in which they can be run: who, what they stand on, what works by itself, who may do what. */
const ORDER: readonly CarriedObject['kind'][] = [
  ...(['account', 'role', 'function', 'procedure', 'view', 'trigger', 'event', 'grant'] as const),
];

/** Of all objects of the source, those that the task was told to leave out. */
export function leftToCarry(
  task: Pick<TaskFacts, 'scope' | 'options'>,
  objects: readonly CarriedObject[],
): readonly LeftToCarry[] {
  const left = objects.flatMap((object): LeftToCarry[] => {
    if (object.kind === 'account' || object.kind === 'grant') {
      if (object.kind === 'account' && task.options?.migratesAccounts === true) return [];
      return [{ object, option: object.kind === 'account' ? 'IsMigrateAccount' : null }];
    }
    if (object.kind === 'role') return movesRole(task, object.name) ? [] : [{ object, option: 'RoleMode' }];
    const option = leftOutBy(task.scope, { ...object, kind: object.kind, database: object.database ?? '' });
    return option === null ? [] : [{ object, option }];
  });
  return left.toSorted((one, other) => ORDER.indexOf(one.object.kind) - ORDER.indexOf(other.object.kind));
}

/** Roles belong to the server: one entry that takes it along is enough. */
const movesRole = ({ scope }: Pick<TaskFacts, 'scope'>, name: string) =>
  scope.databases.some(({ objects }) =>
    objects?.some(
      ({ kind, moved }) => kind === 'role' && (moved === 'all' || (moved !== 'none' && moved.includes(name))),
    ),
  );

export interface CarryOverTexts {
  readonly heading: readonly string[];
  /** before each object: what it is and which option leaves it out */
  object(kind: CarriedObject['kind'], name: string, option: string | null): string;
  /** where no statement can be made; `why` in the reader's language */
  none(object: CarriedObject): string;
  readonly nothing: string;
}

/** @param comment begins a comment of the engine's shell, e.g. `--` */
export function carryOverScript(left: readonly LeftToCarry[], comment: string, texts: CarryOverTexts): string {
  const line = (text: string) => `${comment} ${visible(text).replace(/\s+/g, ' ')}`;
  const parts = left.map(({ object, option }) => {
    const name = [object.database, object.schema, object.name].filter((part) => part !== null && part !== '').join('.');
    return [line(texts.object(object.kind, name, option)), object.statement ?? line(texts.none(object))].join('\n');
  });
  if (parts.length === 0) parts.push(line(texts.nothing));
  return `${[texts.heading.map(line).join('\n'), ...parts].join('\n\n')}\n`;
}
