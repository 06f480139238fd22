/**
 * Where a text names a server, and what stands there afterwards. Only what is certainly that server is a mention: a
 * longer name, another port, a scheme of the same name and a network of addresses are others. Pure.
 */
import { isIPv6 } from 'node:net';
import { portBeside, type PortBeside } from './ports.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Mention {
  readonly start: number;
  readonly end: number;
  /** false: the host alone, whose port may stand elsewhere */
  readonly withPort: boolean;
  readonly replacement: string;
}

/** What may stand between host and port: plain, escaped as in a property file, or percent-encoded. */
const SEPARATOR = String.raw`(?<separator>:|\\:|%3a|,)(?<port>\d{1,5})(?![\w])`;
/** No part of a longer name: nothing of a name before it, except an option's letter and an encoded character; no tail of an IPv6 address. */
const BEFORE = String.raw`(?:(?<![\w.-])(?<!:[\da-f]{0,4}:)|(?<=(?:^|[\s"'=])-h)|(?<=%[\da-f]{2}))`;
const AFTER = String.raw`(?![\w-]|\.\w|@)`;

/** The port a service of that scheme listens on when none is named. */
const SCHEME_PORTS: Readonly<Record<string, number>> = {
  ...{ mysql: 3306, mariadb: 3306, mysqlx: 33060, postgres: 5432, postgresql: 5432, sqlserver: 1433, mssql: 1433 },
  ...{ mongodb: 27017, http: 80, https: 443, ws: 80, wss: 443, ftp: 21, sftp: 22, ssh: 22, redis: 6379, rediss: 6379 },
  ...{ amqp: 5672, amqps: 5671, ldap: 389, smtp: 25, ldaps: 636 },
};

/** Every mention of `from`, in the order of the text; none of them overlaps another. */
export function mentionsOf(text: string, from: Address, to: Address): Mention[] {
  const mentions = new Map<number, Mention>();
  for (const found of occurrences(text, from.host)) {
    for (const mention of mentionsAt(text, found, from, to)) mentions.set(mention.start, mention);
  }
  return [...mentions.values()].sort((a, b) => a.start - b.start);
}

interface Occurrence {
  readonly start: number;
  /** end of the host, its brackets included */
  readonly end: number;
  /** end of the port, where one follows */
  readonly wholeEnd: number;
  readonly bracketed: boolean;
  readonly separator: string | undefined;
  readonly port: number | null;
}

function* occurrences(text: string, host: string): Generator<Occurrence> {
  const wanted = canonical(host);
  const name = isIPv6(host) ? null : host.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const v6 = String.raw`\[(?<inner>[\da-f:.]+)\]|(?<![\w:.])(?<bare>[\da-f:]*:[\da-f:.]*[\da-f])(?![\w:])`;
  const plain = name === null ? '' : String.raw`|\[${name}\]|${BEFORE}${name}${AFTER}`;
  const pattern = new RegExp(String.raw`(?<host>${v6}${plain})(?:${SEPARATOR})?`, 'gi');
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const { host: whole = '', inner, bare, separator, port } = match.groups ?? {};
    const address = inner ?? bare;
    if (address !== undefined && canonical(address) !== wanted) {
      // what merely looks like an address may hold the name: `tcp:10.0.0.5`
      pattern.lastIndex = match.index + (whole.startsWith('[') ? 1 : Math.max(1, whole.lastIndexOf(':') + 1));
      continue;
    }
    const end = match.index + whole.length;
    const wholeEnd = match.index + match[0].length;
    const bracketed = whole.startsWith('[');
    // a list in brackets is no address in brackets
    if (bracketed && address === undefined && separator === undefined) {
      yield {
        start: match.index + 1,
        end: end - 1,
        wholeEnd: end - 1,
        bracketed: false,
        separator: undefined,
        port: null,
      };
    } else
      yield { start: match.index, end, wholeEnd, bracketed, separator, port: port === undefined ? null : Number(port) };
  }
}

