/** Where other tools keep API keys on this machine. */
import { homedir } from 'node:os';
import path from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The SDKs' file: the one TENCENTCLOUD_CREDENTIALS_FILE names, or `~/.tencentcloud/credentials`. */
export function sdkFile(env: Environment = process.env, home: string = homedir()): string {
  return env.TENCENTCLOUD_CREDENTIALS_FILE || path.join(home, '.tencentcloud', 'credentials');
}

/** The folder of the command line tool's profiles, `<profile>.credential` and `<profile>.configure`. */
export function cliFolder(home: string = homedir()): string {
  return path.join(home, '.tccli');
}
