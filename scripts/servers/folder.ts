import { readFileSync } from 'node:fs';
import path from 'node:path';
import { repository } from '../paths.ts';

/**
 * Where unpacked database servers and their initialised data lie: `DTS_CUTOVER_SERVERS`, else `.servers/` of the
 * repository; the work trees of one repository share one.
 */
export function serversFolder(): string {
  return process.env['DTS_CUTOVER_SERVERS'] ?? path.join(mainWorkTree(), '.servers');
}

/** In an added work tree `.git` is a file that names `<main>/.git/worktrees/<name>`. */
function mainWorkTree(): string {
  try {
    const [, main] =
      /^gitdir: (.*)\/\.git\/worktrees\//.exec(readFileSync(path.join(repository, '.git'), 'utf8')) ?? [];
    return main ?? repository;
  } catch {
    return repository;
  }
}
