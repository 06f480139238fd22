import * as vscode from 'vscode';
import type { EngineKind } from '../../cutover/facts.ts';
import type { ConnectionProfile, TlsOptions } from '../../engines/engine.ts';
import type { Address } from '../../engines/url.ts';
import { normalPins } from '../../engines/pin.ts';
import { askOne, askText, BACK, type Place, type Question } from '../ui/prompts.ts';
import { formatAddresses, parseAddress, parseAddresses } from './address.ts';
import { DEFAULT_PORTS } from '../../engines/defaultPorts.ts';

export interface Answers {
  readonly id: string;
  readonly engine: EngineKind;
  readonly address: string;
  readonly user: string;
  readonly database: string;
  readonly tls: TlsOptions;
  readonly replicaSet: string;
  readonly authSource: string;
  readonly password: string;
  /** of the client key */
  readonly keyPassphrase: string;
}

type TextKey = { [K in keyof Answers]: Answers[K] extends string ? K : never }[keyof Answers];

const required = (text: string) => (text === '' ? vscode.l10n.t('This cannot be empty.') : null);

/** A question whose answer is one of the texts. */
function textQuestion(
  key: Exclude<TextKey, 'engine'>,
  options: (answers: Answers) => Parameters<typeof askText>[1],
): Question<Answers> {
  return async (answers, place) => {
    const text = await askText(place, { value: answers[key], ...options(answers) });
    return text === BACK ? BACK : { ...answers, [key]: text };
  };
}

/** The questions for one connection. `takenIds` are names of other connections. */
export function connectionQuestions(engine: EngineKind, takenIds: ReadonlySet<string>): readonly Question<Answers>[] {
  return [
    textQuestion('id', () => ({
      prompt: vscode.l10n.t('Name of the connection'),
      check: (text) =>
        takenIds.has(text) ? vscode.l10n.t('There is already a connection named {id}.', { id: text }) : required(text),
    })),
    addressQuestion(engine),
    textQuestion('user', () => ({
      prompt: vscode.l10n.t('Account that may see every session; it needs no right to write'),
      check: required,
    })),
    textQuestion('database', () => ({
      prompt: vscode.l10n.t('Database to connect to first; empty for the default of the server'),
    })),
    ...(engine === 'mongodb' ? mongoQuestions() : []),
    tlsQuestion(engine),
    ...(engine === 'sqlserver' ? [] : clientKeyQuestions()),
    textQuestion('password', ({ user, password }) => ({
      prompt: vscode.l10n.t(
        'Password of {user}, for the secret storage of the editor; empty keeps the one that is known',
        { user },
      ),
      // from a pasted address
      value: password,
      password: true,
    })),
  ];
}

/** What a pasted URL says besides becomes the answers to the questions that follow. */
const addressQuestion =
  (engine: EngineKind): Question<Answers> =>
  async (answers, place) => {
    const text = await askText(place, {
      prompt:
        engine === 'mongodb'
          ? vscode.l10n.t('Address as host:port, several separated by commas, or a connection URL')
          : vscode.l10n.t('Address as host:port, as it is reached from this machine, or a connection URL'),
      value: answers.address,
      placeholder: `10.0.0.5:${DEFAULT_PORTS[engine]}`,
      check: (given) => {
        const address = parseAddress(given, engine);
        return typeof address === 'string' ? address : null;
      },
    });
    if (text === BACK) return BACK;
    const address = parseAddress(text, engine);
    return typeof address === 'string' ? answers : { ...answers, ...answersIn(address) };
  };

function answersIn({ engine: _, nodes, ...said }: Address): Partial<Answers> {
  const given = Object.fromEntries(Object.entries(said).filter(([, answer]) => answer !== null));
  return { address: formatAddresses(nodes), ...given };
}

const mongoQuestions = (): readonly Question<Answers>[] => [
  textQuestion('replicaSet', () => ({ prompt: vscode.l10n.t('Name of the replica set; empty when there is none') })),
  textQuestion('authSource', () => ({ prompt: vscode.l10n.t('Authentication database; empty for admin') })),
];

