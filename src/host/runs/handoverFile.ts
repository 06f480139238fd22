/** The file by which a cutover goes to a colleague on another machine: the record as it stands, and a digest of it. */
import type { TaskRef } from '../../cutover/facts.ts';
import type { JournalEntry } from '../../cutover/journal.ts';
import { Failure } from '../../util/failure.ts';
import { isRecord } from '../../util/record.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import { beginning, lineOf } from './recordLines.ts';

const FORMAT = 'dts-cutover-handover';
const VERSION = 1;

export interface Handover {
  readonly ref: TaskRef;
  /** who handed it over, `user@host` */
  readonly from: string;
  readonly entries: readonly JournalEntry[];
}

export function handoverText({ ref, from, entries }: Handover): string {
  const sum = sumOf(ref, from, entries);
  return `${JSON.stringify({ format: FORMAT, version: VERSION, ref, from, sum, entries }, null, 1)}\n`;
}

/** Throws one clear sentence about a file that is none of ours, is newer, or was damaged or changed. */
export async function parseHandover(text: string, file: string): Promise<Handover> {
  const { readEntry } = await import('../../protocol/journalSchemas.ts');
  const value = parsed(text);
  if (!value || value['format'] !== FORMAT) {
    throw bad(sentence('{file} is not a cutover that was handed over.', { file }), CHOOSE);
  }
  const { version, ref, from, sum, entries } = value;
  if (typeof version !== 'number' || version > VERSION) {
    throw bad(
      sentence('{file} was written by another version of DTS Cutover.', { file }),
      sentence('Install the same version on both machines, then hand it over once more.'),
    );
  }
  const damaged = () => bad(sentence('{file} is damaged or was changed on its way.', { file }), ASK_AGAIN);
  if (!isRef(ref) || typeof from !== 'string' || !Array.isArray(entries)) throw damaged();
  const read = entries.map((each) => readEntry(each));
  const known = read.filter((entry) => entry !== null);
  if (known.length !== read.length || known.some(({ seq }, index) => seq !== index + 1)) throw damaged();
  // over what is in the file, also where this version does not know an entry
  if (sumOf(ref, from, entries) !== sum) throw damaged();
  const started = known.findLast((entry) => entry.kind === 'started');
  const isOfTask = started?.ref.jobId === ref.jobId && started.ref.region === ref.region;
  if (!isOfTask || known.at(-1)?.kind !== 'handedOver') throw damaged();
  return { ref, from, entries: known };
}

const CHOOSE = sentence('Choose the file that “Hand Over the Cutover” has written.');
const ASK_AGAIN = sentence('Ask for it again.');

const bad = (what: Sentence, tryThis: Sentence) => new Failure('bad-input', what, tryThis);

function sumOf(ref: TaskRef, from: string, entries: readonly unknown[]): string {
  let head = beginning(JSON.stringify([ref.region, ref.jobId, from]));
  for (const entry of entries) head = lineOf(entry, head).head;
  return head.sum;
}

function isRef(value: unknown): value is TaskRef {
  return isRecord(value) && typeof value['region'] === 'string' && typeof value['jobId'] === 'string';
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}
