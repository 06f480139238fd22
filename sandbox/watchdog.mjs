/**
 * Cleans up after a parent that was killed hard. It reads folder names from standard input, `+folder` to hold one
 * and `-folder` to let it go; when the input ends, the parent is gone, and every server still running in a held
 * folder is stopped and the folder deleted. Plain JavaScript, so that it starts at once and stays small.
 */
import { readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const held = new Set();

for await (const line of createInterface({ input: process.stdin })) {
  if (line.startsWith('+')) held.add(line.slice(1));
  else held.delete(line.slice(1));
}
await Promise.all([...held].map(cleanUp));

async function cleanUp(folder) {
  const pid = serverOf(folder);
  if (pid !== null) {
    signal(pid, 'SIGQUIT');
    for (let waited = 0; waited < 10_000 && serverOf(folder) !== null && signal(pid, 0); waited += 50) await pause(50);
    signal(pid, 'SIGKILL');
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** PostgreSQL's, MariaDB's, MySQL's or MongoDB's process id; null when none runs. */
function serverOf(folder) {
  for (const file of ['data/postmaster.pid', 'mariadb.pid', 'mysql.pid', 'mongod.pid']) {
    try {
      return Number(readFileSync(`${folder}/${file}`, 'utf8').split('\n')[0]) || null;
    } catch {
      // another product
    }
  }
  return null;
}

function signal(pid, name) {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
