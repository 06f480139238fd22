import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { TaskRef } from '../../cutover/facts.ts';

export const webviewFolder = (extension: vscode.Uri) => vscode.Uri.joinPath(extension, 'dist', 'webview');

/** The panel's page: one script by nonce, styles and the icon font from the extension's own folder, nothing else. */
export function panelHtml(webview: vscode.Webview, extension: vscode.Uri, ref: TaskRef): string {
  const nonce = randomBytes(16).toString('base64');
  const file = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(webviewFolder(extension), name)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    // lit makes its templates by a policy of this name; nobody else may turn text into HTML or a script
    "require-trusted-types-for 'script'",
    'trusted-types lit-html',
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${attribute(vscode.env.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${attribute(file('codicon.css'))}" id="vscode-codicon-stylesheet">
<link rel="stylesheet" href="${attribute(file('panel.css'))}">
<title>DTS Cutover</title>
</head>
<body data-task="${attribute(`${ref.region}/${ref.jobId}`)}">
<dts-cutover-panel></dts-cutover-panel>
<script type="module" nonce="${nonce}" src="${attribute(file('panel.js'))}"></script>
</body>
</html>`;
}

const attribute = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
