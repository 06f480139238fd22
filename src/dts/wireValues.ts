/** How DTS writes single values, and what they mean to us. */
import * as z from 'zod';

/** Text; null and missing are ''. */
export const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

/** A list; null and missing are empty. It takes the gaps that `readWhatCanBeRead` leaves for unreadable items. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item.optional())
    .nullish()
    .transform((items) => (items ?? []).filter((each) => each !== undefined));

/** A count, a gap or a lag: a whole number from 0 on. Everything else, −1 above all, means "no valid value". */
export const count = z
  .unknown()
  .optional()
  .transform((value): number | null => (Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : null));

/** Yes or no; null and missing are null. */
export const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? null);

export const percent = z
  .unknown()
  .optional()
  .transform((value): number | null => (typeof value === 'number' && value >= 0 && value <= 100 ? value : null));

/** An instant in epoch milliseconds. DTS writes Beijing time without a zone, or ISO 8601 with one; zeroes mean none. */
export const instant = text.transform(parseInstant);

const WRITTEN = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?$/;

export function parseInstant(written: string): number | null {
  const parts = WRITTEN.exec(written.trim());
  if (!parts) return null;
  const [, date, time, zone = '+08:00'] = parts;
  const at = Date.parse(`${date}T${time}${zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`);
  return Number.isNaN(at) ? null : at;
}

/** One of the known words, or `unrecognized`. */
export function wordOf<const Word extends string>(raw: string, known: readonly Word[]): Word | 'unrecognized' {
  return known.find((word) => word === raw) ?? 'unrecognized';
}
