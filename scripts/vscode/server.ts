import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ensureVsCode, type VsCode } from './install.ts';
import { quietSettings } from './settings.ts';

export interface ServerOptions {
  /** the folder that the bare address opens */
  readonly workspace?: string;
  /** user settings, over the quiet ones */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** for the server and the extension hosts it starts */
  readonly env?: Readonly<Record<string, string>>;
  /** extensions to install, as .vsix files */
  readonly install?: readonly string[];
  /** keeps settings, secrets and state between runs; without it all of that goes when the server stops */
  readonly dataFolder?: string;
  /** 0, the default, takes a free one */
  readonly port?: number;
  /** the language of the workbench, as `zh-cn` */
  readonly locale?: string;
}

export interface RunningServer {
  readonly vscode: VsCode;
  /** `127.0.0.1:port` */
  readonly authority: string;
  /** opens the workbench in any browser of this machine */
  readonly url: string;
  /** what it has written so far */
  output(): string;
  stop(): Promise<void>;
}

/** Starts VS Code's server on the loopback interface. It ends with this process, however this process ends. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const vscode = await ensureVsCode();
  const root = options.dataFolder ?? (await mkdtemp(path.join(tmpdir(), 'vscode-server-')));
  const keep = options.dataFolder !== undefined;
  try {
    await prepare(root, options.settings);
    if (options.locale) await speak(root, options.locale);
    const env = { ...(await environment(root)), ...options.env };
    for (const vsix of options.install ?? []) await installExtension(vscode, root, vsix, env);
    const child = spawn(vscode.node, ['--require', vscode.preload, ...serverArguments(vscode, root, options)], {
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true, // a process group of its own: its extension hosts and terminals end with it
    });
    return await listening(child, vscode, () => {
      if (!keep) rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    });
  } catch (error) {
    if (!keep) await rm(root, { recursive: true, force: true, maxRetries: 5 });
    throw error;
  }
}

const folders = (root: string) => ({
  data: path.join(root, 'data'),
  extensions: path.join(root, 'extensions'),
  home: path.join(root, 'home'),
  server: path.join(root, 'server'),
});

async function prepare(root: string, settings: ServerOptions['settings']): Promise<void> {
  const { data, extensions, home } = folders(root);
  for (const folder of [path.join(data, 'User'), extensions, home]) await mkdir(folder, { recursive: true });
  const file = path.join(data, 'User/settings.json');
  if (!existsSync(file)) await writeFile(file, JSON.stringify({ ...quietSettings, ...settings }, null, 2));
}

/**
 * VS Code speaks a language only with its language pack, and tells extensions of it only then. A pack without texts
 * leaves the workbench in English and lets the extension speak its own translation.
 */
async function speak(root: string, locale: string): Promise<void> {
  const { data } = folders(root);
  const texts = path.join(data, 'no-texts.json');
  const pack = {
    hash: locale,
    label: locale,
    extensions: [{ extensionIdentifier: { id: `no-texts.${locale}` }, version: '1.0.0' }],
    translations: { vscode: texts },
  };
  await writeFile(texts, JSON.stringify({ contents: {} }));
  await writeFile(path.join(data, 'languagepacks.json'), JSON.stringify({ [locale]: pack }));
}

/** Ours, without what belongs to another VS Code, to npm, or to the person at this machine. */
async function environment(root: string): Promise<NodeJS.ProcessEnv> {
  const foreign = /^(VSCODE_|ELECTRON_|NODE_OPTIONS$|npm_|TENCENTCLOUD_)/i;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return {
    ...Object.fromEntries(kept),
    HOME: folders(root).home,
    EXTENSIONS_GALLERY: '{}', // no marketplace: nothing is looked up outside
    VSCODE_HARNESS_SECRET_KEY: await secretKey(root),
  };
}

async function secretKey(root: string): Promise<string> {
  const file = path.join(root, 'secret-key');
  if (!existsSync(file)) await writeFile(file, randomBytes(32).toString('base64'), { mode: 0o600 });
  return readFile(file, 'utf8');
}

const dataArguments = (root: string) => {
  const { data, extensions, server } = folders(root);
  return ['--server-data-dir', server, '--user-data-dir', data, '--extensions-dir', extensions];
};

function serverArguments(vscode: VsCode, root: string, options: ServerOptions): string[] {
  return [
    vscode.main,
    ...['--host', '127.0.0.1', '--port', String(options.port ?? 0)],
    ...dataArguments(root),
    ...['--without-connection-token', '--accept-server-license-terms', '--disable-workspace-trust'],
    ...['--telemetry-level', 'off', '--disable-telemetry', '--disable-experiments', '--force-disable-user-env'],
    ...(options.workspace ? ['--default-folder', path.resolve(options.workspace)] : []),
    ...(options.locale ? ['--locale', options.locale] : []),
  ];
}

async function installExtension(vscode: VsCode, root: string, vsix: string, env: NodeJS.ProcessEnv): Promise<void> {
  const args = [vscode.main, ...dataArguments(root), '--accept-server-license-terms'];
  const install = ['--install-extension', path.resolve(vsix), '--force'];
  const { stdout, stderr } = await promisify(execFile)(vscode.node, [...args, ...install], { env });
  if (!/successfully installed/.test(stdout)) throw new Error(`${vsix} was not installed.\n${stdout}${stderr}`);
}

/** Resolves once the server accepts connections. */
function listening(child: ChildProcess, vscode: VsCode, cleanUp: () => void): Promise<RunningServer> {
  const kill = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // It is gone already.
    }
  };
  const killNow = () => kill('SIGKILL');
  const atExit = () => {
    killNow();
    cleanUp();
  };
  process.once('exit', atExit);

  const stop = async () => {
    process.off('exit', atExit);
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      kill('SIGTERM');
      const impatient = setTimeout(killNow, 5000);
      await gone;
      clearTimeout(impatient);
    }
    killNow(); // extension hosts that outlived it
    cleanUp();
  };

  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (why: string) => {
      clearTimeout(timer);
      void stop().then(() => reject(new Error(`VS Code's server ${why}\n${output}`)), reject);
    };
    const timer = setTimeout(() => fail('did not start within a minute'), 60_000);
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const port = /Extension host agent listening on (\d+)/.exec(output)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      child.off('exit', exited);
      const authority = `127.0.0.1:${port}`;
      resolve({ vscode, authority, url: `http://${authority}/`, output: () => output, stop });
    };
    const exited = (code: number | null) => fail(`ended with ${code}`);
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', exited);
    child.once('error', (error) => fail(error.message));
  });
}
