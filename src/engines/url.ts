/** Connection addresses as one types them, for the front end without VS Code and the tests. Pure. */
import type { EngineKind } from '../cutover/facts.ts';
import { Failure } from '../util/failure.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { DEFAULT_PORTS } from './defaultPorts.ts';
import type { ConnectionProfile, TlsOptions } from './engine.ts';

const ENGINES: Readonly<Record<string, EngineKind>> = {
  postgres: 'postgres',
  postgresql: 'postgres',
  mysql: 'mysql',
  mariadb: 'mysql',
  sqlserver: 'sqlserver',
  mssql: 'sqlserver',
  mongodb: 'mongodb',
};

/** Several hosts are possible, which the URL class of the language does not know. The last @ ends the password. */
const SHAPE =
  /^(?<scheme>[a-z]+):\/\/(?:(?<login>[^/?#]*)@)?(?<hosts>[^/?#@]*)(?:\/(?<database>[^?#]*))?(?:\?(?<query>[^#]*))?$/i;
const HOST = /^(?:\[(?<ip>[0-9a-f:.]+)\]|(?<name>[^:[\]]*))(?::(?<port>\d{1,5}))?$/i;

/**
 * `engine://user:password@host:port/database?…`, percent-encoded. TLS as each engine's own tools spell it: `sslmode`
 * and `sslrootcert`; `ssl-mode` and `ssl-ca`; `encrypt`, `trustServerCertificate` and
 * `certificate`; `tls`, `tlsAllowInvalidCertificates` and `tlsCAFile`.
 * @throws Failure `bad-input`, which never repeats the address: it holds the password
 */
export function parseConnectionUrl(text: string): { profile: ConnectionProfile; password: string } {
  if (/^mongodb\+srv:/i.test(text.trim())) {
    throw bad(
      sentence('An address mongodb+srv:// is not resolved here: name the members, as mongodb://host:port,host:port/.'),
    );
  }
  const parts = SHAPE.exec(text.trim())?.groups;
  const engine = ENGINES[parts?.['scheme']?.toLowerCase() ?? ''];
  if (!parts || !engine) {
    throw bad(
      sentence(
        'A connection address looks like postgres://user:password@host:port/database (or mysql, sqlserver, mongodb).',
      ),
    );
  }
  const login = parts['login'] ?? '';
  const colon = login.indexOf(':');
  const user = decode(colon === -1 ? login : login.slice(0, colon));
  const database = decode(parts['database'] ?? '');
  if (engine === 'sqlserver' && /\\|%5c/i.test(parts['hosts'] ?? '')) {
    throw bad(sentence('A named instance (host\\instance) is not looked up here: give its port, as host:port.'));
  }
  const nodes = (parts['hosts'] ?? '').split(',').map((host) => parseHost(host, DEFAULT_PORTS[engine]));
  const options = understood(engine, new URLSearchParams(parts['query'] ?? ''));
  const replicaSet = isDirect(options) ? null : options.get('replicaSet');
  const [first] = nodes;
  return {
    profile: {
      id: `${engine}://${user}@${first?.host ?? ''}:${first?.port ?? DEFAULT_PORTS[engine]}/${database}`,
      engine,
      nodes,
      user,
      database,
      tls: tlsOf(engine, options),
      ...(replicaSet === null ? {} : { replicaSet }),
      ...(options.has('authSource') ? { authSource: options.get('authSource') ?? '' } : {}),
    },
    password: decode(colon === -1 ? '' : login.slice(colon + 1)),
  };
}

/** What an address may say besides where, by the names of each engine's own tools. */
const OPTIONS: Readonly<Record<EngineKind, readonly string[]>> = {
  postgres: ['sslmode', 'sslrootcert'],
  mysql: ['ssl-mode', 'ssl-ca'],
  sqlserver: ['encrypt', 'trustServerCertificate', 'certificate'],
  mongodb: [
    ...['tls', 'ssl', 'tlsAllowInvalidCertificates', 'tlsInsecure', 'tlsCAFile'],
    ...['replicaSet', 'authSource', 'directConnection'],
  ],
};

/** What may be said and changes nothing here: nothing is written, and every member is asked by itself. */
const WITHOUT_EFFECT: Readonly<Partial<Record<EngineKind, Readonly<Record<string, RegExp>>>>> = {
  mongodb: {
    retryWrites: /./,
    retryReads: /./,
    w: /./,
    appName: /./,
    readPreference: /^primary$/,
    authMechanism: /^(DEFAULT|SCRAM-SHA-1|SCRAM-SHA-256)$/,
    loadBalanced: /^false$/,
  },
};

/**
 * The options under the names that are used here; their keys are read in any case, as MongoDB has it.
 * @throws Failure `bad-input` that names an option which is not understood: heeding half of an address is no connection
 */
function understood(engine: EngineKind, given: URLSearchParams): URLSearchParams {
  const options = new URLSearchParams();
  const harmless = Object.entries(WITHOUT_EFFECT[engine] ?? {});
  for (const [key, value] of given) {
    const same = (name: string) => name.toLowerCase() === key.toLowerCase();
    const known = OPTIONS[engine].find(same);
    if (known) options.append(known, value);
    else if (!harmless.some(([name, values]) => same(name) && values.test(value))) {
      throw bad(
        sentence('The option {option} in the connection address is not supported here, or not with this value.', {
          option: key,
        }),
      );
    }
  }
  return options;
}

/** One node is talked to as it was named, whatever set it belongs to. */
const isDirect = (options: URLSearchParams) => options.get('directConnection')?.toLowerCase() === 'true';

function parseHost(text: string, defaultPort: number): { host: string; port: number } {
  const parts = HOST.exec(text)?.groups;
  const port = parts?.['port'] === undefined ? defaultPort : Number(parts['port']);
  if (!parts || port < 1 || port > 65_535)
    throw bad(sentence('The host or port in the connection address is not valid.'));
  return { host: parts['ip'] ?? (decode(parts['name'] ?? '') || 'localhost'), port };
}

function tlsOf(engine: EngineKind, options: URLSearchParams): TlsOptions {
  const { mode, caFile } = tlsWords(engine, (name) => options.get(name)?.toLowerCase() ?? null, options);
  switch (mode) {
    case null:
    case 'disable':
    case 'disabled':
    case 'allow':
    case 'prefer':
    case 'preferred':
      return { mode: 'off' };
    case 'require':
    case 'required':
      return { mode: 'required' };
    case 'verify-ca':
    case 'verify_ca':
      return { mode: 'verify-ca', ...(caFile === null ? {} : { caFile }) };
    case 'verify-full':
    case 'verify_identity':
      return { mode: 'verify-full', ...(caFile === null ? {} : { caFile }) };
    default:
      throw bad(sentence('The TLS mode in the connection address is not known; try require or verify-full.'));
  }
}

function tlsWords(engine: EngineKind, word: (name: string) => string | null, options: URLSearchParams) {
  const yes = (name: string) => ['true', 'yes', '1', 'strict'].includes(word(name) ?? '');
  switch (engine) {
    case 'postgres':
      return { mode: word('sslmode'), caFile: options.get('sslrootcert') };
    case 'mysql':
      return { mode: word('ssl-mode'), caFile: options.get('ssl-ca') };
    case 'sqlserver':
      return {
        mode: checked(yes('encrypt'), yes('trustServerCertificate')),
        caFile: options.get('certificate'),
      };
    case 'mongodb':
      return {
        mode: checked(yes('tls') || yes('ssl'), yes('tlsAllowInvalidCertificates') || yes('tlsInsecure')),
        caFile: options.get('tlsCAFile'),
      };
  }
}

function checked(encrypted: boolean, trusting: boolean): string | null {
  if (!encrypted) return null;
  return trusting ? 'required' : 'verify-full';
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
