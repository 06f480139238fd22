import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packageExtension } from '../package.ts';
import { startServer } from './server.ts';

export interface BrowserServerOptions {
  /** the folder that the bare address opens */
  readonly workspace: string;
  /** for the extension host */
  readonly env?: Readonly<Record<string, string>>;
  /** user settings, written on the first start only: what the user changes stays */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** a .vsix; without it the extension is built and packed from this repository */
  readonly extensionPath?: string;
  /** keeps settings, secrets and state between runs */
  readonly dataFolder?: string;
  /** 0, the default, takes a free one; browsers keep secrets per address, so a fixed one keeps them */
  readonly port?: number;
  readonly locale?: string;
}

export interface BrowserServer {
  /** to open in any browser of this machine; nothing else is needed, no token and no page script */
  readonly url: string;
  stop(): Promise<void>;
}

/** A VS Code with the extension installed as users install it, for a person's own browser. */
export async function openInBrowserServer(options: BrowserServerOptions): Promise<BrowserServer> {
  const { extensionPath, ...server } = options;
  if (extensionPath) return startServer({ ...server, install: [extensionPath] });
  const folder = await mkdtemp(path.join(tmpdir(), 'dts-cutover-vsix-'));
  try {
    const vsix = await packageExtension(path.join(folder, 'dts-cutover.vsix'));
    return await startServer({ ...server, install: [vsix] });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