function mentionsAt(text: string, found: Occurrence, from: Address, to: Address): Mention[] {
  const { start, end, separator, port } = found;
  if (separator !== undefined && port === from.port) {
    return [{ start, end: found.wholeEnd, withPort: true, replacement: withPort(to, separator) }];
  }
  if (separator !== undefined && separator !== ',') return [];
  const scheme = schemeBefore(text, start);
  const implied = scheme === null ? undefined : SCHEME_PORTS[scheme];
  if (implied !== undefined && implied !== from.port) return [];
  if (isOtherThing(text, start, end)) return [];
  if (implied !== undefined) {
    const replacement = to.port === implied ? hostOf(to, true) : withPort(to, ':');
    return [{ start, end, withPort: true, replacement }];
  }
  const beside = portBeside(text, start, end);
  if (beside !== null && beside !== 'unclear' && beside.port !== from.port) return [];
  if (!from.host.includes('.') && !from.host.includes(':') && !standsAsHost(text, start, end)) return [];
  const host = {
    start,
    end,
    withPort: isCertain(beside),
    replacement: hostOf(to, isInUrl(text, start) || found.bracketed),
  };
  if (!isCertain(beside)) return [host];
  return [host, { start: beside.start, end: beside.end, withPort: true, replacement: String(to.port) }];
}

const isCertain = (beside: PortBeside | 'unclear' | null): beside is PortBeside =>
  beside !== null && beside !== 'unclear';

function hostOf({ host }: Address, inUrl: boolean): string {
  return inUrl && isIPv6(host) ? `[${host}]` : host;
}

function withPort(to: Address, separator: string): string {
  const host = hostOf(to, separator !== ',');
  if (separator === String.raw`\:`) return `${host.replaceAll(':', String.raw`\:`)}${separator}${to.port}`;
  return `${separator.startsWith('%') ? encodeURIComponent(host) : host}${separator}${to.port}`;
}

/** `mysql` for the host in `mysql://user@host`, also with escaped or encoded slashes. */
function schemeBefore(text: string, start: number): string | null {
  const before = text.slice(Math.max(0, start - 300), start);
  const found = /([a-z][a-z0-9+.-]*)(?::|\\:|%3a)(?:\\?\/\\?\/|%2f%2f)(?:[^\s/@"'<>]*@|[^\s/"'<>]*%40)?$/i.exec(before);
  return (
    found?.[1]
      ?.toLowerCase()
      .replace(/^jdbc:/, '')
      .replace(/\+.*$/, '') ?? null
  );
}

const isInUrl = (text: string, start: number) => /(?:\/|%2f|@|%40)$/i.test(text.slice(Math.max(0, start - 3), start));

/** A network of addresses (10.0.0.5/32), or the host of an account ('app'@'10.0.0.5'): no way to the server. */
function isOtherThing(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 2), start);
  if (/@["'`]$/.test(before)) return true;
  return /^\/\d{1,3}(?![\w/])/.test(text.slice(end, end + 5)) && !/[/@]$/.test(before);
}

/** A name without a dot is a word like others: it is the host only where a host stands. */
function standsAsHost(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 80), start);
  const after = text.slice(end, end + 4);
  if (/^(?:\\?:|%3a)/i.test(after)) return false;
  if (/(?:\/\/|\\\/|%2f|@|%40)$/i.test(before)) return true;
  if (/(?:^|[\s"'])(?:-h\s*|--?host(?:name)?[=\s]["']?)$/i.test(before)) return true;
  return /(?:host|hostname|server|data ?source|addr|address|endpoint)s?["']?\s*[=:]\s*["']?$/i.test(before);
}

/** One spelling for each address: `::ffff:10.0.0.5` is 10.0.0.5, and zeros are left out in one way. */
function canonical(host: string): string {
  if (!isIPv6(host)) return host.toLowerCase();
  const { hostname } = new URL(`http://[${host}]`);
  const mapped = /^\[::ffff:([\da-f]{1,4}):([\da-f]{1,4})\]$/.exec(hostname);
  if (!mapped) return hostname;
  const [high, low] = [parseInt(mapped[1] ?? '', 16), parseInt(mapped[2] ?? '', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
