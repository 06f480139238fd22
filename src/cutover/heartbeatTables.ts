/**
 * The user's rule for tables in which monitors write that a server is alive: what is written there is told and does not
 * keep a source from being quiet. Pure.
 */

/** Names from the outermost: database (or schema) and table, or database, schema and table. `*` as a whole stands for any. */
export type HeartbeatRule = readonly string[];

export type HeartbeatProblem = 'no name' | 'parts' | 'matches every table';

const PART = '"(?:[^"]|"")+"|`(?:[^`]|``)+`|[^.`"]+';
const RULE = new RegExp(`^(${PART})\\.(${PART})(?:\\.(${PART}))?$`);

/** `percona.heartbeat`, `*.public.heartbeat`, ``` `odd.name`.beat ```; or what is wrong with it. */
export function readHeartbeatRule(text: unknown): HeartbeatRule | HeartbeatProblem {
  if (typeof text !== 'string' || text.trim() === '') return 'no name';
  const parts = RULE.exec(text.trim())
    ?.slice(1)
    .filter((part) => part !== undefined)
    .map(unquoted);
  if (!parts || parts.some((part) => part === '' || /[*%]/.test(part.replace(/^\*$/, '')))) return 'parts';
  if (parts.at(-1) === '*') return 'matches every table';
  return parts;
}

function unquoted(part: string): string {
  if (part.startsWith('"')) return part.slice(1, -1).replaceAll('""', '"');
  if (part.startsWith('`')) return part.slice(1, -1).replaceAll('``', '`');
  return part.trim();
}
