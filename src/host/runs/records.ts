/** The folder of records, which all windows of this machine and profile share. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { TaskRef } from '../../cutover/facts.ts';

/** Other windows show what an owner writes, and find out that it has gone, within this time. */
const LOOK_EVERY_MS = 2000;

/** The tasks whose record says that a cutover began and does not say that it was finished. */
export async function recordsUnderWay(folder: string): Promise<TaskRef[]> {
  const refs: TaskRef[] = [];
  for (const name of await filesIn(folder)) {
    const ref = refOf(name);
    if (ref && isUnderWay(await readFile(path.join(folder, name), 'utf8').catch(() => ''))) refs.push(ref);
  }
  return refs;
}

/**
 * By its words alone, without reading every entry of every record there ever was: quotes within an entry's texts are
 * escaped, so they cannot look like this. A damaged record counts as under way unless it ends with `finished`.
 */
function isUnderWay(text: string): boolean {
  const last = (...kinds: readonly string[]) => Math.max(...kinds.map((kind) => text.lastIndexOf(`"kind":"${kind}"`)));
  return last('started', 'recordDamaged', 'received', 'takenBack') > last('finished', 'handedOver');
}

/** The task a file's name stands for; null for other files that lie there. */
function refOf(name: string): TaskRef | null {
  const match = /^([^_]+)_(.+)\.jsonl$/.exec(name);
  if (!match?.[1] || !match[2] || /\.(finished|whole)$/.test(match[2])) return null;
  try {
    return { region: decodeURIComponent(match[1]), jobId: decodeURIComponent(match[2]) };
  } catch {
    return null;
  }
}

/**
 * Calls back every two seconds, and says whether a record was changed, made or removed since the time before: that an
 * owner died changes no file. One call at a time.
 */
export function watchRecords(folder: string, look: (changed: boolean) => Promise<void>): { dispose(): void } {
  let known: string | null = null;
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void stateOf(folder)
      .then((state) => {
        const changed = known !== null && state !== known;
        known = state;
        return look(changed);
      })
      .finally(() => (looking = false));
  }, LOOK_EVERY_MS);
  timer.unref();
  return { dispose: () => clearInterval(timer) };
}

async function stateOf(folder: string): Promise<string> {
  const names = (await filesIn(folder)).filter((name) => refOf(name) !== null);
  const told = names.map(async (name) => {
    const { size, mtimeMs } = await stat(path.join(folder, name)).catch(() => ({ size: 0, mtimeMs: 0 }));
    return `${name} ${size} ${mtimeMs}`;
  });
  return (await Promise.all(told)).join('\n');
}

/** None where the folder cannot be read: a record that is opened tells what is wrong with it. */
const filesIn = (folder: string) => readdir(folder).catch((): string[] => []);
