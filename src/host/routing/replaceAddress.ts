import * as vscode from 'vscode';
import type { Side, TaskRef } from '../../cutover/facts.ts';
import { cancelled, Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { cancellable } from '../ui/progress.ts';
import { taskFacts, type FactParts } from '../commands/facts.ts';
import { canReplaceAddress } from '../commands/offers.ts';
import { perform, type RunParts } from '../commands/perform.ts';
import { formatAddresses, parseAddresses } from '../connections/address.ts';
import { DEFAULT_PORTS } from '../../engines/defaultPorts.ts';
import type { Parts } from '../parts.ts';
import { findProfile } from '../runs/ports.ts';
import { askAll, askText, BACK, type Question } from '../ui/prompts.ts';
import { mentionsOf, type Address } from './addresses.ts';
import { visible } from '../../util/visible.ts';
import { textFilesWith, type Found } from './files.ts';
import type { Encoding } from './textOf.ts';

type RoutingParts = FactParts & RunParts & Pick<Parts, 'settings' | 'log'>;

/**
 * Replaces the source's address by the target's in files of the workspace. The editor shows every change first; only
 * what the user leaves ticked is made, and what was made stands in the record.
 */
export async function replaceAddress(parts: RoutingParts, ref: TaskRef, signal: AbortSignal): Promise<void> {
  if (!vscode.workspace.workspaceFolders?.length) {
    throw new Failure(
      'not-configured',
      sentence('No folder is open in which addresses could be replaced.'),
      sentence('Open the folder with the configuration of the business.'),
    );
  }
  const run = (await parts.runs.open(ref)).snapshot();
  if (!canReplaceAddress({ task: undefined, run })) {
    throw new Failure(
      'not-allowed-now',
      sentence('The business does not belong to the target yet: the task has not ended with success.'),
      sentence('Replace addresses in step 7, after Complete.'),
    );
  }
  const { from, to } = await askAddresses(parts, ref, signal);
  const { edit, files, unread, cut } = await planned(from, to, signal);
  tellUnread(parts.log, unread);
  const names = { from: formatAddresses([from]), to: formatAddresses([to]) };
  if (files.size === 0) {
    throw new Failure(
      'bad-input',
      cut
        ? sentence(
            '{from} was not found in the first files of the workspace; it has more than are looked through.',
            names,
          )
        : sentence('No file of the workspace names {from}.', names),
    );
  }
  const applied = await vscode.workspace.applyEdit(edit);
  const changed = applied ? await changedFiles(files) : [];
  if (changed.length === 0) {
    // the editor does not tell a preview that was discarded from one in which nothing was ticked
    void vscode.window.showInformationMessage(vscode.l10n.t('No file was changed: nothing was ticked and applied.'));
    throw cancelled();
  }
  await perform(parts, ref, { kind: 'recordRouting', from: names.from, to: names.to, files: changed }, signal);
  void vscode.window.showInformationMessage(
    vscode.l10n.t('{from} was replaced by {to} in {count} files. It stands in the record.', {
      ...names,
      count: changed.length,
    }),
  );
}

interface Answers {
  readonly from: string;
  readonly to: string;
}

async function askAddresses(parts: RoutingParts, ref: TaskRef, signal: AbortSignal) {
  const task = await taskFacts(parts, ref, signal);
  const engine = task.source.engine ?? 'mysql';
  const ask = (key: keyof Answers, prompt: string): Question<Answers> => {
    return async (answers, place) => {
      const check = (text: string) => {
        const nodes = parseAddresses(text, engine);
        if (typeof nodes === 'string') return nodes;
        return nodes.length > 1 ? vscode.l10n.t('one address at a time') : null;
      };
      const text = await askText(place, { prompt, value: answers[key], placeholder: '10.0.0.5:3306', check });
      return text === BACK ? BACK : { ...answers, [key]: text };
    };
  };
  const known = (side: Side): string => {
    const [node] = task[side].nodes.filter(({ host }) => host !== '');
    if (node) return formatAddresses([{ host: node.host, port: node.port ?? DEFAULT_PORTS[engine] }]);
    return formatAddresses(findProfile(ref, side, parts.settings)?.nodes.slice(0, 1) ?? []);
  };
  const answers = await askAll(
    vscode.l10n.t('Replace the address of the source in the workspace'),
    { from: known('source'), to: known('target') },
    [
      ask('from', vscode.l10n.t('The source as the business names it, as host:port')),
      ask('to', vscode.l10n.t('The target as the business is to name it, as host:port')),
    ],
  );
  return { from: only(answers.from), to: only(answers.to) };

  function only(text: string): Address {
    const nodes = parseAddresses(text, engine);
    const node = typeof nodes === 'string' ? undefined : nodes[0];
    if (!node) throw new Failure('bad-input', sentence('{text} is no address.', { text }));
    return node;
  }
}

/** The edit, everything in it to be confirmed, and the text of each file before it. */
async function planned(from: Address, to: Address, signal: AbortSignal) {
  const title = vscode.l10n.t('Looking for {address} …', { address: formatAddresses([from]) });
  const {
    files: found,
    unread,
    cut,
  } = await cancellable(title, signal, (either) =>
    textFilesWith((text) => mentionsOf(text, from, to).length > 0, either),
  );
  const edit = new vscode.WorkspaceEdit();
  const files = new Map<vscode.Uri, Before>();
  const whole = {
    needsConfirmation: true,
    label: vscode.l10n.t('The address with its port'),
    description: `${formatAddresses([from])} → ${formatAddresses([to])}`,
  };
  const hostOnly = {
    needsConfirmation: true,
    label: vscode.l10n.t('The host alone: look where its port stands'),
    description: `${from.host} → ${to.host}`,
  };
  for (const { uri, encoding } of found) {
    // what an editor shows unsaved counts, not what is on the disk
    const document = await opened(uri, encoding);
    const text = document.getText();
    const mentions = mentionsOf(text, from, to);
    if (mentions.length > 0) files.set(document.uri, { text, unsaved: document.isDirty });
    for (const { start, end, withPort, replacement } of mentions) {
      const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
      edit.replace(document.uri, range, replacement, withPort ? whole : hostOnly);
    }
  }
  return { edit, files, unread, cut };
}

/** In the encoding it is written in, so that it is saved in it again; an editor that has it open keeps its own. */
async function opened(uri: vscode.Uri, encoding: Encoding): Promise<vscode.TextDocument> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  return open ?? vscode.workspace.openTextDocument(uri, { encoding });
}

