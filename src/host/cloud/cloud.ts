import * as vscode from 'vscode';
import type { CallRecord, Credentials, DtsClient, DtsClientOptions, DtsEndpoint } from '../../dts/api.ts';
import type { CredentialStore } from '../credentials/store.ts';
import type { Log } from '../log.ts';
import type { Settings } from '../settings/watch.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { addressOf } from '../../dts/sites.ts';
import { proxyFor } from './proxy.ts';

/** The DTS service as the settings name it. The client with its SDK is loaded when it is first asked for. */
export interface Cloud {
  /** with the chosen credentials, read again before every request */
  client(): Promise<DtsClient>;
  /** with these keys, for trying them before they are kept */
  clientWith(credentials: Credentials): Promise<DtsClient>;
  /** host (and port) of the service, for people; known without loading anything */
  endpointName(): string;
  /** whose key it is, for people: the beginning of its SecretId, or the role */
  accountName(): Promise<string>;
}

export const isChinese = () => vscode.env.language.toLowerCase().startsWith('zh');

export function createCloud(settings: Settings, credentials: CredentialStore, log: Log): Cloud {
  /** one client per way of reaching the service: its limiter has to see every request */
  let current: { readonly route: string; readonly client: Promise<DtsClient> } | null = null;

  async function create(keys: DtsClientOptions['credentials']): Promise<DtsClient> {
    const { endpoint } = settings.current();
    const url = urlOf(endpoint);
    if (url === null) throw noEndpoint();
    const { createDtsClient } = await import('../../dts/client.ts');
    return createDtsClient({
      credentials: keys,
      endpoint,
      language: isChinese() ? 'zh-CN' : 'en-US',
      proxy: proxyFor(url, proxySetting(), process.env),
      log: (record) => log.debug(callText(record)),
    });
  }

  return {
    client() {
      const route = `${JSON.stringify(settings.current().endpoint)} ${proxySetting()}`;
      if (current?.route !== route) {
        const client = create(() => credentials.read());
        current = { route, client };
        client.catch(() => {
          if (current?.client === client) current = null;
        });
      }
      return current.client;
    },
    clientWith: (keys) => create(keys),
    async accountName() {
      const identity = await credentials.read();
      if (!('role' in identity)) return `${identity.secretId.slice(0, 8)}…`;
      return identity.role === 'assume' ? identity.arn : identity.role;
    },
    endpointName() {
      const url = urlOf(settings.current().endpoint);
      return url === null ? vscode.l10n.t('no valid endpoint') : new URL(url).host;
    },
  };
}

const proxySetting = () => vscode.workspace.getConfiguration('http').get<string>('proxy', '');

function urlOf(endpoint: DtsEndpoint): string | null {
  const address = addressOf(endpoint, '');
  return address && `${address.protocol}//${address.host}`;
}

const noEndpoint = () =>
  new Failure(
    'not-configured',
    sentence('The address of the DTS service (dtsCutover.endpointUrl) is missing or no address.'),
    sentence('Set it, or choose another dtsCutover.endpoint.'),
  );

const callText = ({ action, region, attempt, milliseconds, outcome, code, requestId, unreadable }: CallRecord) =>
  [
    `${action} ${region}`,
    attempt > 1 && `try ${attempt}`,
    `${milliseconds} ms`,
    outcome,
    code,
    requestId,
    unreadable.length > 0 && `unreadable: ${unreadable.slice(0, 20).join(', ')}`,
  ]
    .filter((part) => part !== false && part !== '')
    .join(' · ');
