/**
 * Reads what can be read of an answer. One odd item must not hide a page of tasks, nor a decorative field of an odd type
 * a whole task: what does not fit the schema is left out and named. There is no answer only where something is missing
 * without which it says nothing, such as the task's id.
 */
import type * as z from 'zod';

export interface Answered<T> {
  readonly readable: true;
  readonly data: T;
  /** where something stood that could not be read, e.g. `JobList.3` or `StepInfo.StepInfo.0.StepName`; never what */
  readonly unreadable: readonly string[];
}

export interface Unreadable {
  readonly readable: false;
  /** what is wrong is at this place */
  readonly failedAt: string;
}

type Path = readonly PropertyKey[];

/** Lists in the schema must be made by `listOf`, which takes the gap that an item leaves. */
export function readWhatCanBeRead<T>(schema: z.ZodType<T>, answer: unknown): Answered<T> | Unreadable {
  const unreadable: string[] = [];
  let rest = answer;
  for (;;) {
    const parsed = schema.safeParse(rest);
    if (parsed.success) return { readable: true, data: parsed.data, unreadable };
    if (rest === answer) rest = structuredClone(answer);
    // every round leaves out at least one value, so there is an end
    const places = parsed.error.issues.map(({ path }) => standingAt(rest, path));
    if (places.some(({ length }) => length === 0)) {
      return { readable: false, failedAt: nameOf(parsed.error.issues[0]?.path ?? []) };
    }
    for (const place of places) {
      // what it stood in may just have been left out
      if (memberAt(rest, place) === undefined) continue;
      leaveOut(rest, place);
      unreadable.push(nameOf(place));
    }
  }
}

const nameOf = (path: Path) => path.map(String).join('.') || 'Response';

/** The path itself, or of what something is missing from: the last part of the path at which a value stands. */
function standingAt(root: unknown, path: Path): Path {
  for (let length = path.length; length > 0; length--) {
    const part = path.slice(0, length);
    if (memberAt(root, part) !== undefined) return part;
  }
  return [];
}

function memberAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => {
    return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
      ? Reflect.get(value, key)
      : undefined;
  }, root);
}

function leaveOut(root: unknown, path: Path): void {
  const [parent, key] = [memberAt(root, path.slice(0, -1)), path.at(-1)];
  if (typeof parent === 'object' && parent !== null && key !== undefined) Reflect.set(parent, key, undefined);
}