/** What could not be looked through is listed: the address may stand there too. */
function tellUnread(log: Parts['log'], unread: Found['unread']): void {
  if (unread.length === 0) return;
  for (const { uri, why } of unread)
    log.warn(`not searched for the address (${why}): ${vscode.workspace.asRelativePath(uri)}`);
  const show = vscode.l10n.t('Show Log');
  const names = unread.slice(0, 5).map(({ uri }) => visible(vscode.workspace.asRelativePath(uri)));
  const text = vscode.l10n.t(
    '{count} files could not be searched (binary, too large, not readable, or with mixed line ends): {names}. The log lists all of them; look through those that matter yourself.',
    { count: unread.length, names: [...names, ...(unread.length > names.length ? ['…'] : [])].join(', ') },
  );
  void vscode.window.showWarningMessage(text, show).then((answer) => {
    if (answer === show) log.show();
  });
}

interface Before {
  readonly text: string;
  /** with changes of the user's own: saving is left to the user */
  readonly unsaved: boolean;
}

/**
 * The user may have ticked only some: what is another text now was changed, and is saved. The files as the workspace
 * names them.
 */
async function changedFiles(files: ReadonlyMap<vscode.Uri, Before>): Promise<string[]> {
  const changed: string[] = [];
  for (const [file, before] of files) {
    const document = await vscode.workspace.openTextDocument(file);
    if (document.getText() === before.text) continue;
    changed.push(vscode.workspace.asRelativePath(file));
    if (!before.unsaved) await document.save();
  }
  return changed;
}
