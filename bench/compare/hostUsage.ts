/** How this process fares while it works: memory, processor time and the turns of its event loop. */
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';

export interface HostUsage {
  /** MB of resident memory above the beginning, at most */
  readonly grown: number;
  /** ms of processor time of the main thread from one turn of its event loop to the next, at most */
  readonly longestTurn: number;
  /** ms by which a turn was late, for whatever reason */
  readonly late: number;
  /** s of processor time, all threads */
  readonly spent: number;
  /** s on the wall */
  readonly seconds: number;
}

const LOOK_MS = 5;

export async function meter(work: () => Promise<unknown>): Promise<HostUsage> {
  const delay = monitorEventLoopDelay({ resolution: LOOK_MS });
  const memory = process.memoryUsage.rss();
  const begun = performance.now();
  const all = process.cpuUsage();
  let [grown, longestTurn, before] = [0, 0, mainThreadMs()];
  const timer = setInterval(() => {
    const now = mainThreadMs();
    longestTurn = Math.max(longestTurn, now - before);
    before = now;
    grown = Math.max(grown, (process.memoryUsage.rss() - memory) / 1e6);
  }, LOOK_MS);
  delay.enable();
  try {
    await work();
  } finally {
    delay.disable();
    clearInterval(timer);
  }
  const { user, system } = process.cpuUsage(all);
  return {
    grown,
    longestTurn,
    late: delay.max / 1e6,
    spent: (user + system) / 1e6,
    seconds: (performance.now() - begun) / 1000,
  };
}

/** Linux tells it of one thread: the collector's helpers do not hold the loop. Elsewhere that of the whole process. */
function mainThreadMs(): number {
  if (process.platform === 'linux') {
    const [running = ''] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ');
    return Number(running) / 1e6;
  }
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
