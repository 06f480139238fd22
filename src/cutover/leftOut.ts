/** What a task was told not to move: missing on the target by decision, not by accident. */
import { sentence, type Sentence } from '../util/sentence.ts';
import type { MigrationScope, MovedKind, ScopedObjects, TaskFacts } from './facts.ts';

/** Kinds that come over only where `AdvancedObjects` names them, if the task tells that list at all. */
const ADVANCED: ReadonlySet<MovedKind> = new Set<MovedKind>(['trigger', 'function', 'procedure', 'event']);

const OPTIONS: Readonly<Record<MovedKind, string>> = {
  view: 'ViewMode',
  role: 'RoleMode',
  function: 'FunctionMode',
  procedure: 'ProcedureMode',
  trigger: 'TriggerMode',
  event: 'EventMode',
};

/** The option that leaves an object of the source out; null where it should come over, or where nothing is told. */
export function leftOutBy(
  scope: MigrationScope,
  object: {
    readonly kind: MovedKind;
    readonly database: string;
    readonly schema: string | null;
    readonly name: string;
  },
): string | null {
  if (ADVANCED.has(object.kind) && scope.advancedObjects && !scope.advancedObjects.includes(object.kind)) {
    return 'AdvancedObjects';
  }
  const entries = scope.databases.filter(
    ({ name, schema }) => name === object.database && (schema === null || schema === object.schema),
  );
  const told = entries.flatMap(({ objects }) => (objects ?? []).filter(({ kind }) => kind === object.kind));
  // an entry that says nothing of this kind leaves it open whether it comes over
  if (told.length === 0 || told.length < entries.length) return null;
  return told.every((each) => isLeftOut(each, object.name)) ? OPTIONS[object.kind] : null;
}

function isLeftOut({ moved }: ScopedObjects, name: string): boolean {
  return moved === 'none' || (moved !== 'all' && !moved.includes(name));
}

/** What the task's options mean for the night, one sentence each; empty where they leave nothing to say. */
export function optionRemarks({ scope, options }: TaskFacts): readonly Sentence[] {
  const remarks: Sentence[] = [];
  const advanced = scope.advancedObjects;
  const missing = advanced ? [...ADVANCED].filter((kind) => !advanced.includes(kind)) : [];
  if (missing.length > 0) {
    const kinds = missing.join(', ');
    remarks.push(
      sentence('The task does not move these kinds of objects: {kinds} (AdvancedObjects). Carry them over by hand.', {
        kinds,
      }),
    );
  }
  for (const { name, objects } of scope.databases) {
    for (const { kind, moved } of objects ?? []) {
      if (moved === 'all' || ADVANCED.has(kind)) continue;
      const option = OPTIONS[kind];
      remarks.push(
        moved === 'none'
          ? sentence('Of {database} the task moves no {kind} ({option}).', { database: name, kind, option })
          : sentence('Of {database} the task moves only some of kind {kind} ({option}): {names}', {
              ...{ database: name, kind, option },
              names: moved.join(', ') || '–',
            }),
      );
    }
  }
  if (options?.targetReadOnly) {
    remarks.push(
      sentence('The task keeps the target read-only while it runs (IsDstReadOnly): look before the switch.'),
    );
  }
  if (options?.migratesAccounts === false) {
    remarks.push(
      sentence('The task does not move accounts (IsMigrateAccount): create those of the business on the target.'),
    );
  }
  return remarks;
}
