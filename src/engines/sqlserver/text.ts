/** Names for statements, and the driver's values as text. Pure. */

/** A name in brackets; dots inside belong to the name. */
export function quoteName(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}

/** A value as the server would show it; times in the server's own zone, with the milliseconds they carry. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'boolean') return value ? '1' : '0';
  // the driver was told to take times for UTC, so that reading them back as UTC gives what the server wrote
  if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('Z', '');
  if (Buffer.isBuffer(value)) return `0x${value.toString('hex').toUpperCase()}`;
  return null;
}

/** `2026-11-22 21:04:05.123` (CONVERT style 121) as milliseconds of a clock without a zone; null for none. */
export function instant(text: string | null | undefined): number | null {
  if (text === null || text === undefined || text === '') return null;
  const ms = Date.parse(`${text.trim().replace(' ', 'T').slice(0, 23)}Z`);
  return Number.isNaN(ms) ? null : ms;
}

/** What the server's zone is ahead of UTC, in milliseconds: whole minutes, as its two clocks may be read a tick apart. */
export function zoneOf(local: number | null, utc: number | null): number {
  return local === null || utc === null ? 0 : Math.round((local - utc) / 60_000) * 60_000;
}
