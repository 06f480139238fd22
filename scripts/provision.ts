import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

export { ensureMySql } from './servers/mysql.ts';
export { ensureVsCode } from './vscode/install.ts';

/** A Chromium for the workbench: `CHROMIUM` if set, one that is installed, or Debian's. Gives its path. */
export async function ensureChromium(): Promise<string> {
  return process.env['CHROMIUM'] ?? ensureProgram(['chromium', 'chromium-browser', 'google-chrome'], 'chromium');
}

/** A MariaDB server for private instances. Gives the path of `mariadbd`. */
export async function ensureMariaDb(): Promise<string> {
  return process.env['MARIADBD'] ?? ensureProgram(['mariadbd'], 'mariadb-server');
}

/** PostgreSQL's pooler. Gives the path of `pgbouncer`. */
export async function ensurePgBouncer(): Promise<string> {
  return process.env['PGBOUNCER'] ?? ensureProgram(['pgbouncer'], 'pgbouncer');
}

function ensureProgram(names: readonly string[], debianPackage: string): string {
  const found = findProgram(names);
  if (found) return found;
  installDebianPackage(debianPackage, names[0] ?? debianPackage);
  const installed = findProgram(names);
  if (installed) return installed;
  throw new Error(`The package ${debianPackage} is installed, but none of ${names.join(', ')} is in the path.`);
}

/** The first of these programs in PATH or where Debian keeps servers. */
function findProgram(names: readonly string[]): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin'];
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function installDebianPackage(name: string, program: string): void {
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const run = (...command: string[]) => {
    const [file = '', ...args] = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', ...command];
    execFileSync(file, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  };
  if (findProgram(['apt-get'])) {
    process.stderr.write(`Installing ${name} …\n`);
    try {
      run('apt-get', 'update');
      run('apt-get', 'install', '-y', '--no-install-recommends', name);
      return;
    } catch (error) {
      throw new Error(`${program} is needed. Please run: apt-get install ${name}`, { cause: error });
    }
  }
  throw new Error(`${program} is needed. Please install it (Debian's package is ${name}).`);
}
