/**
 * The lines of a record. Since format 2 each is an entry with the format's version and a digest that is chained to the
 * line before, so that a line which was changed, removed, swapped or brought in from elsewhere is found; the digest of
 * the last line is kept a second time in another file (the head), so that a tail which was cut off is found too.
 * Lines of 0.1.0 are the bare entries; the chain runs over them as well.
 */
import { createHash } from 'node:crypto';
import type { JournalEntry } from '../../cutover/journal.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';

const FORMAT = 2;

/** How far a record goes: the number of its last line, and that line's place in the chain. */
export interface Head {
  readonly seq: number;
  readonly sum: string;
}

export interface Damage {
  /** the first line, from 1, that cannot be believed; one more than there are when lines are missing at the end */
  readonly line: number;
  readonly why: Sentence;
  /** kinds of entry that can still be made out from there on */
  readonly after: readonly string[];
}

export interface RecordReading {
  /** those before any damage */
  readonly entries: readonly JournalEntry[];
  readonly head: Head;
  /** the text of these entries' lines */
  readonly text: string;
  readonly damage: Damage | null;
  /** a crash left part of a line at the end */
  readonly torn: boolean;
}

/** The place in the chain before the first line: a record is of one task, another's lines do not fit. */
export const beginning = (name: string): Head => ({ seq: 0, sum: digest(`record ${name}`) });

/** The line of an entry that follows `before`, with its line break, and where the record ends then. */
export function lineOf(entry: unknown, before: Head): { readonly line: string; readonly head: Head } {
  const sum = chained(before, entry);
  const line = `${JSON.stringify({ v: FORMAT, prev: before.sum, sum, entry })}\n`;
  return { line, head: { seq: before.seq + 1, sum } };
}

/**
 * Reads a record's text. `head` is the one kept elsewhere, null where there is none; `parse` makes an entry of a stored
 * value, or null.
 */
export function readLines(
  text: string,
  name: string,
  head: Head | null,
  parse: (value: unknown) => JournalEntry | null,
): RecordReading {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const lines = whole.split('\n').slice(0, -1);
  const reading: Reading = { entries: [], heads: [beginning(name)], chained: 0 };
  let why: Sentence | null = null;
  for (const line of lines) {
    why = addLine(reading, line, parse);
    if (why) break;
  }
  const damage = why ? damageAt(lines, reading.entries.length, why) : judgeHead(lines, reading, head);
  const believed = damage ? Math.min(damage.line - 1, reading.entries.length) : reading.entries.length;
  return {
    entries: reading.entries.slice(0, believed),
    head: reading.heads[believed] ?? beginning(name),
    text: lines
      .slice(0, believed)
      .map((line) => `${line}\n`)
      .join(''),
    damage,
    torn: whole.length < text.length,
  };
}

interface Reading {
  readonly entries: JournalEntry[];
  /** before the first line, after it, after the second … */
  readonly heads: Head[];
  /** lines of format 2 so far */
  chained: number;
}

/** Adds a line's entry, or says why it cannot be believed. */
function addLine(reading: Reading, line: string, parse: (value: unknown) => JournalEntry | null): Sentence | null {
  const before = reading.heads[reading.entries.length];
  const value = parseObject(line);
  if (!before || !value) return sentence('It is not readable.');
  const bare = !('v' in value);
  if (bare && reading.chained > 0) return sentence('It comes from elsewhere.');
  const entry = parse(bare ? value : value['entry']);
  if (!entry) return sentence('It is not readable.');
  let head: Head;
  if (bare) head = { seq: before.seq + 1, sum: digest(`${before.sum}\n${line}`) };
  else {
    const { prev, sum, entry: stored } = value;
    if (typeof sum !== 'string' || JSON.stringify({ v: FORMAT, prev, sum, entry: stored }) !== line)
      return sentence('It was changed.');
    if (prev !== before.sum)
      return sentence('It does not follow the line before: a line was removed, swapped or added.');
    if (chained(before, stored) !== sum) return sentence('It was changed.');
    head = { seq: before.seq + 1, sum };
    reading.chained++;
  }
  if (entry.seq !== head.seq)
    return sentence('It does not follow the line before: a line was removed, swapped or added.');
  reading.entries.push(entry);
  reading.heads.push(head);
  return null;
}

function judgeHead(lines: readonly string[], { entries, heads, chained }: Reading, head: Head | null): Damage | null {
  if (!head) {
    // the head is written after the line: after the very first one a crash may have left none
    if (chained <= 1) return null;
    return damageAt(lines, entries.length, sentence('What tells how long the record was is missing.'));
  }
  if (head.seq > entries.length) return damageAt(lines, entries.length, sentence('Lines are missing at the end.'));
  // nothing says which of the lines are the ones that were written
  return heads[head.seq]?.sum === head.sum
    ? null
    : damageAt(lines, 0, sentence('The file is not the one that was written.'));
}

function damageAt(lines: readonly string[], good: number, why: Sentence): Damage {
  const kinds = lines
    .slice(good)
    .flatMap((line) => [...line.matchAll(/"kind":"(\w{1,40})"/g)].map((match) => match[1] ?? ''));
  return { line: good + 1, why, after: [...new Set(kinds)].slice(0, 100) };
}

const chained = (before: Head, entry: unknown) => digest(`${FORMAT}\n${before.sum}\n${JSON.stringify(entry)}`);

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 40);

function parseObject(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
