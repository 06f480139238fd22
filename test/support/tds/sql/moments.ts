/** Dates and times: read from text, and shown in the styles of CONVERT. */
import { Moment, SqlError, type SqlType } from './values.ts';

const SECOND = 10_000_000n;
export const DAY = 86_400n * SECOND;
const EPOCH_DAYS = 719_162n;

const TEXT =
  /^(?:(\d{4})-?(\d\d)-?(\d\d))?[T ]?(?:(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?)? ?(?:([+-])(\d\d):(\d\d))?$/;

export function momentOf(text: string, type: SqlType): Moment {
  const found = TEXT.exec(text.trim());
  // the old types take no more than three digits after the second
  const tooFine = /^(small)?datetime$/.test(type.name) && (found?.[7] ?? '').length > 3;
  if (!found || tooFine)
    throw new SqlError(241, 'Conversion failed when converting date and/or time from character string.');
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', sign, zoneHour, zoneMinute] = found;
  const days =
    year === undefined
      ? 693_595n
      : BigInt(Math.floor(utc(Number(year), Number(month), Number(day)) / 86_400_000)) + EPOCH_DAYS;
  const time =
    BigInt(Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * SECOND + BigInt(fraction.padEnd(7, '0'));
  const zone = sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(zoneHour) * 60 + Number(zoneMinute));
  return fitted(new Moment(days * DAY + time, zone), type);
}

function utc(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime();
}

/** As the type keeps it. */
export function fitted({ ticks, offset }: Moment, { name, scale }: SqlType): Moment {
  const day = (ticks / DAY) * DAY;
  switch (name) {
    case 'date':
      return new Moment(day);
    case 'time':
      return new Moment(rounded(ticks - day, 10n ** BigInt(7 - scale)));
    case 'datetime': {
      // three-hundredths of a second
      const parts = ((ticks - day) * 300n + SECOND / 2n) / SECOND;
      return new Moment(day + (parts * SECOND) / 300n);
    }
    case 'smalldatetime':
      return new Moment(rounded(ticks, 60n * SECOND));
    default:
      return new Moment(rounded(ticks, 10n ** BigInt(7 - scale)), name === 'datetimeoffset' ? offset : 0);
  }
}

const rounded = (ticks: bigint, unit: bigint) => ((ticks + unit / 2n) / unit) * unit;

export const threeHundredths = (ticks: bigint) => ((ticks % DAY) * 300n + SECOND / 2n) / SECOND;

export function momentText({ ticks, offset }: Moment, type: SqlType, style: number): string {
  if (style !== 121 && style !== 23 && style !== 126)
    throw new SqlError(281, `${style} is not a style the test server knows.`);
  const date = new Date(Number(ticks / DAY - EPOCH_DAYS) * 86_400_000).toISOString().slice(0, 10);
  if (type.name === 'date' || style === 23) return date;
  const time = clock(ticks % DAY, type);
  if (type.name === 'time') return time;
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  return `${date}${style === 126 ? 'T' : ' '}${time}${type.name === 'datetimeoffset' ? ` ${zone}` : ''}`;
}

const two = (n: number | bigint) => String(n).padStart(2, '0');

function clock(ticks: bigint, { name, scale }: SqlType): string {
  const seconds = ticks / SECOND;
  const whole = `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
  if (name === 'smalldatetime') return `${whole}.000`;
  if (name === 'datetime') return `${whole}.${String(((ticks % SECOND) + 5000n) / 10_000n).padStart(3, '0')}`;
  const fraction = String(ticks % SECOND)
    .padStart(7, '0')
    .slice(0, scale);
  return scale === 0 ? whole : `${whole}.${fraction}`;
}
