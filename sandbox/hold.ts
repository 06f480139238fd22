/** Folders of servers that are cleaned up, with the server in them, even when this process is killed hard. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

let watchdog: ChildProcess | null = null;

/** Answers the folder. From now on it does not outlive this process. */
export async function hold(folder: string): Promise<string> {
  if (!watchdog) {
    const script = fileURLToPath(new URL('./watchdog.mjs', import.meta.url));
    watchdog = spawn(process.execPath, [script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    watchdog.unref();
    (watchdog.stdin as { unref?: () => void } | null)?.unref?.();
    await once(watchdog, 'spawn');
  }
  watchdog.stdin?.write(`+${folder}\n`);
  return folder;
}

/** For a folder that is deleted. */
export function release(folder: string): void {
  watchdog?.stdin?.write(`-${folder}\n`);
}
