/**
 * `npm run bench -- <name>` runs one benchmark, without a name it lists them. A benchmark measures and prints; it judges
 * nothing, so the exit code tells only whether it could run.
 */
import process from 'node:process';

interface Bench {
  readonly about: string;
  /** what follows the name on the command line; a bench that takes nothing is not run with something */
  readonly options?: string;
  run(args: readonly string[]): Promise<void>;
}

/** Loaded when chosen: one benchmark's tools are no business of another. */
const benches: Readonly<Record<string, Bench>> = {
  host: {
    about: 'activation, sizes, first tree content, memory and the panel, in a real VS Code',
    run: async () => (await import('./host/host.ts')).benchHost(),
  },
  sessions: {
    about: 'an hour of watching 5,000 sessions: own time of each poll, memory',
    run: async () => (await import('./host/sessions.ts')).benchSessions(),
  },
  quiet: {
    about: 'random histories on real servers: how many of the writes in them were taken for nothing (none)',
    options: '[--histories 20] [--engine postgres|mysql]',
    run: async (args) => (await import('./quiet.ts')).benchQuiet(args),
  },
  histories: {
    about: 'random histories of cutovers against an oracle, in three worlds',
    options: '[how many = 10000] [first seed]',
    run: async (args) => (await import('./histories.ts')).benchHistories(args),
  },
  compare: {
    about: 'comparing data: the scan floor, ours, the naive way and peers, in one run',
    options:
      '[--engine postgres|mysql|mongodb] [--rows 5000000] [--tables narrow,wide,uuidpk,nopk] [--no-naive] [--save] [--installed] [--source URL --target URL]',
    run: async (args) => (await import('./compare/compare.ts')).benchCompare(args),
  },
  proofs: {
    about: '300 random histories of writes against proofs on PostgreSQL and MySQL; ends with an error where one lies',
    run: async () => (await import('./proofs.ts')).benchProofs(),
  },
};

const [name = '', ...rest] = process.argv.slice(2);
const bench = benches[name];
if (bench && (rest.length === 0 || bench.options !== undefined)) {
  await bench.run(rest);
} else {
  for (const [known, { about, options = '' }] of Object.entries(benches)) {
    process.stdout.write(`npm run bench -- ${known.padEnd(12)} ${about} ${options}\n`);
  }
  if (name !== '') process.exitCode = 2;
}
