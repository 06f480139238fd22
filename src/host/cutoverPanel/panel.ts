import * as vscode from 'vscode';
import type { TaskRef } from '../../cutover/facts.ts';
import type { CutoverRun } from '../../cutover/run.ts';
import type { IntentResult, ToHost, ToPanel } from '../../protocol/messages.ts';
import { asFailure } from '../../util/failure.ts';
import type { Log } from '../log.ts';
import { throttle } from '../throttle.ts';
import { panelHtml } from './html.ts';
import { Pictures } from './pictures.ts';
import { beginningOf } from './rawText.ts';

/** Pictures per second are for eyes; what changes more often is joined. */
const PICTURE_EVERY_MS = 250;

export interface PanelParts {
  readonly run: CutoverRun;
  readonly extension: vscode.Uri;
  readonly log: Log;
  /** things the panel asks for that are not the run's business */
  act(action: Extract<ToHost, { type: 'action' }>['action'], ref: TaskRef, signal: AbortSignal): Promise<void>;
}

/**
 * One panel of one run. Pictures go to it only while it is visible and after it said that it is ready; one that
 * becomes visible again gets the newest picture. What it sends is checked before anything is done with it.
 */
export class CutoverPanel {
  readonly ref: TaskRef;
  readonly #panel: vscode.WebviewPanel;
  readonly #parts: PanelParts;
  readonly #closed = new AbortController();
  readonly #pictures = throttle(PICTURE_EVERY_MS, () => this.#sendPicture());
  readonly #made = new Pictures();
  #ready = false;
  #stopWatching: (() => void) | null = null;

  constructor(panel: vscode.WebviewPanel, parts: PanelParts) {
    this.#panel = panel;
    this.#parts = parts;
    this.ref = parts.run.snapshot().ref;
    const stopListening = parts.run.onChange((snapshot) => {
      this.#title(snapshot.task?.name);
      this.#pictures.request();
    });
    panel.webview.onDidReceiveMessage((message: unknown) => void this.#receive(message));
    panel.onDidChangeViewState(() => this.#visibilityChanged());
    panel.onDidDispose(() => {
      stopListening();
      this.#pictures.dispose();
      this.#stopWatching?.();
      this.#closed.abort();
    });
    this.#title(parts.run.snapshot().task?.name);
    panel.webview.html = panelHtml(panel.webview, parts.extension, this.ref);
    this.#visibilityChanged();
  }

  get active(): boolean {
    return this.#panel.active;
  }

  onDidClose(listener: () => void): void {
    this.#panel.onDidDispose(listener);
  }

  reveal(): void {
    this.#panel.reveal();
  }

  close(): void {
    this.#panel.dispose();
  }

  #title(name: string | undefined): void {
    const title = vscode.l10n.t('Cutover: {task}', { task: name || this.ref.jobId });
    if (this.#panel.title !== title) this.#panel.title = title;
  }

  /** A hidden panel's page is gone: it says `ready` again when it is back. */
  #visibilityChanged(): void {
    if (this.#panel.visible) {
      this.#stopWatching ??= this.#parts.run.watch();
      this.#pictures.request();
      return;
    }
    this.#ready = false;
    this.#stopWatching?.();
    this.#stopWatching = null;
  }

  #sendPicture(): void {
    if (!this.#ready || !this.#panel.visible) return;
    const picture = this.#made.next(this.#parts.run.snapshot());
    void this.#send(picture).then((arrived) => {
      if (!arrived) this.#made.forget();
    });
  }

  async #send(message: ToPanel): Promise<boolean> {
    return !this.#closed.signal.aborted && (await this.#panel.webview.postMessage(message));
  }

  async #receive(message: unknown): Promise<void> {
    const { parseToHost } = await import('../../protocol/schemas.ts');
    const parsed = parseToHost(message);
    if (!parsed.ok) {
      this.#parts.log.warn(`the panel of ${this.ref.jobId} sent what no message is: ${parsed.problem}`);
      return;
    }
    await this.#answer(parsed.value);
  }

  async #answer(message: ToHost): Promise<void> {
    const { run, log } = this.#parts;
    switch (message.type) {
      case 'ready':
        this.#ready = true;
        this.#made.forget();
        void this.#send({ type: 'init', language: vscode.env.language, bundle: translations(), now: Date.now() });
        this.#sendPicture();
        return;
      case 'whole':
        this.#made.forget();
        this.#sendPicture();
        return;
      case 'raw':
        void this.#send({ type: 'rawAnswer', id: message.id, raw: beginningOf(run.raw(message.side)), failure: null });
        return;
      case 'intent': {
        log.info(`panel of ${this.ref.jobId}: ${message.intent.kind}`);
        // Closing the panel takes nothing back: what was begun goes on, as it does from the palette.
        const result = await run.perform(message.intent, new AbortController().signal);
        void this.#send({ type: 'answer', id: message.id, result });
        return;
      }
      case 'action':
        void this.#send({ type: 'answer', id: message.id, result: await this.#act(message.action) });
    }
  }

  async #act(action: Extract<ToHost, { type: 'action' }>['action']): Promise<IntentResult> {
    try {
      await this.#parts.act(action, this.ref, this.#closed.signal);
      return { ok: true };
    } catch (error) {
      const failure = asFailure(error);
      if (failure.reason === 'cancelled') return { ok: false, declined: true };
      this.#parts.log.error(`${action.kind} from the panel of ${this.ref.jobId}`, error);
      return { ok: false, declined: false, failure: failure.facts() };
    }
  }
}

/** The editor's bundle of translations; empty in English. */
function translations(): Record<string, string> {
  const bundle: Readonly<Record<string, string | { readonly message: string }>> = vscode.l10n.bundle ?? {};
  return Object.fromEntries(
    Object.entries(bundle).map(([key, value]) => [key, typeof value === 'string' ? value : value.message]),
  );
}
