import * as vscode from 'vscode';
import type { EngineKind } from '../../cutover/facts.ts';
import type { ConnectionProfile, TlsOptions } from '../../engines/engine.ts';
import { askOne, askText, BACK, type Question } from '../ui/prompts.ts';
import { formatAddresses, parseAddresses } from './address.ts';
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
    textQuestion('address', () => ({
      prompt:
        engine === 'mongodb'
          ? vscode.l10n.t('Address as host:port, several separated by commas')
          : vscode.l10n.t('Address as host:port, as it is reached from this machine'),
      placeholder: `10.0.0.5:${DEFAULT_PORTS[engine]}`,
      check: (text) => {
        const nodes = parseAddresses(text, engine);
        return typeof nodes === 'string' ? nodes : null;
      },
    })),
    textQuestion('user', () => ({
      prompt: vscode.l10n.t('Account that may see every session; it needs no right to write'),
      check: required,
    })),
    textQuestion('database', () => ({
      prompt: vscode.l10n.t('Database to connect to first; empty for the default of the server'),
    })),
    ...(engine === 'mongodb' ? mongoQuestions() : []),
    tlsQuestion,
    textQuestion('password', ({ user }) => ({
      prompt: vscode.l10n.t(
        'Password of {user}, for the secret storage of the editor; empty keeps the one that is known',
        { user },
      ),
      value: '',
      password: true,
    })),
  ];
}

const mongoQuestions = (): readonly Question<Answers>[] => [
  textQuestion('replicaSet', () => ({ prompt: vscode.l10n.t('Name of the replica set; empty when there is none') })),
  textQuestion('authSource', () => ({ prompt: vscode.l10n.t('Authentication database; empty for admin') })),
];

const tlsQuestion: Question<Answers> = async (answers, place) => {
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
    if (mode !== 'verify-full') return { ...answers, tls: { mode } };
    const caFile = await askText(place, {
      prompt: vscode.l10n.t('PEM file with the certificate authority; empty for those this machine trusts'),
      value: answers.tls.caFile ?? '',
      placeholder: '/path/to/ca.pem',
    });
    if (caFile !== BACK) return { ...answers, tls: { mode, ...(caFile && { caFile }) } };
  }
};

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
