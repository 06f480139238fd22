/** What engines say about a pending writer, in the editor's language: the words are ours, the rest is the server's. */
import { sentence, type Sentence } from '../util/sentence.ts';
import { t } from './language.ts';

type Words = readonly [form: RegExp, words: (...found: string[]) => Sentence];

const NAMES: readonly Words[] = [
  [/^replication from (.+)$/, (server = '') => sentence('replication from {server}', { server })],
];

const DETAILS: readonly Words[] = [
  [/^since (.+)$/, (time = '') => sentence('since {time}', { time })],
  [/^at (.+)$/, (time = '') => sentence('at {time}', { time })],
  [
    /^every (\S+) ([a-z_]+)$/,
    (count = '', unit = '') => sentence('every {count} {unit}', { count, unit: unitName(unit) }),
  ],
  [/^ON; other events may be hidden$/, () => sentence('on; other events may be hidden')],
  [/^SQL thread running$/, () => sentence('its SQL thread is running')],
  [/^prepared (\d+) s ago$/, (seconds = '') => sentence('prepared {seconds} s ago', { seconds })],
  [
    /^DTC, state (.+), since (.+)$/,
    (state = '', time = '') => sentence('DTC, state {state}, since {time}', { state, time }),
  ],
  [/^permission denied \((.+)\)$/, (right = '') => sentence('may not be read: {right} is missing', { right })],
  [/^(.+): permission denied$/, (place = '') => sentence('may not be read: {place}', { place })],
];

const UNITS: Readonly<Record<string, Sentence>> = {
  second: sentence('second(s)'),
  minute: sentence('minute(s)'),
  hour: sentence('hour(s)'),
  day: sentence('day(s)'),
  week: sentence('week(s)'),
  month: sentence('month(s)'),
  quarter: sentence('quarter(s)'),
  year: sentence('year(s)'),
};

function unitName(unit: string): string {
  const name = UNITS[unit];
  return name ? t(name) : unit;
}

export const writerName = (name: string): string => inWords(NAMES, name);
export const writerDetail = (detail: string): string => inWords(DETAILS, detail);

/** What has none of these forms is the server's own and stands as it is. */
function inWords(known: readonly Words[], text: string): string {
  for (const [form, words] of known) {
    const found = form.exec(text);
    if (found) return t(words(...found.slice(1)));
  }
  return text;
}
