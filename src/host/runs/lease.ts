/**
 * The right to write a record, held by one process at a time: a file with a number in its name, created exclusively.
 * The highest number owns the record, so nothing has to be deleted or replaced to take it over, and an owner who slept
 * through that finds a higher one. Numbers grow and are never given twice while a later one lies there.
 */
import * as disk from 'node:fs/promises';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import path from 'node:path';
import type { RecordOwner } from '../../cutover/journal.ts';

export type Disk = Pick<
  typeof disk,
  'copyFile' | 'mkdir' | 'open' | 'readFile' | 'readdir' | 'rename' | 'rm' | 'stat' | 'utimes' | 'writeFile'
>;

/** A sign of life this often; others show when the last one was. */
const HEARTBEAT_MS = 5000;

interface Holder {
  readonly name: string;
  readonly pid: number;
  /** process ids mean something in this place only */
  readonly place: string;
  readonly released: boolean;
}

export class Lease {
  readonly #folder: string;
  readonly #name: string;
  readonly #disk: Disk;
  #number: number | null = null;
  #heart: NodeJS.Timeout | null = null;
  /** who has it, as far as we saw last; null when it is ours or free */
  owner: RecordOwner | null = null;

  /** `name` is the record's; leases of many records lie in one folder. */
  constructor(folder: string, name: string, files: Disk = disk) {
    this.#folder = folder;
    this.#name = name;
    this.#disk = files;
  }

  get held(): boolean {
    return this.#number !== null;
  }

  /** Ours, while we hold it; greater than that of every owner before. */
  get number(): number {
    return this.#number ?? 0;
  }

  /**
   * Takes it when it is free: nobody had it, it was given back, or its process has died; with `force` in any case.
   * Answers whether it was taken from somebody who did not give it back, who may still be about to write; null when
   * somebody has it, who then is `owner`.
   */
  async take(force: boolean): Promise<{ readonly from: string | null } | null> {
    if (await this.proven()) return { from: null };
    await this.#disk.mkdir(this.#folder, { recursive: true });
    for (;;) {
      const numbers = await this.#numbers();
      const newest = numbers.at(-1) ?? 0;
      const holder = newest === 0 ? null : await this.#read(newest);
      const free = newest === 0 || holder?.released === true || (holder !== null && isDead(holder));
      if (!free && !force) {
        this.owner = await this.#ownerOf(newest, holder);
        return null;
      }
      if (!(await this.#create(newest + 1))) continue;
      // somebody may have passed us and tidied up since we listed them
      if ((await this.#numbers()).at(-1) !== newest + 1) {
        await this.#disk.rm(this.#file(newest + 1), { force: true });
        continue;
      }
      this.#number = newest + 1;
      this.owner = null;
      for (const old of numbers) await this.#disk.rm(this.#file(old), { force: true });
      this.#beat();
      return { from: newest === 0 || holder?.released === true ? null : (holder?.name ?? '?') };
    }
  }

  /** Whether it is still ours; where not, `owner` says whose. */
  async proven(): Promise<boolean> {
    if (this.#number === null) return false;
    const newest = (await this.#numbers()).at(-1) ?? 0;
    if (newest === this.#number) return true;
    this.#forget();
    this.owner = newest === 0 ? { name: '?', seenAt: null } : await this.#ownerOf(newest, await this.#read(newest));
    return false;
  }

  async release(): Promise<void> {
    const number = this.#number;
    this.#forget();
    if (number === null) return;
    // never made anew: a later owner may have removed it. Nor emptied first: a full disk would leave it so
    const text = JSON.stringify({ ...ourselves(), released: true });
    const handle = await this.#disk.open(this.#file(number), 'r+').catch(() => null);
    try {
      await handle?.writeFile(text);
      await handle?.truncate(Buffer.byteLength(text));
    } catch {
      // it is free once this process has ended
    } finally {
      await handle?.close();
    }
  }

  #forget(): void {
    this.#number = null;
    if (this.#heart) clearInterval(this.#heart);
    this.#heart = null;
  }

  #beat(): void {
    this.#heart = setInterval(() => {
      const now = new Date();
      if (this.#number !== null) this.#disk.utimes(this.#file(this.#number), now, now).catch(() => undefined);
      this.proven().catch(() => undefined);
    }, HEARTBEAT_MS);
    this.#heart.unref();
  }

  async #create(number: number): Promise<boolean> {
    try {
      await this.#disk.writeFile(this.#file(number), JSON.stringify(ourselves()), { flag: 'wx', mode: 0o600 });
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      // on a full disk the empty file would be a lease that nobody has
      await this.#disk.rm(this.#file(number), { force: true }).catch(() => undefined);
      throw error;
    }
  }

  #numbers(): Promise<number[]> {
    return numbersOf(this.#disk, this.#folder, this.#name);
  }

  /** null while it is being written, or gone */
  async #read(number: number): Promise<Holder | null> {
    try {
      const value: unknown = JSON.parse(await this.#disk.readFile(this.#file(number), 'utf8'));
      return isHolder(value) ? value : null;
    } catch {
      return null;
    }
  }

  async #ownerOf(number: number, holder: Holder | null): Promise<RecordOwner> {
    const seenAt = await this.#disk.stat(this.#file(number)).then(
      ({ mtimeMs }) => Math.round(mtimeMs),
      () => null,
    );
    return { name: holder?.name ?? '?', seenAt };
  }

  #file(number: number): string {
    return path.join(this.#folder, `${this.#name}.${number}`);
  }
}

/** The numbers n of the files `name.n` and then `end` in a folder, in order. */
export async function numbersOf(files: Disk, folder: string, name: string, end = ''): Promise<number[]> {
  const names = await files.readdir(folder);
  return names
    .filter((each) => each.startsWith(`${name}.`) && each.endsWith(end))
    .map((each) => Number(each.slice(name.length + 1, each.length - end.length)))
    .filter((number) => Number.isSafeInteger(number) && number > 0)
    .sort((a, b) => a - b);
}

const ourselves = (): Holder => {
  return { name: ownName(), pid: process.pid, place: ownPlace(), released: false };
};

/** For people: who writes here. */
export const ownName = () => `${userInfo().username}@${hostname()}, process ${process.pid}`;

/** The machine since it was started, and there the container. */
function ownPlace(): string {
  const parts = [hostname()];
  try {
    parts.push(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), readlinkSync('/proc/self/ns/pid'));
  } catch {
    parts.push(process.platform);
  }
  return parts.join(' ');
}

/** Certain only in our own place; elsewhere, or when its number was given to another process, the user decides. */
function isDead({ pid, place }: Holder): boolean {
  if (place !== ownPlace()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false;
  const { name, pid, place, released } = value as Partial<Record<keyof Holder, unknown>>;
  return (
    typeof name === 'string' &&
    typeof pid === 'number' &&
    Number.isSafeInteger(pid) &&
    pid > 0 &&
    typeof place === 'string' &&
    typeof released === 'boolean'
  );
}

/** `ENOSPC` and the like; undefined for anything but a system error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
