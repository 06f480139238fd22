import * as disk from 'node:fs/promises';
import path from 'node:path';
import type { TaskRef } from '../../cutover/facts.ts';
import type { JournalEntry, JournalStore, RecordLease } from '../../cutover/journal.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { codeOf, Lease, numbersOf, type Disk } from './lease.ts';
import { beginning, lineOf, readLines, type Head, type RecordReading } from './recordLines.ts';

/** The file of a task's journal: one line an entry. */
export function journalFile(folder: string, { region, jobId }: TaskRef): string {
  return path.join(folder, `${encodeURIComponent(region)}_${encodeURIComponent(jobId)}.jsonl`);
}

/** A record on disk, which one process at a time may write. */
export interface FileJournal extends JournalStore {
  readonly lease: RecordLease;
}

/**
 * A journal on disk. A line counts once its line break is there. What cannot be believed is set aside as evidence by
 * the owner, and the record goes on with an entry that tells of it.
 */
export function fileJournal(file: string, files: Disk = disk): FileJournal {
  return new RecordFile(file, files);
}

class RecordFile implements FileJournal {
  readonly lease: FileJournal['lease'];
  readonly #file: string;
  readonly #disk: Disk;
  readonly #lease: Lease;
  readonly #name: string;
  readonly #heads: string;
  /** the lease under which we wrote the head last */
  #headKept: number | null = null;
  /** where the record ends, by what we read or wrote; null before it was read */
  #end: { readonly head: Head; readonly bytes: number } | null = null;

