import * as vscode from 'vscode';

const SCHEME = 'dts-cutover';

/** Read-only documents made from text: a comparison, a raw result. Kept while they are open. */
export interface Documents extends vscode.Disposable {
  /** `name` with its extension decides the language, e.g. `comparison.md` */
  show(name: string, text: string): Promise<void>;
}

export function createDocuments(): Documents {
  const texts = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const subscriptions = [
    changed,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: changed.event,
      provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? '',
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => texts.delete(uri.toString())),
  ];
  return {
    async show(name, text) {
      const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}` });
      texts.set(uri.toString(), text);
      changed.fire(uri);
      await vscode.window.showTextDocument(uri, { preview: true, viewColumn: vscode.ViewColumn.Beside });
    },
    dispose: () => void vscode.Disposable.from(...subscriptions).dispose(),
  };
}
