/** How repair statements for SQL Server are spelled. */
import type { RepairDialect } from '../../comparison/port.ts';
import { detailed } from './digest-catalog.ts';
import { literal } from './digest-literal.ts';
import { quoteName } from './text.ts';

const table: RepairDialect['table'] = ({ database, schema, name }) =>
  [database, schema ?? 'dbo', name].map(quoteName).join('.');

export const repairDialect: RepairDialect = {
  identifier: quoteName,
  table,
  literal,
  insertOverride: '',
  aroundInserts(name, columns) {
    if (!columns.some((column) => detailed(column).identity)) return null;
    const set = (state: string) => `SET IDENTITY_INSERT ${table(name)} ${state};`;
    return { before: set('ON'), after: set('OFF') };
  },
};
