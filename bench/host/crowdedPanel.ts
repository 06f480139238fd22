/** The real panel over a real run, in the extension host, of a source on which 5,000 sessions never go away. */
import * as vscode from 'vscode';
import { createRun } from '../../src/cutover/createRun.ts';
import type { EngineConnection } from '../../src/engines/engine.ts';
import { readSessions } from '../../src/engines/postgres/sessions.ts';
import { DEFAULT_SETTINGS } from '../../src/cutover/settings.ts';
import { CutoverPanel } from '../../src/host/cutoverPanel/panel.ts';
import { createLog } from '../../src/host/log.ts';
import { systemClock } from '../../src/util/clock.ts';
import { sentence } from '../../src/util/sentence.ts';
import { position, REF, server, task } from '../../test/unit/cutover/facts.ts';
import { sessionRows } from './sessionRows.ts';

const SESSIONS = 5000;

export async function openCrowdedPanel(measured: vscode.Extension<unknown> | undefined): Promise<void> {
  if (!measured) throw new Error('The extension is not installed.');
  const run = await createRun({
    ref: REF,
    clock: systemClock,
    settings: DEFAULT_SETTINGS,
    journal: { read: () => Promise.resolve([]), append: () => Promise.resolve() },
    ports: {
      task: { read: () => Promise.resolve(task({ readAt: Date.now() })), complete: () => Promise.resolve() },
      endpoints: { source: endpoint('source', SESSIONS), target: endpoint('target', 3) },
      compare: () => Promise.reject(new Error('nothing is compared here')),
      confirm: () => Promise.resolve(true),
      userName: () => 'bench',
    },
  });
  for (const intent of [
    { kind: 'testConnections' },
    { kind: 'start' },
    ...(['account', 'backup', 'offPeak'] as const).map((item) => ({ kind: 'attest', item, note: '' }) as const),
    { kind: 'recordPause', at: null },
  ] as const) {
    await run.perform(intent, new AbortController().signal);
  }
  const webview = vscode.window.createWebviewPanel('dtsCutoverBench.panel', 'Cutover', vscode.ViewColumn.Active, {
    enableScripts: true,
    localResourceRoots: [vscode.Uri.joinPath(measured.extensionUri, 'dist', 'webview')],
  });
  new CutoverPanel(webview, { run, extension: measured.extensionUri, log: createLog(), act: () => Promise.resolve() });
}

function endpoint(name: string, sessions: number) {
  let looks = 0;
  const connection: EngineConnection = {
    server: server(name),
    readServer: () => Promise.resolve(server(name)),
    listSessions: () => {
      const raw = sessionRows(sessions, ++looks, Date.now());
      return Promise.resolve({ sessions: readSessions(raw, Date.now(), 0, () => false), raw });
    },
    checkVisibility: () => Promise.resolve({ level: 'full', how: sentence('It sees every session.') }),
    checkRights: () =>
      Promise.resolve([{ use: 'sessions', state: 'ok', objects: [], why: sentence('It may.'), grant: null }]),
    readWritePosition: () => Promise.resolve(position('none', { takenAt: Date.now(), token: String(looks) })),
    listPendingWriters: () => Promise.resolve([]),
    terminateSession: () => Promise.resolve(),
    listDatabases: () => Promise.resolve([]),
    listObjects: () => Promise.resolve([]),
    countRows: () => Promise.resolve(0),
    close: () => Promise.resolve(),
  };
  return { configured: () => true, connect: () => Promise.resolve(connection) };
}
