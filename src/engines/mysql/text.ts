/** Quoting for statements, under the fixed `sql_mode` of our sessions (backslash escapes, no ANSI quotes). Pure. */

/** A name in backticks; dots inside belong to the name. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A text literal. */
export function quoteText(text: string): string {
  const escaped = text.replace(/[\0\\'\n\r\x1a]/g, (char) => ESCAPES[char] ?? char);
  return `'${escaped}'`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\\': '\\\\',
  "'": "''",
  '\n': '\\n',
  '\r': '\\r',
  '\x1a': '\\Z',
};

/** `user@host` of CURRENT_USER() as GRANT wants it; the user name itself may hold an `@`. */
export function quoteAccount(currentUser: string): string {
  const at = currentUser.lastIndexOf('@');
  const user = at < 0 ? currentUser : currentUser.slice(0, at);
  const host = at < 0 ? '%' : currentUser.slice(at + 1);
  return `${quoteText(user)}@${quoteText(host)}`;
}

/** The server's own schemas, which no migration moves. */
export const SYSTEM_SCHEMAS: readonly string[] = ['information_schema', 'mysql', 'performance_schema', 'sys'];

export function isSystemSchema(name: string): boolean {
  return SYSTEM_SCHEMAS.includes(name.toLowerCase());
}
