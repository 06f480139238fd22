/**
 * Connection addresses as one types or pastes them: `host:port`, a URL, JDBC's, a list of pairs. For settings, dialogs
 * and the front end without VS Code alike. Pure.
 */
import type { EngineKind } from '../cutover/facts.ts';
import { Failure } from '../util/failure.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import type { ConnectionProfile, ServerNode, TlsOptions } from './engine.ts';
import { formatHost, parseHosts } from './hosts.ts';
import { tlsOf, understood, type Said } from './urlOptions.ts';

const ENGINES: ReadonlyMap<string, EngineKind> = new Map([
  ['postgres', 'postgres'],
  ['postgresql', 'postgres'],
  ['mysql', 'mysql'],
  ['mariadb', 'mysql'],
  ['sqlserver', 'sqlserver'],
  ['mssql', 'sqlserver'],
  ['mongodb', 'mongodb'],
]);

/** What an address says; null where it says nothing of that. */
export interface Address {
  readonly engine: EngineKind;
  readonly nodes: readonly ServerNode[];
  readonly user: string | null;
  readonly password: string | null;
  readonly database: string | null;
  readonly tls: TlsOptions | null;
  readonly replicaSet: string | null;
  readonly authSource: string | null;
  /** of the client key */
  readonly keyPassphrase: string | null;
}

/**
 * `engine://user:password@host:port/database?…`, percent-encoded, with options under the names of the engine's own tools.
 * @throws Failure `bad-input`, which never repeats the address: it holds the password
 */
export function parseConnectionUrl(text: string): {
  profile: ConnectionProfile;
  password: string;
  keyPassphrase?: string;
} {
  const address = parsePasted(text, null);
  const { engine, nodes, keyPassphrase } = address;
  const [user, database] = [address.user ?? '', address.database ?? ''];
  return {
    profile: {
      id: `${engine}://${user}@${nodes.slice(0, 1).map(formatHost).join('')}/${database}`,
      engine,
      nodes,
      user,
      database,
      tls: address.tls ?? { mode: 'off' },
      ...(address.replicaSet === null ? {} : { replicaSet: address.replicaSet }),
      ...(address.authSource === null ? {} : { authSource: address.authSource }),
    },
    password: address.password ?? '',
    ...(keyPassphrase === null ? {} : { keyPassphrase }),
  };
}

/** Whether it says more than where: then a secret may be in it. */
export const isPasted = (text: string): boolean => /:\/\/|[=;@]/.test(text);

/** An address of one engine in any form. @throws Failure `bad-input`, which never repeats it */
export function readAddress(text: string, engine: EngineKind): Address {
  if (!isPasted(text)) return { ...addressOf(engine, parseHosts(text, engine), new Map()) };
  const address = parsePasted(text, engine);
  if (address.engine !== engine) {
    throw bad(sentence('The address is one of another kind of database ({engine}).', { engine: address.engine }));
  }
  return address;
}

/** Several hosts are possible, which the URL class of the language does not know. The last @ ends the password. */
const SHAPE =
  /^(?<scheme>[a-z]+):\/\/(?:(?<login>[^/?#]*)@)?(?<hosts>[^/?#@]*)(?:\/(?<database>[^?#]*))?(?:\?(?<query>[^#]*))?$/i;
/** SQL Server's and its JDBC driver's: properties after a semicolon, not encoded. */
const WITH_PROPERTIES = /^(?<head>(?:sqlserver|mssql):\/\/[^;]*);(?<pairs>\s*[\w ]+=.*)$/is;
const PAIR = /\s*([^=;]+?)\s*=\s*(\{(?:[^}]|\}\})*\}|"(?:[^"]|"")*"|'(?:[^']|'')*'|[^;]*)\s*(?:;|$)/gy;
const WORD = /\s*([\w-]+)\s*=\s*('(?:\\.|[^'\\])*'|\S*)(?:\s+|$)/gy;

