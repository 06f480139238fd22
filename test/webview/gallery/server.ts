/**
 * Serves the panel with recorded pictures, in a page with the same content policy as the editor's:
 * `/` lists the scenes, `/scene?name=4-quiet&theme=dark` shows one.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { inRepository } from '../../../scripts/paths.ts';
import type { ToPanel } from '../../../src/protocol/messages.ts';
import { panelFiles } from './bundle.ts';
import { NOW, SCENES } from './scenes.ts';
import { THEMES, type ThemeName } from './themes.ts';

export interface Gallery {
  readonly url: string;
  stop(): Promise<void>;
}

const NONCE = 'gallery0nonce';

export async function startGallery(): Promise<Gallery> {
  const files = await panelFiles();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const name = url.pathname.slice(1);
    const send = (type: string, body: string | Buffer) => response.writeHead(200, { 'content-type': type }).end(body);
    if (name === '') send('text/html', listOfScenes());
    else if (name === 'scene') void scenePage(url.searchParams).then((page) => send('text/html; charset=utf-8', page));
    else if (name.startsWith('theme/')) send('text/css', THEMES[name.slice(6) as ThemeName].css);
    else if (name in files) send(TYPES[name.split('.').at(-1) ?? ''] ?? '', files[name as keyof typeof files]);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const TYPES: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css', ttf: 'font/ttf' };

function listOfScenes(): string {
  const links = Object.keys(SCENES).map(
    (name) =>
      `<li>${name}: ${Object.keys(THEMES)
        .map((theme) => `<a href="/scene?name=${name}&theme=${theme}">${theme}</a>`)
        .join(' ')}</li>`,
  );
  return `<!doctype html><title>The panel</title><ul>${links.join('')}</ul>`;
}

/** The messages the host would send after `ready`. */
export async function messagesOf(name: string): Promise<ToPanel[]> {
  const scene = SCENES[name];
  if (!scene) throw new Error(`no scene ${name}`);
  const language = scene.language ?? 'en';
  const bundle = language === 'en' ? {} : await translations(language);
  return [
    { type: 'init', language, bundle, now: NOW },
    { type: 'snapshot', snapshot: scene.snapshot },
  ];
}

async function translations(language: string): Promise<Record<string, string>> {
  const text = await readFile(inRepository('l10n', `bundle.l10n.${language}.json`), 'utf8').catch(() => '{}');
  return JSON.parse(text) as Record<string, string>;
}

async function scenePage(query: URLSearchParams): Promise<string> {
  const theme = (query.get('theme') ?? 'dark') as ThemeName;
  const messages = await messagesOf(query.get('name') ?? '');
  const policy = `default-src 'none'; script-src 'nonce-${NONCE}'; style-src 'self'; font-src 'self'; require-trusted-types-for 'script'; trusted-types lit-html`;
  const data = JSON.stringify(messages).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Cutover</title>
  <link rel="stylesheet" href="/theme/${theme}">
  <link rel="stylesheet" href="/codicon.css" id="vscode-codicon-stylesheet">
  <link rel="stylesheet" href="/panel.css">
</head>
<body class="${THEMES[theme].className}">
  <dts-cutover-panel></dts-cutover-panel>
  <script nonce="${NONCE}">
    window.sent = [];
    window.violations = [];
    addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective + ' ' + event.blockedURI));
    window.messages = ${data};
    const api = {
      getState: () => undefined,
      setState: () => undefined,
      postMessage(message) {
        sent.push(message);
        if (message.type === 'ready') for (const answer of messages) window.postMessage(answer);
      },
    };
    window.acquireVsCodeApi = () => api;
  </script>
  <script nonce="${NONCE}" src="/panel.js"></script>
</body>
</html>`;
}
