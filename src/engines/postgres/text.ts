/** Small readings and writings of PostgreSQL's text forms. */

/** `2026-11-22 21:53:01.5+00`, as a session in UTC writes it, in epoch milliseconds; null where there is none. */
export function instant(text: string | null): number | null {
  if (text === null) return null;
  const at = Date.parse(`${text.slice(0, 10)}T${text.slice(11).replace(/\+00$/, 'Z')}`);
  return Number.isNaN(at) ? null : at;
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `schema.table`, or `database.schema.table` for another database than the one we are connected to. */
export function qualified(schema: string, name: string, database: string | null = null): string {
  return [database, schema, name].filter((part) => part !== null).join('.');
}

/** The text of a PostgreSQL array of texts, not quoted as a literal. */
export function arrayLiteral(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(/[\\"]/g, '\\$&')}"`).join(',')}}`;
}
