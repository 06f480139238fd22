/** What a connection address may say besides where, under the names that each engine's own tools and drivers use. Pure. */
import type { EngineKind } from '../cutover/facts.ts';
import { Failure } from '../util/failure.ts';
import { sentence } from '../util/sentence.ts';
import type { TlsOptions } from './engine.ts';
import { normalPins } from './pin.ts';

/** Names are read in any case; every engine takes `user`, `password` and `pin` too. */
const NAMES: Readonly<Record<EngineKind, Readonly<Record<string, string>>>> = {
  postgres: {
    ...{ dbname: 'database', sslmode: 'mode', sslrootcert: 'caFile' },
    ...{ sslcert: 'certFile', sslkey: 'keyFile', sslpassword: 'keyPassphrase' },
  },
  mysql: {
    ...{ 'ssl-mode': 'mode', sslmode: 'mode', 'ssl mode': 'mode', 'ssl-ca': 'caFile' },
    ...{ 'ssl-cert': 'certFile', 'ssl-key': 'keyFile' },
  },
  sqlserver: {
    ...{ username: 'user', 'user id': 'user', uid: 'user', pwd: 'password' },
    ...{ databasename: 'database', database: 'database', 'initial catalog': 'database', instancename: 'instance' },
    ...{ encrypt: 'encrypt', trustservercertificate: 'trusting', 'trust server certificate': 'trusting' },
    certificate: 'caFile',
  },
  mongodb: {
    ...{ tls: 'encrypt', ssl: 'encrypt', tlsallowinvalidcertificates: 'trusting', tlsinsecure: 'trusting' },
    ...{ tlscafile: 'caFile', tlscertificatekeyfile: 'certAndKeyFile' },
    ...{ tlscertificatekeyfilepassword: 'keyPassphrase' },
    ...{ replicaset: 'replicaSet', authsource: 'authSource', directconnection: 'direct' },
  },
};
const EVERYWHERE: Readonly<Record<string, string>> = { user: 'user', password: 'password', pin: 'pin' };

/** Where there is no address but a list of pairs, as ADO.NET and libpq have them. */
const PLACES: Readonly<Record<string, string>> = {
  ...{ server: 'host', host: 'host', 'data source': 'host', addr: 'host', address: 'host', port: 'port' },
  ...{ uid: 'user', 'user id': 'user', username: 'user', pwd: 'password', database: 'database' },
};

/** What may be said and changes nothing here: nothing is written, and every member is asked by itself. */
const WITHOUT_EFFECT: Readonly<Record<EngineKind, Readonly<Record<string, RegExp>>>> = {
  postgres: { application_name: /./, applicationname: /./, connect_timeout: /./, client_encoding: /./ },
  mysql: { charset: /./, characterencoding: /./, useunicode: /./, servertimezone: /./, connecttimeout: /./ },
  sqlserver: { applicationname: /./, 'application name': /./, logintimeout: /./, 'persist security info': /./ },
  mongodb: {
    retrywrites: /./,
    retryreads: /./,
    w: /./,
    appname: /./,
    readpreference: /^primary$/,
    authmechanism: /^(DEFAULT|SCRAM-SHA-1|SCRAM-SHA-256)$/,
    loadbalanced: /^false$/,
  },
};

export type Said = ReadonlyMap<string, string>;

/**
 * The options by the names that are used here. `isList`: pairs only, host and account among them.
 * @throws Failure `bad-input` that names an option which is not understood: heeding half of an address is no connection
 */
export function understood(
  engine: EngineKind,
  given: readonly (readonly [name: string, value: string])[],
  isList = false,
): Said {
  const said = new Map<string, string>();
  const names = new Map(Object.entries({ ...EVERYWHERE, ...(isList ? PLACES : {}), ...NAMES[engine] }));
  const harmless = new Map(Object.entries(WITHOUT_EFFECT[engine]));
  for (const [option, value] of given) {
    const key = option.trim().toLowerCase();
    const name = names.get(key);
    if (name !== undefined) said.set(name, value);
    else if (!harmless.get(key)?.test(value)) {
      throw new Failure(
        'bad-input',
        sentence('The option {option} in the connection address is not supported here, or not with this value.', {
          // a name of ours or theirs; what is no name may be part of a password
          option: /^[\w .-]{1,40}$/.test(option.trim()) ? option.trim() : '…',
        }),
      );
    }
  }
  return said;
}

/** null where the address says nothing of TLS. */
export function tlsOf(engine: EngineKind, said: Said): TlsOptions | null {
  const mode = modeOf(engine, said);
  if (mode === null || mode === 'off') return mode && { mode };
  const both = said.get('certAndKeyFile');
  const files = {
    caFile: mode.startsWith('verify') ? said.get('caFile') : undefined,
    certFile: said.get('certFile') ?? both,
    keyFile: said.get('keyFile') ?? both,
    pin: mode === 'pinned' ? (normalPins(said.get('pin') ?? '') ?? undefined) : undefined,
  };
  return { mode, ...Object.fromEntries(Object.entries(files).filter(([, file]) => file)) };
}

function modeOf(engine: EngineKind, said: Said): TlsOptions['mode'] | null {
  const mode = engine === 'sqlserver' || engine === 'mongodb' ? byFlags(said) : byWord(said.get('mode'));
  const pin = said.get('pin');
  if (pin === undefined) return mode;
  if (mode === 'off' || normalPins(pin) === null) {
    throw new Failure(
      'bad-input',
      sentence(
        'The option pin in the connection address is no SHA-256 fingerprint, or the connection is not encrypted.',
      ),
    );
  }
  return 'pinned';
}

function byFlags(said: Said): TlsOptions['mode'] | null {
  const yes = (name: string) => /^(true|yes|1|strict|mandatory)$/i.test(said.get(name) ?? '');
  if (!yes('encrypt')) return said.has('encrypt') ? 'off' : null;
  return yes('trusting') ? 'required' : 'verify-full';
}

function byWord(word: string | undefined): TlsOptions['mode'] | null {
  switch (word?.toLowerCase().replace('_', '-')) {
    case undefined:
      return null;
    case 'disable':
    case 'disabled':
    case 'none':
    case 'allow':
    case 'prefer':
    case 'preferred':
      return 'off';
    case 'require':
    case 'required':
      return 'required';
    case 'verify-ca':
    case 'verifyca':
      return 'verify-ca';
    case 'verify-full':
    case 'verifyfull':
    case 'verify-identity':
      return 'verify-full';
    default:
      throw new Failure(
        'bad-input',
        sentence('The TLS mode in the connection address is not known; try require or verify-full.'),
      );
  }
}
