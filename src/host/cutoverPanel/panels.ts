import * as vscode from 'vscode';
import type { TaskRef } from '../../cutover/facts.ts';
import { keyOf } from '../cloud/details.ts';
import { showFailure } from '../errors.ts';
import type { Log } from '../log.ts';
import type { RunRegistry } from '../runs/registry.ts';
import { isRecord } from '../../util/record.ts';
import { webviewFolder } from './html.ts';
import { CutoverPanel, type PanelParts } from './panel.ts';

const VIEW_TYPE = 'dtsCutover.panel';

/** The open panels, one per task; VS Code restores them after a reload. */
export class CutoverPanels implements vscode.WebviewPanelSerializer, vscode.Disposable {
  readonly #panels = new Map<string, CutoverPanel>();
  readonly #runs: RunRegistry;
  readonly #extension: vscode.Uri;
  readonly #log: Log;
  readonly #act: PanelParts['act'];
  readonly #registration: vscode.Disposable;

  constructor(runs: RunRegistry, extension: vscode.Uri, log: Log, act: PanelParts['act']) {
    this.#runs = runs;
    this.#extension = extension;
    this.#log = log;
    this.#act = act;
    this.#registration = vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, this);
  }

  /** Opens the panel of a task, or brings it to the front. */
  async open(ref: TaskRef): Promise<void> {
    const run = await this.#runs.open(ref);
    const open = this.#panels.get(keyOf(ref));
    if (open) {
      open.reveal();
      return;
    }
    const panel = vscode.window.createWebviewPanel(VIEW_TYPE, ref.jobId, vscode.ViewColumn.Active, {
      enableScripts: true,
      localResourceRoots: [webviewFolder(this.#extension)],
    });
    this.#show(panel, { run, extension: this.#extension, log: this.#log, act: this.#act });
  }

  /** The task whose panel is in front, if any. */
  active(): TaskRef | null {
    return [...this.#panels.values()].find(({ active }) => active)?.ref ?? null;
  }

  has(ref: TaskRef): boolean {
    return this.#panels.has(keyOf(ref));
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const ref = taskIn(state);
    if (!ref || this.#panels.has(keyOf(ref))) {
      this.#log.warn('a panel without a task, or a second one of the same, was closed instead of restored');
      panel.dispose();
      return;
    }
    panel.webview.options = { enableScripts: true, localResourceRoots: [webviewFolder(this.#extension)] };
    try {
      const run = await this.#runs.open(ref);
      this.#show(panel, { run, extension: this.#extension, log: this.#log, act: this.#act });
    } catch (error) {
      panel.dispose();
      showFailure(error, this.#log, `restoring the panel of ${keyOf(ref)}`);
    }
  }

  #show(webviewPanel: vscode.WebviewPanel, parts: PanelParts): void {
    const icon = (theme: string) => vscode.Uri.joinPath(this.#extension, 'media', `panel-${theme}.svg`);
    webviewPanel.iconPath = { light: icon('light'), dark: icon('dark') };
    const panel = new CutoverPanel(webviewPanel, parts);
    const key = keyOf(panel.ref);
    this.#panels.set(key, panel);
    panel.onDidClose(() => this.#panels.delete(key));
  }

  dispose(): void {
    this.#registration.dispose();
    for (const panel of this.#panels.values()) panel.close();
  }
}

/** The task in what the page remembered: `region/jobId`. */
function taskIn(state: unknown): TaskRef | null {
  const text = isRecord(state) ? state['task'] : null;
  const match = typeof text === 'string' ? /^([\w-]+)\/([\w-]+)$/.exec(text) : null;
  return match?.[1] && match[2] ? { region: match[1], jobId: match[2] } : null;
}
