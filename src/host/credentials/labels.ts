import * as vscode from 'vscode';
import { sdkFile } from '../../dts/credentialFiles.ts';
import type { HostSettings } from '../settings/settings.ts';

/** Where the keys come from, as the tree and the quick pick say it. */
export function sourceLabel({ source, profile }: HostSettings['credentials']): string {
  switch (source) {
    case 'stored':
      return vscode.l10n.t('Keys kept in this editor');
    case 'environment':
      return vscode.l10n.t('Keys from environment variables');
    case 'profile':
      return vscode.l10n.t('Keys of the CLI profile {profile}', { profile });
    case 'file':
      return vscode.l10n.t('Keys of the profile {profile} in {file}', { profile, file: sdkFile() });
  }
}
