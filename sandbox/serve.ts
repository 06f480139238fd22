/** `npm start`: the world, and a VS Code with the extension and a ready workspace to cut it over in. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { passwordVariable } from '../src/host/connections/passwordVariable.ts';
import { packageExtension } from '../scripts/package.ts';
import { openInBrowserServer } from '../scripts/vscode/browser.ts';
import { startWorld, type World, type WorldOptions } from './world.ts';

export interface ServeOptions {
  readonly engine: WorldOptions['engine'];
  readonly desktop: boolean;
  /** port of VS Code in the browser; the next free one is taken when it is in use */
  readonly port: number;
  readonly write: (line: string) => void;
}

const HELP = `
Play the business here while you cut over in VS Code (type a word and Enter):
  pause    stop the business; its connections stay open, as pools do
  pool     close the pool's connections as well, and end the forgotten batch job
  source   let the business write to the source again
  target   let the business write to the target (the switch)
  check    is every committed order on the target?
  help     this text
Ctrl-C stops everything.`;

/** Resolves with the exit code once the user has ended it. */
export async function serve(options: ServeOptions): Promise<number> {
  const { write } = options;
  const ended = endedByUser();
  write('Starting two databases, a business that writes, a migration and a DTS service …');
  const world = await startWorld({ engine: options.engine, log: write, handleSignals: false });
  const folder = await mkdtemp(path.join(tmpdir(), 'dts-cutover-start-'));
  try {
    const workspace = path.join(folder, 'cutover');
    await writeWorkspace(workspace, world);
    write('Building the extension and starting VS Code (the first time it is installed, about a minute) …');
    const editor = options.desktop
      ? await openDesktop(folder, workspace, world)
      : await openBrowser(options.port, workspace, world);
    write(`\n${editor.said}\nOpen "DTS Cutover" in the activity bar, then the task "shop to the new server".`);
    write(HELP);
    await playBusiness(world, write, ended);
    write('Stopping …');
    await editor.stop();
    return 0;
  } finally {
    await world.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the business would have in its repository: the address that the last step replaces. */
async function writeWorkspace(workspace: string, world: World): Promise<void> {
  await mkdir(workspace, { recursive: true });
  await writeFile(
    path.join(workspace, 'shop.env'),
    `# The shop's own configuration. The last step of the cutover replaces the old address.\nDATABASE_HOST=${world.source.host}\nDATABASE_PORT=${world.source.port}\nDATABASE_NAME=${world.source.database}\n`,
  );
}

/** The settings that lead the extension to a world. Secrets are not among them. */
export function settingsOf(world: World): Record<string, unknown> {
  const connections: Record<string, unknown> = {};
  for (const { id, engine, nodes, user, database, tls, authSource } of world.connections.profiles) {
    const address = nodes.map(({ host, port }) => `${host}:${port}`).join(',');
    connections[id] = { engine, address, user, database, tls: tls.mode, ...(authSource ? { authSource } : {}) };
  }
  const tasks: Record<string, unknown> = {};
  for (const { jobId, source, target } of world.connections.mapping) tasks[jobId] = { source, target };
  return {
    'dtsCutover.endpoint': 'custom',
    'dtsCutover.endpointUrl': world.dts.url,
    'dtsCutover.regions': [world.dts.region],
    'dtsCutover.credentials': 'environment',
    'dtsCutover.connections': connections,
    'dtsCutover.taskConnections': tasks,
    'dtsCutover.quietWindowSeconds': 60,
  };
}

/** The secrets, where the extension looks for them besides its own storage. */
export function environmentOf(world: World): Record<string, string> {
  const passwords: Record<string, string> = {};
  for (const [id, password] of Object.entries(world.connections.passwords)) passwords[passwordVariable(id)] = password;
  return {
    // the endpoint these are for: a workspace of the sandbox needs no confirmation, and no other gets them
    DTS_CUTOVER_ENDPOINT: world.dts.url,
    TENCENTCLOUD_SECRET_ID: world.dts.secretId,
    TENCENTCLOUD_SECRET_KEY: world.dts.secretKey,
    TENCENTCLOUD_REGION: world.dts.region,
    ...passwords,
  };
}

interface Editor {
  readonly said: string;
  stop(): Promise<void>;
}

async function openBrowser(port: number, workspace: string, world: World): Promise<Editor> {
  const options = { workspace, env: environmentOf(world), settings: settingsOf(world) };
  const server = await openInBrowserServer({ ...options, port });
  return { said: `VS Code is at ${server.url}`, stop: () => server.stop() };
}

/** An installed desktop VS Code, with a profile of its own so that the user's stays as it is. */
async function openDesktop(folder: string, workspace: string, world: World): Promise<Editor> {
  const vsix = await packageExtension(path.join(folder, 'dts-cutover.vsix'));
  const profile = ['--user-data-dir', path.join(folder, 'data'), '--extensions-dir', path.join(folder, 'extensions')];
  await mkdir(path.join(folder, 'data', 'User'), { recursive: true });
  await writeFile(path.join(folder, 'data', 'User', 'settings.json'), JSON.stringify(settingsOf(world), null, 2));
  const env = { ...process.env, ...environmentOf(world) };
  const code = async (...args: string[]) => {
    try {
      await promisify(execFile)('code', [...profile, ...args], { env });
    } catch (error) {
      throw new Error('VS Code’s command "code" cannot be run. Install it, or leave out --desktop.', { cause: error });
    }
  };
  await code('--install-extension', vsix, '--force');
  await code('--new-window', workspace);
  return { said: 'VS Code has been opened.', stop: () => Promise.resolve() };
}

/** Resolves on the first Ctrl-C (or TERM, HUP); the next one ends the process at once. */
function endedByUser(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}

/** Takes the user's words until it is over. */
async function playBusiness(world: World, write: (line: string) => void, ended: Promise<void>): Promise<void> {
  const { business } = world;
  const words: Record<string, () => Promise<void>> = {
    pause: () => business.pause({ keepPool: true, keepBackground: true }),
    pool: () => business.pause(),
    source: () => business.resume({ to: 'source' }),
    target: () => business.resume({ to: 'target' }),
    check: async () => {
      const client = await world.control.servers.target.connect({ database: world.target.database });
      const result = await business.ledger.check(client).finally(() => client.end());
      write(`${result.expected} rows committed, ${result.missing.length} missing on the target.`);
    },
    help: () => Promise.resolve(write(HELP)),
  };
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const word = line.trim();
    const act = words[word];
    if (!act) {
      if (word !== '') write(`"${word}" is none of ${Object.keys(words).join(', ')}.`);
      return;
    }
    act().catch((error: unknown) => write(error instanceof Error ? error.message : String(error)));
  });
  await ended;
  lines.close();
}
