import * as vscode from 'vscode';
import { setContext } from '../contextKeys.ts';
import { sourceLabel } from '../credentials/labels.ts';
import { throttle } from '../throttle.ts';
import { TasksProvider, type ProviderParts } from './provider.ts';
import { viewState } from './welcome.ts';

/** The Tasks view: reads the list while it is visible, and only then. */
export class TasksView implements vscode.Disposable {
  readonly provider: TasksProvider;
  readonly #parts: ProviderParts;
  readonly #view: vscode.TreeView<ReturnType<TasksProvider['getChildren']>[number]>;
  /** VS Code draws a changed tree once it has been left alone for 200 ms: asked more often it would never draw. */
  readonly #redraw = throttle(500, () => this.provider.refresh());
  readonly #subscriptions: vscode.Disposable[];
  #watch: vscode.Disposable | null = null;
  #loading: { readonly done: () => void } | null = null;
  #signedIn = false;
  #hadRows = false;

  constructor(parts: ProviderParts) {
    this.#parts = parts;
    this.provider = new TasksProvider(parts);
    this.#view = vscode.window.createTreeView('dtsCutover.tasks', {
      treeDataProvider: this.provider,
      showCollapseAll: true,
    });
    this.#subscriptions = [
      this.#view,
      this.provider,
      this.#redraw,
      this.#view.onDidChangeVisibility(() => this.#follow()),
      this.#view.onDidExpandElement(({ element }) => this.provider.toggled(element, true)),
      this.#view.onDidCollapseElement(({ element }) => this.provider.toggled(element, false)),
      parts.list.onDidChange(() => this.#listChanged()),
      parts.runs.onDidChange(() => this.#redraw.request()),
      parts.settings.onDidChange(() => this.#redraw.request()),
    ];
    this.#listChanged();
  }

  /** Whether the chosen source has keys; without them nothing is asked. */
  set signedIn(signedIn: boolean) {
    this.#signedIn = signedIn;
    this.#follow();
    this.#listChanged();
  }

  #follow(): void {
    const watching = this.#view.visible && this.#signedIn;
    if (watching && !this.#watch) this.#watch = this.#parts.list.watch(() => this.provider.wanted());
    if (watching || !this.#watch) return;
    this.#watch.dispose();
    this.#watch = null;
  }

  #listChanged(): void {
    const state = viewState(this.#parts.list.regions());
    setContext('view', state);
    const { settings, cloud } = this.#parts;
    this.#view.description =
      this.#signedIn && state !== 'rows'
        ? `${cloud.endpointName()} · ${sourceLabel(settings.current().credentials)}`
        : this.provider.filter;
    this.#showProgress(this.#signedIn && state === 'loading' && this.#parts.list.refreshing);
    // An empty tree stays as it is, so that the first rows do not have to wait for their turn.
    if (state === 'rows' || this.#hadRows) this.#redraw.request();
    this.#hadRows = state === 'rows';
  }

  #showProgress(loading: boolean): void {
    if (loading === (this.#loading !== null)) return;
    this.#loading?.done();
    this.#loading = null;
    if (!loading) return;
    const { promise, resolve } = promiseParts();
    this.#loading = { done: resolve };
    void vscode.window.withProgress({ location: { viewId: 'dtsCutover.tasks' } }, () => promise);
  }

  filterChanged(): void {
    setContext('filtered', this.provider.filter !== '');
    this.#listChanged();
  }

  dispose(): void {
    this.#watch?.dispose();
    this.#loading?.done();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}

function promiseParts(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
