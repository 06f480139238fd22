import * as vscode from 'vscode';
import { describeRule, type SessionRule } from '../../cutover/classify.ts';
import type { ClassifiedSession, Side, TaskRef } from '../../cutover/facts.ts';
import { SESSION_CLASS_NAMES } from '../../cutover/words.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { tell } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { readRule } from '../settings/sessionRules.ts';
import { writeSetting } from '../settings/write.ts';

const FIELDS = ['account', 'host', 'program', 'database'] as const;

/** Makes a rule of a session the user points at: which class, and by which of its features it is recognised. */
export async function addSessionRule(parts: Parts, ref: TaskRef, side: Side, sessionId: string): Promise<void> {
  const run = await parts.runs.open(ref);
  const session = run.snapshot()[side].sessions.find(({ id }) => id === sessionId);
  if (!session) throw new Failure('bad-input', sentence('Session {id} is no longer there.', { id: sessionId }));
  const title = vscode.l10n.t('Rule for sessions like {id}', { id: session.id });
  const cls = await vscode.window.showQuickPick(classes(), { title, ignoreFocusOut: true });
  if (!cls) return;
  const fields = await vscode.window.showQuickPick(features(session), {
    title,
    placeHolder: vscode.l10n.t('Every feature chosen has to match'),
    canPickMany: true,
    ignoreFocusOut: true,
  });
  if (!fields) return;
  const rule = readRule({
    class: cls.value,
    ...Object.fromEntries(fields.map(({ field }) => [field, session[field]])),
  });
  if (typeof rule === 'string') {
    throw new Failure('bad-input', sentence('This makes no rule: {problem}.', { problem: rule }));
  }
  await writeSetting('sessionRules', [...kept(), rule]);
  vscode.window.setStatusBarMessage(vscode.l10n.t('Rule added: {rule}', { rule: describeRule(rule) }), 5000);
}

const classes = (): readonly (vscode.QuickPickItem & { readonly value: SessionRule['class'] })[] => [
  { ...named('dts'), detail: vscode.l10n.t('Belongs to DTS: does not keep the source from being quiet') },
  { ...named('replication'), detail: vscode.l10n.t('Reads the log, e.g. a replica') },
  { ...named('system'), detail: vscode.l10n.t('Belongs to the server or its monitoring') },
  { ...named('ignored'), detail: vscode.l10n.t('You answer for it: it does not write') },
  { ...named('business'), detail: vscode.l10n.t('The business: has to be gone before Complete') },
];

/** By its name, with the word that stands in the settings. */
const named = (value: SessionRule['class']) => ({ value, label: tell(SESSION_CLASS_NAMES[value]), description: value });

const features = (session: ClassifiedSession) =>
  FIELDS.filter((field) => session[field] !== '').map((field) => ({
    field,
    label: `${field} = ${session[field]}`,
    picked: field === 'account',
  }));

/** The rules as they stand in the settings; one that cannot be read stays for the user to mend. */
function kept(): readonly unknown[] {
  const value = vscode.workspace.getConfiguration('dtsCutover').get<unknown>('sessionRules');
  return Array.isArray(value) ? value : [];
}
