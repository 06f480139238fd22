/**
 * `npm run bench -- <name>` runs one benchmark, without a name it lists them. A benchmark measures and prints; it judges
 * nothing, so the exit code tells only whether it could run.
 */
import process from 'node:process';

interface Bench {
  readonly about: string;
  run(): Promise<void>;
}

/** Loaded when chosen: one benchmark's tools are no business of another. */
const benches: Readonly<Record<string, Bench>> = {
  sessions: {
    about: 'an hour of watching 5,000 sessions: own time of each poll, memory',
    run: async () => (await import('./host/sessions.ts')).benchSessions(),
  },
};

const [name = '', ...rest] = process.argv.slice(2);
const bench = benches[name];
if (bench && rest.length === 0) {
  await bench.run();
} else {
  for (const [known, { about }] of Object.entries(benches)) {
    process.stdout.write(`npm run bench -- ${known.padEnd(12)} ${about}\n`);
  }
  if (name !== '') process.exitCode = 2;
}
