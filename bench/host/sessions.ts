/**
 * An hour of watching a server with 5,000 sessions, on a clock that is turned by hand: what each look costs in our own
 * code (the rows' meaning, classes, the quiet window, the gates and the picture), and whether memory stays bounded.
 * The rows are made outside the measured time; the network and the server are no part of it.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RawResult } from '../../src/cutover/facts.ts';
import { DEFAULT_SETTINGS } from '../../src/cutover/settings.ts';
import type { RunSnapshot } from '../../src/cutover/snapshot.ts';
import { readSessions } from '../../src/engines/postgres/sessions.ts';
import { parseToPanel } from '../../src/protocol/schemas.ts';
import { act, settle, World } from '../../test/unit/cutover/world.ts';
import { machine, table } from './figures.ts';
import { sessionRows } from './sessionRows.ts';

const SESSIONS = 5000;
/** an hour at the usual two seconds between looks */
const LOOKS = 1800;
const BETWEEN_MS = DEFAULT_SETTINGS.sessionIntervalSeconds * 1000;
/** heap is read after this many looks, so that growth would show */
const HEAP_EVERY = 360;

export async function benchSessions(): Promise<void> {
  process.stdout.write(`${machine()}\n${SESSIONS} sessions, ${LOOKS} looks (one hour) …\n`);
  const watch = await startWatching();
  const own: number[] = [];
  const cpu: number[] = [];
  const heap: number[] = [];
  for (let look = 1; look <= LOOKS; look++) {
    watch.prepare(look);
    const used = process.cpuUsage();
    const began = performance.now();
    await watch.next();
    own.push(performance.now() - began);
    const { user, system } = process.cpuUsage(used);
    cpu.push((user + system) / 1000);
    if (look === 10 || look % HEAP_EVERY === 0) heap.push(heapAfterCollection());
  }
  const { looks, pictures, snapshot } = watch.seen();
  const crossing = await measureCrossing(snapshot);
  await watch.stop();

  const [first = NaN, ...later] = heap;
  process.stdout.write(
    `${table([
      { what: 'own time of a look', unit: 'ms', values: own, target: 300 },
      { what: 'processor time of a look, with collection', unit: 'ms', values: cpu },
      { what: `heap after each ${HEAP_EVERY} looks (beside: after 10)`, unit: 'MB', values: later, beside: first },
      { what: 'a picture as text (what the host sends)', unit: 'ms', values: crossing.write },
      { what: 'its size', unit: 'MB', values: [crossing.megabytes] },
      { what: 'reading and checking it (what the panel does)', unit: 'ms', values: crossing.read },
    ])}\n`,
  );
  process.stdout.write(`heap, MB: ${heap.map((value) => value.toFixed(1)).join(' → ')}\n`);
  const slow = own.filter((ms) => ms >= 300).length;
  process.stdout.write(
    `${slow} of ${looks} looks took 300 ms or more; ${pictures} pictures; ${snapshot.source.sessions.length} sessions in the last\n`,
  );
}

/** A run with the business paused and everybody still connected: every gate has work with every session. */
async function startWatching() {
  const world = new World();
  world.settings = {
    ...DEFAULT_SETTINGS,
    sessionRules: [
      { class: 'ignored', program: 'pgAdmin' },
      { class: 'replication', host: '192.168.0.0/16' },
      { class: 'system', account: 'backup' },
      { class: 'ignored', host: 'fd00::/8', account: 'monitor' },
      { class: 'ignored', account: 'service_11' },
    ],
  };
  let raw: RawResult = { query: '', columns: [], rows: [] };
  let looks = 0;
  const connect = world.source.connect;
  world.source.connect = async () => ({
    ...(await connect()),
    listSessions: async () => {
      looks++;
      return { sessions: readSessions(raw, world.clock.now(), 0, () => false), raw };
    },
  });

  const run = await world.open();
  let pictures = 0;
  const stopListening = run.onChange(() => pictures++);
  const stopWatching = run.watch();
  await settle();
  await act(run, { kind: 'start' });
  await act(run, { kind: 'recordPause', at: null });
  looks = 0;
  return {
    /** makes what the server will answer next, outside of the measured time */
    prepare(look: number): void {
      raw = sessionRows(SESSIONS, look, world.clock.now());
    },
    next: () => world.clock.advance(BETWEEN_MS),
    seen: (): { looks: number; pictures: number; snapshot: RunSnapshot } => {
      return { looks, pictures, snapshot: run.snapshot() };
    },
    async stop(): Promise<void> {
      stopListening();
      stopWatching();
      await run.dispose();
    },
  };
}

/** What crosses to the panel is written as JSON by VS Code and checked by the panel; here both in this process. */
async function measureCrossing(snapshot: RunSnapshot) {
  const write: number[] = [];
  const read: number[] = [];
  let megabytes = 0;
  for (let i = 0; i < 20; i++) {
    const began = performance.now();
    const text = JSON.stringify({ type: 'snapshot', snapshot });
    write.push(performance.now() - began);
    megabytes = text.length / 1024 ** 2;
    const received = performance.now();
    const parsed = parseToPanel(JSON.parse(text));
    read.push(performance.now() - received);
    if (!parsed.ok) throw new Error(`The panel would refuse this picture: ${parsed.problem}`);
  }
  return { write, read, megabytes };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapAfterCollection(): number {
  collect();
  return process.memoryUsage().heapUsed / 1024 ** 2;
}
