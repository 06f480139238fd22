import * as vscode from 'vscode';
import type { ServerFacts, Visibility } from '../../cutover/facts.ts';
import type { ConnectionProfile } from '../../engines/engine.ts';
import { tell } from '../errors.ts';
import type { Log } from '../log.ts';
import { connect } from './connect.ts';
import type { Passwords } from './passwords.ts';
import { visible } from '../../util/visible.ts';

export interface TestResult {
  readonly profile: ConnectionProfile;
  readonly server: ServerFacts;
  readonly visibility: Visibility;
}

/**
 * Connects, asks the server who we are and what this account may see, and closes again. A connection of its own, so
 * that a run which watches the same server is not disturbed.
 */
export async function testConnection(
  profile: ConnectionProfile,
  passwords: Passwords,
  signal: AbortSignal,
): Promise<TestResult> {
  const connection = await connect(profile, passwords, signal);
  try {
    return { profile, server: connection.server, visibility: await connection.checkVisibility(signal) };
  } finally {
    await connection.close();
  }
}

/** Says what a test found; what the account cannot see comes with the grant that would change it. */
export function showResult({ profile, server, visibility }: TestResult, log: Log): void {
  const found = vscode.l10n.t('{id}: {product} at {endpoint}, connected as {account}.', {
    id: profile.id,
    product: visible(server.product),
    endpoint: server.endpoint,
    account: visible(server.account),
  });
  log.info(found);
  if (visibility.level === 'full') {
    // with a button the notification is shown whole, not cut to one line
    const openLog = vscode.l10n.t('Show Log');
    const text = `${found} ${vscode.l10n.t('It sees every session.')}`;
    void vscode.window.showInformationMessage(text, openLog).then((answer) => {
      if (answer === openLog) log.show();
    });
    return;
  }
  const missing = vscode.l10n.t('It does not see every session: {missing}', { missing: tell(visibility.missing) });
  if (visibility.grant === '') return void vscode.window.showWarningMessage(`${found} ${missing}`);
  const copy = vscode.l10n.t('Copy Grant');
  void vscode.window.showWarningMessage(`${found} ${missing}`, copy).then((answer) => {
    if (answer === copy) void vscode.env.clipboard.writeText(visibility.grant);
  });
}
