import * as vscode from 'vscode';
import type { ClassifiedSession, SessionClass, Side, TaskRef } from '../../cutover/facts.ts';
import type { CutoverRun } from '../../cutover/run.ts';
import type { SideView } from '../../cutover/snapshot.ts';
import { SESSION_CLASS_NAMES, SESSION_STATE_NAMES } from '../../cutover/words.ts';
import { cancelled, Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { cancellable } from '../ui/progress.ts';
import { tell } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { perform } from './perform.ts';
import { visible } from '../../util/visible.ts';

const LONGEST_WAIT_MS = 30_000;

/** Shows who is connected to the source, each with its class and the rule that gave it. Picking one offers to end it. */
export async function checkSessions(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<void> {
  await pickAndEnd(parts, ref, 'source', signal);
}

/** Asks on which side, then which session. The run confirms before it ends anything. */
export async function terminateSession(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<void> {
  const sides = [
    { label: vscode.l10n.t('Source'), side: 'source' as const },
    { label: vscode.l10n.t('Target'), side: 'target' as const },
  ];
  const chosen = await vscode.window.showQuickPick(sides, { title: vscode.l10n.t('End a session on which side?') });
  if (chosen) await pickAndEnd(parts, ref, chosen.side, signal);
}

async function pickAndEnd(parts: Parts, ref: TaskRef, side: Side, signal: AbortSignal): Promise<void> {
  const run = await parts.runs.open(ref);
  const view = await cancellable(vscode.l10n.t('Reading the sessions …'), signal, (either) =>
    freshSessions(run, side, either),
  );
  const chosen = await vscode.window.showQuickPick(view.sessions.map(sessionPick), {
    title: countsText(view),
    placeHolder: vscode.l10n.t('Choose a session to end it; Escape only looks'),
    matchOnDescription: true,
    matchOnDetail: true,
    ignoreFocusOut: true,
  });
  if (chosen) await perform(parts, ref, { kind: 'terminateSession', side, id: chosen.id }, signal);
}

/** Watches the run until it has read the sessions once more; a side that cannot be reached is a Failure. */
function freshSessions(run: CutoverRun, side: Side, signal: AbortSignal): Promise<SideView> {
  const began = Date.now();
  return new Promise((resolve, reject) => {
    const unwatch = run.watch();
    const timer = setTimeout(() => finish(() => reject(tooLong())), LONGEST_WAIT_MS);
    const abort = () => finish(() => reject(cancelled(signal.reason)));
    const stop = run.onChange(look);
    signal.addEventListener('abort', abort, { once: true });
    look();

    function look(): void {
      const view = run.snapshot()[side];
      const { connection } = view;
      if (connection.state === 'failed') {
        const { reason, what, tryThis } = connection.failure;
        finish(() => reject(new Failure(reason, what, tryThis)));
      } else if (connection.state === 'unconfigured') finish(() => reject(notConfigured(side)));
      else if (view.sessionsAt !== null && view.sessionsAt >= began) finish(() => resolve(view));
    }
    function finish(settle: () => void): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      stop();
      unwatch();
      settle();
    }
  });
}

const notConfigured = (side: Side) =>
  new Failure(
    'not-configured',
    side === 'source'
      ? sentence('The source connection of this task is not configured.')
      : sentence('The target connection of this task is not configured.'),
  );

const tooLong = () => new Failure('timed-out', sentence('The sessions were not read within 30 seconds.'));

function sessionPick(session: ClassifiedSession): vscode.QuickPickItem & { readonly id: string } {
  return {
    id: session.id,
    label: `$(${CLASS_ICONS[session.class]}) ${plain(`${session.id}  ${session.account || '?'}@${session.host || '?'}`)}`,
    description: [
      tell(SESSION_CLASS_NAMES[session.class]),
      tell(SESSION_STATE_NAMES[session.state]),
      plain(session.program),
      plain(session.database),
    ]
      .filter(Boolean)
      .join(' · '),
    detail: [tell(session.rule), plain(session.statement.slice(0, 1000).replace(/\s+/g, ' ').slice(0, 200))]
      .filter(Boolean)
      .join(' — '),
  };
}

/** Names from a server in a list: nothing hidden in them, and no icon drawn by them. */
const plain = (text: string) => visible(text).replaceAll('$(', String.raw`\$(`);

const CLASS_ICONS: Readonly<Record<SessionClass, string>> = {
  business: 'account',
  unknown: 'question',
  dts: 'cloud',
  replication: 'repo-forked',
  system: 'gear',
  self: 'home',
  ignored: 'circle-slash',
};

const countsText = ({ sessions, counts }: SideView) =>
  vscode.l10n.t('{total} sessions: {business} business, {unknown} unknown, {dts} DTS, {others} others', {
    total: sessions.length,
    business: counts.business,
    unknown: counts.unknown,
    dts: counts.dts,
    others: sessions.length - counts.business - counts.unknown - counts.dts,
  });