const tlsQuestion =
  (engine: EngineKind): Question<Answers> =>
  async (answers, place) => {
    for (;;) {
      const mode = await askOne<TlsOptions['mode']>(
        place,
        vscode.l10n.t('Encryption'),
        [
          {
            label: 'verify-full',
            description: vscode.l10n.t('encrypted; certificate and host name are checked'),
            value: 'verify-full',
          },
          ...(engine === 'sqlserver'
            ? []
            : [
                {
                  label: 'verify-ca',
                  description: vscode.l10n.t('encrypted; the certificate is checked, whatever name it is for'),
                  value: 'verify-ca' as const,
                },
              ]),
          {
            label: 'pinned',
            description: vscode.l10n.t('encrypted; the certificate is the one with this fingerprint'),
            value: 'pinned',
          },
          {
            label: 'required',
            description: vscode.l10n.t('encrypted; the certificate is not checked'),
            value: 'required',
          },
          { label: 'off', description: vscode.l10n.t('not encrypted'), value: 'off' },
        ],
        answers.tls.mode,
      );
      if (mode === BACK) return BACK;
      if (mode === 'off') return { ...answers, tls: { mode } };
      const { caFile: known, pin: pinned, ...own } = answers.tls;
      if (mode === 'required') return { ...answers, tls: { ...own, mode } };
      if (mode === 'pinned') {
        const pin = await askPin(place, pinned);
        if (pin === BACK) continue;
        return { ...answers, tls: { ...own, mode, pin } };
      }
      const caFile = await askText(place, {
        prompt: vscode.l10n.t(
          'PEM file with the certificate authority, or with the server’s own certificate; empty for those this machine trusts',
        ),
        value: known ?? '',
        placeholder: '/path/to/ca.pem',
      });
      if (caFile !== BACK) return { ...answers, tls: { ...own, mode, ...(caFile && { caFile }) } };
    }
  };

async function askPin(place: Place, pinned: string | undefined): Promise<string | typeof BACK> {
  const text = await askText(place, {
    prompt: vscode.l10n.t(
      'SHA-256 fingerprint of the certificate of the server, read on the server itself: openssl x509 -noout -fingerprint -sha256 -in server-cert.pem',
    ),
    value: pinned ?? '',
    placeholder: 'AB:CD:…',
    check: (given) => (normalPins(given) === null ? vscode.l10n.t('This is no SHA-256 fingerprint.') : null),
  });
  return text === BACK ? BACK : (normalPins(text) ?? '');
}

/** The client's own certificate, for servers that ask for one. */
const clientKeyQuestions = (): readonly Question<Answers>[] => [
  async (answers, place) => {
    if (answers.tls.mode === 'off') return answers;
    const { certFile: _cert, keyFile: _key, ...tls } = answers.tls;
    const certFile = await askText(place, {
      prompt: vscode.l10n.t('PEM file with a client certificate; empty where the server asks for none'),
      value: answers.tls.certFile ?? '',
    });
    if (certFile === BACK) return BACK;
    if (certFile === '') return { ...answers, tls };
    const keyFile = await askText(place, {
      prompt: vscode.l10n.t('PEM file with the key of the client certificate'),
      value: answers.tls.keyFile ?? '',
      check: required,
    });
    if (keyFile === BACK) return BACK;
    const keyPassphrase = await askText(place, {
      prompt: vscode.l10n.t(
        'Passphrase of the key, for the secret storage; empty for none, or for the one that is known',
      ),
      password: true,
    });
    return keyPassphrase === BACK ? BACK : { ...answers, tls: { ...tls, certFile, keyFile }, keyPassphrase };
  },
];

export function answersOf(profile: ConnectionProfile): Answers {
  return {
    id: profile.id,
    engine: profile.engine,
    address: formatAddresses(profile.nodes),
    user: profile.user,
    database: profile.database,
    tls: profile.tls,
    replicaSet: profile.replicaSet ?? '',
    authSource: profile.authSource ?? '',
    password: '',
    keyPassphrase: '',
  };
}

/** @throws when the address is none; the question has checked it */
export function profileOf(answers: Answers): ConnectionProfile {
  const nodes = parseAddresses(answers.address, answers.engine);
  if (typeof nodes === 'string') throw new Error(nodes);
  return {
    id: answers.id,
    engine: answers.engine,
    nodes,
    user: answers.user,
    database: answers.database,
    tls: answers.tls,
    ...(answers.replicaSet && { replicaSet: answers.replicaSet }),
    ...(answers.authSource && { authSource: answers.authSource }),
  };
}
