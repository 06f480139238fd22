import * as vscode from 'vscode';

const SCHEME = 'dts-cutover';

/**
 * Read-only documents made from text: a comparison, statements. Kept in memory while they are open; VS Code backs up
 * nothing of them.
 */
export interface Documents extends vscode.Disposable {
  /** `name` with its extension decides the language, e.g. `comparison.md`; Markdown is shown as it reads, not as it is written */
  show(name: string, text: string): Promise<void>;
  /** two texts in the diff editor; `name` tells this pair from others */
  compare(name: string, title: string, texts: { readonly source: string; readonly target: string }): Promise<void>;
}

export function createDocuments(): Documents {
  const texts = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const subscriptions = [
    changed,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: changed.event,
      // VS Code opens some of its tabs again after a reload
      provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? gone(),
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => texts.delete(uri.toString())),
  ];
  const keep = (name: string, text: string) => {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}` });
    texts.set(uri.toString(), text);
    changed.fire(uri);
    return uri;
  };
  return {
    async show(name, text) {
      const uri = keep(name, text);
      const place = { preview: true, viewColumn: columnOfOurs() } satisfies vscode.TextDocumentShowOptions;
      // where VS Code's own Markdown extension is switched off, 'default' is what is left
      const isRendered = name.endsWith('.md') && vscode.extensions.getExtension('vscode.markdown-language-features');
      const editor = isRendered ? 'vscode.markdown.preview.editor' : 'default';
      await vscode.commands.executeCommand('vscode.openWith', uri, editor, place);
    },
    async compare(name, title, { source, target }) {
      const [left, right] = [keep(`source/${name}`, source), keep(`target/${name}`, target)];
      await vscode.commands.executeCommand('vscode.diff', left, right, title, {
        preview: true,
      } satisfies vscode.TextDocumentShowOptions);
    },
    dispose: () => void vscode.Disposable.from(...subscriptions).dispose(),
  };
}

/** Where a document of ours is open already, else beside the panel: one column more, not one for each document. */
function columnOfOurs(): vscode.ViewColumn {
  const isOurs = ({ input }: vscode.Tab) =>
    (input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom) && input.uri.scheme === SCHEME;
  return vscode.window.tabGroups.all.find(({ tabs }) => tabs.some(isOurs))?.viewColumn ?? vscode.ViewColumn.Beside;
}

const gone = () =>
  vscode.l10n.t(
    'This text was in memory only, and the window has been loaded again since. Open it anew from the panel.',
  );
