/** The port that belongs to a host named alone: on its line, or under the sister of its key close by. Pure. */
export interface PortBeside {
  readonly start: number;
  readonly end: number;
  readonly port: number;
}

/** Lines before and after the host in which its port may stand. */
const NEAR = 5;
const PORT_KEY = /(?<stem>[\w.-]*?)port["']?\s*[=:]\s*["']?(?<port>\d{1,5})(?![\w.])/gi;
const HOST_KEY =
  /(?<indent>^\s*)["']?(?:(?:export|set|ENV|-)\s+)?["']?(?<stem>[\w.-]*?)(?:host(?:_?name)?|server|addr(?:ess)?|ip)["']?\s*[=:]\s*["']?$/i;

/** The one port that can be meant; null where none is named, `unclear` where several could be. */
export function portBeside(text: string, start: number, end: number): PortBeside | 'unclear' | null {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = endOfLine(text, end);
  const line = text.slice(lineStart, lineEnd);
  const found = [...ports(line, PORT_KEY), ...ports(line, optionOf(line))];
  const onLine = found.filter(({ start: at }, index) => found.findIndex((other) => other.start === at) === index);
  if (onLine.length > 1) return 'unclear';
  const [only] = onLine;
  if (only) return { start: lineStart + only.start, end: lineStart + only.end, port: only.port };
  return sister(text, lineStart, lineEnd, line.slice(0, start - lineStart));
}

/** `-P` of MySQL's clients, whose `-p` is the password; `-p` of PostgreSQL's. */
function optionOf(line: string): RegExp {
  const letter = /\b(?:psql|pg_\w+|createdb|vacuumdb|reindexdb)\b/.test(line) ? 'p' : 'P';
  return new RegExp(String.raw`(?<=^|\s)(?:-${letter}\s*|--port[=\s]\s*)["']?(?<port>\d{1,5})(?![\w.])`, 'g');
}

function ports(line: string, pattern: RegExp): PortBeside[] {
  return [...line.matchAll(pattern)].map((match) => {
    const port = match.groups?.['port'] ?? '';
    const end = match.index + match[0].length;
    return { start: end - port.length, end, port: Number(port) };
  });
}

/** DB_PORT near DB_HOST, `port:` near `host:` of the same indentation, with no gap between them. */
function sister(text: string, lineStart: number, lineEnd: number, before: string): PortBeside | 'unclear' | null {
  const key = HOST_KEY.exec(before)?.groups;
  if (!key) return null;
  const found: PortBeside[] = [];
  const look = (from: number): boolean => {
    const line = text.slice(from, endOfLine(text, from));
    if (/^\s*(?:\[.*\])?\s*$/.test(line)) return false;
    for (const match of line.matchAll(PORT_KEY)) {
      const stem = match.groups?.['stem'] ?? '';
      const indent = /^\s*/.exec(line)?.[0] ?? '';
      const port = match.groups?.['port'] ?? '';
      const end = from + match.index + match[0].length;
      if (stem.toLowerCase() !== key['stem']?.toLowerCase() || indent !== key['indent']) continue;
      found.push({ start: end - port.length, end, port: Number(port) });
    }
    return true;
  };
  for (let at = lineStart, lines = 0; at > 0 && lines < NEAR; lines++) {
    at = text.lastIndexOf('\n', at - 2) + 1;
    if (!look(at)) break;
  }
  for (let at = lineEnd + 1, lines = 0; at < text.length && lines < NEAR; lines++) {
    if (!look(at)) break;
    at = endOfLine(text, at) + 1;
  }
  const [first] = found;
  return found.length > 1 ? 'unclear' : (first ?? null);
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}
