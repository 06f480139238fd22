/** How repair statements for MySQL and MariaDB are spelled. */
import type { RepairDialect } from '../../comparison/port.ts';
import { quoteName } from './text.ts';

export const repairDialect: RepairDialect = {
  identifier: quoteName,
  table: (name) => `${quoteName(name.database)}.${quoteName(name.name)}`,
  literal(value, column) {
    if (value === null) return 'NULL';
    if (BARE.test(column.type) && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(value)) return value;
    if (/binary|blob/.test(column.type)) return value === '0x' ? "''" : value;
    if (column.type === 'bit') return value;
    const shape = /^SRID=(\d+);(.*)$/s.exec(value);
    if (shape && /geom|point|string|polygon/.test(column.type))
      return `ST_GeomFromText(${quoted(shape[2] ?? '')}, ${shape[1] ?? '0'})`;
    return quoted(value);
  },
  insertOverride: '',
};

const BARE = /int|^decimal$|^float$|^double$|^year$/;

/** Means the same whether or not the session has NO_BACKSLASH_ESCAPES: bytes in hexadecimal where it would matter. */
function quoted(text: string): string {
  if (!text.includes('\\')) return `'${text.replaceAll("'", "''")}'`;
  return `CONVERT(x'${Buffer.from(text, 'utf8').toString('hex')}' USING utf8mb4)`;
}
