/** How repair statements for SQL Server are spelled. */
import type { RepairDialect } from '../../comparison/port.ts';
import { detailed } from './digest-catalog.ts';
import { literal } from './digest-literal.ts';
import { FLOATS } from './digest-match.ts';
import { quoteName } from './text.ts';

const table: RepairDialect['table'] = ({ database, schema, name }) =>
  [database, schema ?? 'dbo', name].map(quoteName).join('.');

export const repairDialect: RepairDialect = {
  identifier: quoteName,
  table,
  // of a variant, and of a float of an old server, more is shown than a literal could say
  literal: (value, column) =>
    value !== null && (column.type === 'sql_variant' || (FLOATS.has(column.type) && value.includes(' 0x')))
      ? null
      : literal(value, column),
  insertOverride: '',
  aroundInserts(name, columns) {
    if (!columns.some((column) => detailed(column).identity)) return null;
    const set = (state: string) => `SET IDENTITY_INSERT ${table(name)} ${state};`;
    return { before: set('ON'), after: set('OFF') };
  },
};
