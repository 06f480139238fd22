/**
 * A MySQL server of Oracle's own code and its client programs, unpacked from Debian's unstable suite into a git-ignored
 * folder, with all the libraries they need; nothing of the system is changed, and each starts through its own loader.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { serversFolder } from './folder.ts';

const run = promisify(execFile);
const SERVER = 'mysql-server-core';
const PACKAGES = [SERVER, 'mysql-client-core'];
/** named by what is in it: a folder of an older checkout that lacks a package is not taken for this one */
const FOLDER = 'mysql-server-and-client';
const MARK = 'installed';

type MySqlProgram = 'mysqld' | 'mysql' | 'mysqldump' | 'mysqlbinlog';

/** An unpacked server and its clients. */
export interface MySqlInstallation {
  /** the folder it is unpacked in: `usr/sbin/mysqld` and so on */
  readonly root: string;
  readonly version: string;
  /** program and first arguments that start `mysqld`, or a client */
  readonly command: (program: MySqlProgram) => readonly [string, ...string[]];
}

/** The installation that is there; null when none is. */
export async function findMySql(): Promise<MySqlInstallation | null> {
  const folder = path.join(serversFolder(), FOLDER);
  const version = await readFile(path.join(folder, MARK), 'utf8').catch(() => null);
  if (version === null) return null;
  const root = path.join(folder, 'root');
  const libraries = path.join(root, 'usr/lib/x86_64-linux-gnu');
  const loader = path.join(libraries, 'ld-linux-x86-64.so.2');
  return {
    ...{ root, version },
    command: (program) => {
      const file = path.join(root, program === 'mysqld' ? 'usr/sbin' : 'usr/bin', program);
      return [loader, '--library-path', `${libraries}:${libraries}/mysql/private`, file];
    },
  };
}

let installing: Promise<MySqlInstallation> | null = null;

/** Installs it at first (half a minute). Rejects with one line where it cannot be had. */
export async function ensureMySql(): Promise<MySqlInstallation> {
  installing ??= (async () => {
    const found = (await findMySql()) ?? (await install(), await findMySql());
    if (!found) throw new Error('MySQL was unpacked, and is not there.');
    return found;
  })();
  return installing;
}

async function install(): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64' || !existsSync('/usr/bin/dpkg-deb')) {
    throw new Error('MySQL cannot be had here: it is unpacked from Debian packages for Linux x64.');
  }
  process.stderr.write('Unpacking MySQL …\n');
  await mkdir(serversFolder(), { recursive: true });
  const making = await mkdtemp(path.join(serversFolder(), 'making-'));
  try {
    const archives = await download(path.join(making, 'apt'));
    const root = path.join(making, 'root');
    for (const archive of archives) await run('dpkg-deb', ['--extract', archive, root]);
    const own = archives.map((file) => path.basename(file)).find((name) => name.startsWith(`${SERVER}_`)) ?? '';
    await writeFile(path.join(making, MARK), own.split('_')[1] ?? 'unknown');
    await rm(path.join(making, 'apt'), { recursive: true });
    await rename(making, path.join(serversFolder(), FOLDER)).catch((error: unknown) => {
      // somebody else finished first: theirs is as good
      if (!existsSync(path.join(serversFolder(), FOLDER, MARK))) throw error;
    });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Error(`MySQL cannot be had here: ${said.trim().split('\n').at(-1)}`, { cause: error });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

/** Lets apt resolve and fetch the packages with all they depend on, as if nothing were installed; the archives' paths. */
async function download(folder: string): Promise<string[]> {
  const at = (name: string) => path.join(folder, name);
  for (const name of ['lists/partial', 'cache/archives/partial', 'state']) await mkdir(at(name), { recursive: true });
  await writeFile(at('status'), '');
  await writeFile(at('sources.list'), `deb ${await debianArchive()} sid main\n`);
  await writeFile(
    at('apt.conf'),
    `Dir::Etc::sourcelist "${at('sources.list')}"; Dir::Etc::sourceparts "/dev/null"; Dir::Etc::preferencesparts "/dev/null";
Dir::State "${at('state')}"; Dir::State::lists "${at('lists')}"; Dir::State::status "${at('status')}"; Dir::Cache "${at('cache')}";
Acquire::Languages "none"; APT::Sandbox::User ""; APT::Install-Recommends "false"; Debug::NoLocking "true";
`,
  );
  const env = { ...process.env, APT_CONFIG: at('apt.conf') };
  const most = 64 << 20;
  await run('apt-get', ['update', '-qq'], { env, maxBuffer: most });
  await run('apt-get', ['install', '-qq', '--yes', '--download-only', ...PACKAGES], { env, maxBuffer: most });
  const archives = at('cache/archives');
  return (await readdir(archives)).filter((name) => name.endsWith('.deb')).map((name) => path.join(archives, name));
}

/** The mirror this machine's own apt reads Debian from, with the keyring its packages are signed by. */
async function debianArchive(): Promise<string> {
  const { stdout } = await run('apt-get', ['indextargets', '--format', '$(REPO_URI) $(ORIGIN) $(SUITE)']);
  const lines = stdout.split('\n').map((line) => line.split(' '));
  const [mirror] =
    lines.find(([, origin, suite]) => origin === 'Debian' && !/security|updates/.test(suite ?? '')) ?? [];
  if (!mirror) throw new Error("apt's configuration names no mirror of Debian.");
  return `[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror}`;
}