/** @param engine the one that is meant where the text has no scheme; null where it must have one */
function parsePasted(text: string, engine: EngineKind | null): Address {
  const trimmed = text.trim().replace(/^jdbc:/i, '');
  if (/^mongodb\+srv:/i.test(trimmed)) {
    throw bad(
      sentence('An address mongodb+srv:// is not resolved here: name the members, as mongodb://host:port,host:port/.'),
    );
  }
  if (engine && !trimmed.includes('://') && /^[\w ]+=/.test(trimmed)) return parseList(trimmed, engine);
  const { head = trimmed, pairs } = WITH_PROPERTIES.exec(trimmed)?.groups ?? {};
  const parts = SHAPE.exec(head)?.groups;
  const found = ENGINES.get(parts?.['scheme']?.toLowerCase() ?? '');
  if (!parts || !found) {
    throw bad(
      sentence(
        'A connection address looks like postgres://user:password@host:port/database (or mysql, sqlserver, mongodb).',
      ),
    );
  }
  const login = loginOf(parts['login']);
  const query = parts['query'] ?? '';
  // what follows an unencoded / or ? in a password would be taken for a database or an option, and shown
  if (parts['database']?.includes('@') || (!login && query.includes('@') && !/[?&]?password=/i.test(query))) {
    throw bad(sentence('In a connection address write / ? # and @ of a password as %2F %3F %23 and %40.'));
  }
  const said = understood(found, [...queryOf(query), ...(pairs === undefined ? [] : pairsOf(pairs, PAIR))]);
  const database = decode(parts['database'] ?? '');
  const address = addressOf(found, nodesOf(decode(parts['hosts'] ?? ''), found, said), said);
  return {
    ...address,
    user: login?.user ?? address.user,
    password: login?.password ?? address.password,
    database: database === '' ? address.database : database,
  };
}

/** `Server=host,1433;User Id=…;Password=…` and `host=… user=… password=…`. */
function parseList(text: string, engine: EngineKind): Address {
  const said = understood(engine, pairsOf(text, engine === 'postgres' && !text.includes(';') ? WORD : PAIR), true);
  const port = said.get('port');
  const host = said.get('host') ?? '';
  return addressOf(engine, nodesOf(port === undefined ? host : `${host}:${port}`, engine, said), said);
}

function addressOf(engine: EngineKind, nodes: readonly ServerNode[], said: Said): Address {
  const direct = said.get('direct')?.toLowerCase() === 'true';
  return {
    engine,
    nodes,
    user: said.get('user') ?? null,
    password: said.get('password') ?? null,
    database: said.get('database') ?? null,
    tls: tlsOf(engine, said),
    // one node is talked to as it was named, whatever set it belongs to
    replicaSet: direct ? null : (said.get('replicaSet') ?? null),
    authSource: said.get('authSource') ?? null,
    keyPassphrase: said.get('keyPassphrase') ?? null,
  };
}

function nodesOf(hosts: string, engine: EngineKind, said: Said): readonly ServerNode[] {
  const instance = said.get('instance');
  if (instance !== undefined && !/[\\:,]/.test(hosts)) return parseHosts(`${hosts}\\${instance}`, engine);
  // where only a port is named, or nothing, it is this machine
  return parseHosts(hosts === '' || hosts.startsWith(':') ? `localhost${hosts}` : hosts, engine);
}

function loginOf(login: string | undefined): { user: string; password: string | null } | null {
  if (login === undefined) return null;
  const colon = login.indexOf(':');
  if (colon === -1) return { user: decode(login), password: null };
  return { user: decode(login.slice(0, colon)), password: decode(login.slice(colon + 1)) };
}

/** A plus sign is one, as in the engines' own tools. */
function queryOf(query: string): (readonly [string, string])[] {
  const parts = query.split('&').filter((part) => part !== '');
  return parts.map((part) => {
    const end = part.includes('=') ? part.indexOf('=') : part.length;
    return [decode(part.slice(0, end)), decode(part.slice(end + 1))];
  });
}

function pairsOf(text: string, shape: RegExp): (readonly [string, string])[] {
  const found = [...text.matchAll(shape)];
  const length = found.reduce((sum, [whole]) => sum + whole.length, 0);
  if (text.slice(length).replace(/[;\s]/g, '') !== '') {
    throw bad(sentence('The pairs name=value in the connection address cannot be read.'));
  }
  return found.map(([, name = '', value = '']) => [name, unquoted(value)]);
}

function unquoted(value: string): string {
  const inner = value.slice(1, -1);
  switch (value.length > 1 && value.charAt(0) + value.charAt(value.length - 1)) {
    case '{}':
      return inner.replaceAll('}}', '}');
    case '""':
      return inner.replaceAll('""', '"');
    case "''":
      return inner.replace(/\\(.)|''/g, (_all, escaped?: string) => escaped ?? "'");
    default:
      return value;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad(sentence('A % in a connection address starts an encoded character; write it as %25.'));
  }
}

function bad(what: Sentence): Failure {
  return new Failure('bad-input', what);
}
