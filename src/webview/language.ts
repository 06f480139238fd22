/** The editor's language: sentences, numbers, times and durations as text. One page has one language. */
import { say, sentence, type Sentence } from '../util/sentence.ts';

let bundle: Readonly<Record<string, string>> = {};
let locale = 'en';
let formats = makeFormats();

/** `language` as the editor names it, e.g. `zh-cn`; one the browser does not know is formatted as English. */
export function setLanguage(language: string, translations: Readonly<Record<string, string>>): void {
  bundle = translations;
  locale = isKnown(language) ? language : 'en';
  formats = makeFormats();
  document.documentElement.lang = locale;
}

/** A sentence in the editor's language, in English where there is no translation. */
export function t(s: Sentence): string {
  return say({ text: bundle[s.text] ?? s.text, args: s.args });
}

function isKnown(language: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(language).length > 0;
  } catch {
    return false; // not a language tag at all
  }
}

function makeFormats() {
  const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
  const date = { year: 'numeric', month: 'short', day: 'numeric' } as const;
  return {
    number: new Intl.NumberFormat(locale, { maximumFractionDigits: 3 }),
    time: new Intl.DateTimeFormat(locale, { ...clock, timeZoneName: 'short' }),
    dateTime: new Intl.DateTimeFormat(locale, { ...date, ...clock, timeZoneName: 'short' }),
    clock: new Intl.DateTimeFormat(locale, clock),
  };
}

export const formatNumber = (value: number): string => formats.number.format(value);

/** `12:34:56 UTC`; with the date when it is not today's. */
export function formatTime(at: number): string {
  const today = new Date().toDateString() === new Date(at).toDateString();
  return (today ? formats.time : formats.dateTime).format(at);
}

/** `12:34:56`, for axes that name the zone elsewhere. */
export const formatClock = (at: number): string => formats.clock.format(at);

/** `hh:mm:ss`; hours go on past 24, what would be negative is 0. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** Gap in MB. No valid value is said so, and what is smaller than the last digit shown never reads as 0. */
export function formatGap(gapMb: number | null): string {
  if (gapMb === null) return noValidValue();
  if (gapMb > 0 && gapMb < 0.001) return t(sentence('under {value} MB', { value: formatNumber(0.001) }));
  return t(sentence('{value} MB', { value: formatNumber(gapMb) }));
}

/** Lag in seconds, with the same care. */
export function formatLag(lagSeconds: number | null): string {
  if (lagSeconds === null) return noValidValue();
  if (lagSeconds > 0 && lagSeconds < 0.001) return t(sentence('under {value} s', { value: formatNumber(0.001) }));
  return t(sentence('{value} s', { value: formatNumber(lagSeconds) }));
}

export const noValidValue = (): string => t(sentence('no valid value'));