  constructor(file: string, files: Disk) {
    this.#file = file;
    this.#disk = files;
    this.#name = path.basename(file, '.jsonl');
    this.#heads = path.join(path.dirname(file), 'heads');
    this.#lease = new Lease(path.join(path.dirname(file), 'leases'), this.#name, files);
    const lease = this.#lease;
    this.lease = {
      owner: () => lease.owner,
      takeOver: () =>
        this.#acquire(true).catch((error: unknown) => {
          throw diskFailure(error, this.#file);
        }),
      release: () => lease.release(),
    };
  }

  async read(): Promise<readonly JournalEntry[]> {
    if (!this.#lease.held && (await this.#bytes()).length > 0) {
      // a disk that cannot be written does not keep anybody from reading
      await this.#acquire(false).catch(() => undefined);
    }
    let reading = await this.#readLines();
    // its owner may have been writing while we read
    if (reading.damage && !this.#lease.held) reading = await this.#readLines();
    const { damage } = reading;
    this.#end = { head: reading.head, bytes: reading.bytes };
    if (damage) {
      const entry: JournalEntry = {
        kind: 'recordDamaged',
        ...damage,
        evidence: `${this.#name}.damaged-${Date.now()}.txt`,
        seq: reading.entries.length + 1,
        at: Date.now(),
        by: '',
      };
      if (this.#lease.held) await this.#setAside(reading, entry);
      return [...reading.entries, entry];
    }
    if (reading.torn && this.#lease.held) await this.#cut(reading.bytes).catch(() => undefined);
    return reading.entries;
  }

  async append(entry: JournalEntry): Promise<void> {
    try {
      if (this.#end === null) await this.read();
      if (!this.#lease.held) await this.#acquire(false);
      await this.#disk.mkdir(path.dirname(this.#file), { recursive: true });
      const created = this.#end?.bytes === 0;
      const handle = await this.#disk.open(this.#file, 'a', 0o600);
      try {
        await this.#write(handle, entry);
      } finally {
        await handle.close();
      }
      if (created) await this.#syncFolder(path.dirname(this.#file));
    } catch (error) {
      throw diskFailure(error, this.#file);
    }
  }

  /**
   * The file is opened before the lease is proven. An owner that sleeps between the proof and the writing then writes
   * into the file of before, which whoever took the record over has replaced; that it was in vain shows afterwards.
   */
  async #write(handle: disk.FileHandle, entry: JournalEntry): Promise<void> {
    const { head: before, bytes } = this.#end ?? { head: beginning(this.#name), bytes: 0 };
    if (!(await this.#lease.proven())) throw otherWriter(this.#file);
    if ((await handle.stat()).size !== bytes) {
      await this.#lease.release();
      throw otherWriter(this.#file);
    }
    const { line, head } = lineOf(entry, before);
    try {
      await handle.writeFile(line);
      await handle.sync();
      await this.#keepHead(head);
    } catch (error) {
      // half a line, as on a full disk: the next try begins where this one did
      await handle.truncate(bytes).catch(() => undefined);
      throw error;
    }
    const there = await this.#disk.stat(this.#file).catch(() => null);
    if (there?.ino !== (await handle.stat()).ino || !(await this.#lease.proven())) throw otherWriter(this.#file);
    this.#end = { head, bytes: bytes + Buffer.byteLength(line) };
  }

  /** Makes the record ours. Where its owner did not give it back, the file is replaced: what it still writes is lost. */
  async #acquire(force: boolean): Promise<void> {
    const taken = await this.#lease.take(force);
    if (taken?.from == null) return;
    // the head first, as when reading: the one of before may be written still, and counts no more when there is ours
    const head = await this.#head();
    const bytes = await this.#bytes();
    if (head) await this.#keepHead(head);
    if (bytes.length > 0) await this.#writeWhole(this.#file, bytes);
  }

  async #setAside(reading: RecordReading, entry: Extract<JournalEntry, { kind: 'recordDamaged' }>): Promise<void> {
    const { line, head } = lineOf(entry, reading.head);
    const text = reading.text + line;
    try {
      await this.#disk.copyFile(this.#file, path.join(path.dirname(this.#file), entry.evidence));
      // in this order: after a crash in between the damage is found again
      await this.#keepHead(head);
      await this.#writeWhole(this.#file, text);
      this.#end = { head, bytes: Buffer.byteLength(text) };
    } catch (error) {
      // shown all the same; nothing can be added to a file like this
      this.#end = { head, bytes: -1 };
      if (codeOf(error) === undefined) throw error;
    }
  }

  /** Each owner keeps it in a file of its own, so that one who lost the record spoils nothing. */
  async #keepHead(head: Head): Promise<void> {
    const { number } = this.#lease;
    await this.#writeWhole(this.#headFile(number), JSON.stringify(head));
    if (this.#headKept === number) return;
    this.#headKept = number;
    for (const old of await this.#headNumbers()) {
      if (old < number) await this.#disk.rm(this.#headFile(old), { force: true });
    }
  }

  #headNumbers(): Promise<number[]> {
    return numbersOf(this.#disk, this.#heads, this.#name, '.json');
  }

  #headFile(number: number): string {
    return path.join(this.#heads, `${this.#name}.${number}.json`);
  }

  /** All of it or nothing, on disk when it resolves. */
  async #writeWhole(file: string, text: string | Buffer): Promise<void> {
    await this.#disk.mkdir(path.dirname(file), { recursive: true });
    const draft = `${file}.${process.pid}.new`;
    try {
      const handle = await this.#disk.open(draft, 'w', 0o600);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await this.#disk.rename(draft, file);
    } catch (error) {
      await this.#disk.rm(draft, { force: true }).catch(() => undefined);
      throw error;
    }
    await this.#syncFolder(path.dirname(file));
  }

  /** A name is on disk when its folder is; where folders cannot be opened (Windows) the system sees to that itself. */
  async #syncFolder(folder: string): Promise<void> {
    const handle = await this.#disk.open(folder, 'r').catch(() => null);
    await handle?.sync().catch(() => undefined);
    await handle?.close();
  }

  async #cut(bytes: number): Promise<void> {
    const handle = await this.#disk.open(this.#file, 'r+');
    await handle.truncate(bytes).finally(() => handle.close());
  }

  async #readLines(): Promise<RecordReading & { readonly bytes: number }> {
    const { readEntry } = await import('../../protocol/journalSchemas.ts');
    // the head first: where its owner goes on writing meanwhile, an older head says nothing wrong
    const head = await this.#head();
    const bytes = await this.#bytes();
    const reading = readLines(bytes.toString('utf8'), this.#name, head, readEntry);
    return { ...reading, bytes: bytes.lastIndexOf('\n') + 1 };
  }

  async #head(): Promise<Head | null> {
    try {
      const number = (await this.#headNumbers()).at(-1) ?? 0;
      const value: unknown = JSON.parse(await this.#disk.readFile(this.#headFile(number), 'utf8'));
      if (typeof value !== 'object' || value === null || !('seq' in value) || !('sum' in value)) return null;
      const { seq, sum } = value;
      return typeof seq === 'number' && typeof sum === 'string' ? { seq, sum } : null;
    } catch {
      return null;
    }
  }

  async #bytes(): Promise<Buffer> {
    return this.#disk.readFile(this.#file).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return Buffer.alloc(0);
      throw error;
    });
  }
}

function diskFailure(error: unknown, file: string): unknown {
  const code = codeOf(error);
  if (error instanceof Failure || code === undefined) return error;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new Failure(
        'not-allowed-now',
        sentence('The record of this cutover cannot be written: the disk of {file} is full.', { file }),
        sentence('Make room on the disk, then try again.'),
        { cause: error },
      );
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new Failure(
        'not-allowed-now',
        sentence('The record of this cutover cannot be written: {file} may not be changed ({code}).', { file, code }),
        sentence('Make the folder writable, then try again.'),
        { cause: error },
      );
    default:
      return new Failure(
        'not-allowed-now',
        sentence('The record of this cutover cannot be written ({file}: {code}).', { file, code }),
        sentence('Look after the disk, then try again.'),
        { cause: error },
      );
  }
}

const otherWriter = (file: string) =>
  new Failure(
    'not-allowed-now',
    sentence('Another window is writing the record of this cutover ({file}).', { file }),
    sentence('Go on there, or take the record over by the command “Take Over the Cutover”.'),
  );
