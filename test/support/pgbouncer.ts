/** A real pgbouncer before one PostgreSQL, in one of its modes. */
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePgBouncer } from '../../scripts/provision.ts';

export interface PgBouncer {
  readonly port: number;
  stop(): Promise<void>;
}

/** @param size sessions to the server for each database and account */
export async function startPgBouncer(
  server: { readonly port: number; readonly password: string },
  mode: 'transaction' | 'session' | 'statement',
  size: number,
): Promise<PgBouncer> {
  const folder = await mkdtemp(join(tmpdir(), 'dts-cutover-pgbouncer-'));
  // it gives up being root and has to read its files all the same
  await chmod(folder, 0o755);
  const port = await freePort();
  const users = join(folder, 'users.txt');
  await writeFile(users, `"postgres" "${server.password}"\n`, { mode: 0o644 });
  const settings = [
    '[databases]',
    `* = host=127.0.0.1 port=${server.port}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = scram-sha-256',
    `auth_file = ${users}`,
    `pool_mode = ${mode}`,
    `default_pool_size = ${size}`,
    // what a client leaves behind stays, as it does where this was left out for speed
    'server_reset_query =',
    ...(process.getuid?.() === 0 ? ['user = postgres'] : []),
  ];
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(file, `${settings.join('\n')}\n`, { mode: 0o644 });
  const child = spawn(await ensurePgBouncer(), [file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', () => {
      if (said.includes('process up')) resolve();
    });
    child.once('exit', () => reject(new Error(`pgbouncer did not start: ${said}`)));
    child.once('error', reject);
  });
  return {
    port,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
