/** How repair statements for MySQL and MariaDB are spelled. */
import type { RepairDialect } from '../../comparison/port.ts';
import { NO_LABEL } from './digest-hash.ts';
import { quoteName } from './text.ts';

export const repairDialect: RepairDialect = {
  identifier: quoteName,
  table: (name) => `${quoteName(name.database)}.${quoteName(name.name)}`,
  literal(value, column) {
    if (value === null) return 'NULL';
    // the session refuses it, as any value that would be changed
    if (column.type === 'enum' && value === NO_LABEL) return null;
    // as a whole number 0 has no sign
    if (/^(float|double)$/.test(column.type)) return /^-?[\d.]+(e[+-]?\d+)?$/.test(value) ? exponential(value) : null;
    if (BARE.test(column.type) && /^-?\d+(\.\d+)?$/.test(value)) return value;
    // not in quotes: so it would be a text to compare with
    if (column.type === 'bit') return /^\d+$/.test(value) ? value : null;
    if (/binary|blob|^vector$/.test(column.type))
      return value === '0x' ? "''" : /^0x([0-9A-F]{2})+$/i.test(value) ? value : null;
    const shape = /^SRID=(\d+);(.*)$/s.exec(value);
    if (shape && /geom|point|string|polygon/.test(column.type))
      return `ST_GeomFromText(${quoted(shape[2] ?? '')}, ${shape[1] ?? '0'})`;
    return quoted(value);
  },
  insertOverride: '',
  transaction: { begin: 'START TRANSACTION;', commit: 'COMMIT;' },
  settings: [
    'SET NAMES utf8mb4;',
    // TIMESTAMP is read in UTC; a value that would be changed is refused, and 0 and odd dates are what they are
    "SET time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO';",
    // a server may undo at the end of the session what nobody committed, or refuse what names no key
    'SET autocommit = 1, sql_safe_updates = 0, sql_big_selects = 1;',
  ],
};

const BARE = /int|^decimal$|^year$/;

const exponential = (number: string) => (number.includes('e') ? number : `${number}e0`);

/**
 * Means the same whether or not the session has NO_BACKSLASH_ESCAPES, and survives editors, clipboards and files: in
 * hexadecimal where there is anything that does not show. With the character set before it, it stays a literal, which a
 * column's collation compares.
 */
function quoted(text: string): string {
  if (!UNSAFE.test(text)) return `'${text.replaceAll("'", "''")}'`;
  return `_utf8mb4 x'${Buffer.from(text, 'utf8').toString('hex')}'`;
}

/** Backslashes, control and format characters, and blanks that are not the plain one. */
const UNSAFE = /[\\\p{C}\p{Zl}\p{Zp}\p{M}]|(?! )\p{Zs}/u;
