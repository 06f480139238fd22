/** How repair statements for PostgreSQL are spelled. */
import type { RepairDialect } from '../../comparison/port.ts';

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

export const repairDialect: RepairDialect = {
  identifier: quote,
  table: (name) => `${quote(name.schema ?? 'public')}.${quote(name.name)}`,
  literal(value, column) {
    if (value === null) return 'NULL';
    if (BARE.has(column.type) && /^-?\d+(\.\d+)?$/.test(value)) return value;
    const text = value.replaceAll("'", "''");
    // E'' strings mean the same under any setting of standard_conforming_strings
    return value.includes('\\') ? `E'${text.replaceAll('\\', '\\\\')}'` : `'${text}'`;
  },
  insertOverride: 'OVERRIDING SYSTEM VALUE',
};

const BARE = new Set(['int2', 'int4', 'int8', 'numeric']);
