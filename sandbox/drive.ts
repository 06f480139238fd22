/**
 * One whole cutover of a sandbox world without VS Code: the same run as in the panel, with the user's part played
 * here. It confirms what a user would confirm, stops the business when the target has caught up, and never helps a gate.
 */
import { tmpdir } from 'node:os';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { createRun } from '../src/cutover/createRun.ts';
import type { Side } from '../src/cutover/facts.ts';
import type { Intent } from '../src/cutover/intents.ts';
import type { JournalEntry } from '../src/cutover/journal.ts';
import type { EndpointPort } from '../src/cutover/ports.ts';
import type { CutoverRun } from '../src/cutover/run.ts';
import { DEFAULT_SETTINGS } from '../src/cutover/settings.ts';
import type { RunSnapshot } from '../src/cutover/snapshot.ts';
import type { StepId } from '../src/cutover/steps.ts';
import { createDtsClient } from '../src/dts/client.ts';
import { compareThrough, type ComparedEndpoint } from '../src/engines/compareThrough.ts';
import { loadEngine } from '../src/engines/load.ts';
import { fileJournal } from '../src/host/runs/journalStore.ts';
import { systemClock } from '../src/util/clock.ts';
import { say } from '../src/util/sentence.ts';
import type { LedgerCheck } from './business/ledger.ts';
import type { World } from './world.ts';

export interface DriveOptions {
  readonly quietWindowSeconds: number;
  readonly zeroDwellSeconds: number;
  readonly onEntry: (entry: JournalEntry) => void;
  readonly onProgress: (text: string) => void;
}

export interface DriveResult {
  readonly snapshot: RunSnapshot;
  readonly entries: readonly JournalEntry[];
  /** every order the business committed, looked up on the target before it wrote there */
  readonly ledger: LedgerCheck | null;
  /** the task is `success`, source and target hold the same, and not one committed order is missing */
  readonly ok: boolean;
}

/** Drives the world's task through all seven steps; a step that cannot be done rejects, naming it. */
export async function drive(world: World, options: DriveOptions): Promise<DriveResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dts-cutover-run-'));
  const run = await openRun(world, path.join(folder, 'run.jsonl'), options);
  const stopWatching = run.watch();
  try {
    return await sevenSteps(world, run, options);
  } finally {
    stopWatching();
    await run.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

async function openRun(world: World, file: string, options: DriveOptions): Promise<CutoverRun> {
  const { secretId, secretKey, url } = world.dts;
  const client = createDtsClient({
    credentials: { secretId, secretKey },
    endpoint: { kind: 'custom', url },
    language: 'en-US',
  });
  const endpoints = { source: endpoint(world, 'source'), target: endpoint(world, 'target') };
  const run = await createRun({
    ref: world.task,
    journal: fileJournal(file),
    clock: systemClock,
    settings: {
      ...DEFAULT_SETTINGS,
      quietWindowSeconds: options.quietWindowSeconds,
      zeroDwellSeconds: options.zeroDwellSeconds,
      taskIntervalSeconds: 1,
      sessionIntervalSeconds: 1,
    },
    ports: {
      task: {
        read: (signal) => client.readTask(world.task, signal),
        complete: (signal) => client.completeTask(world.task, signal),
      },
      endpoints,
      compare: compareThrough(endpoints),
      confirm: () => Promise.resolve(true),
      userName: () => 'headless run',
    },
  });
  let told = 0;
  run.onChange(() => {
    for (const entry of run.entries().slice(told)) options.onEntry(entry);
    told = run.entries().length;
  });
  return run;
}

function endpoint(world: World, side: Side): EndpointPort & ComparedEndpoint {
  // what README asks for has to do for all of it
  const { host, port, accounts } = world[side];
  const profile = world.connections.profiles.find(
    ({ user, nodes: [node] }) => user === accounts.reader.user && node?.host === host && node.port === port,
  );
  if (!profile) throw new Error(`The sandbox has no connection for the ${side}.`);
  const password = world.connections.passwords[profile.id] ?? '';
  const request = { profile, password, programName: 'dts-cutover', timeoutMs: 10_000 };
  return {
    configured: () => true,
    request: () => Promise.resolve(request),
    connect: async (signal) => (await loadEngine(profile.engine)).connect(request, signal),
  };
}

async function sevenSteps(world: World, run: CutoverRun, options: DriveOptions): Promise<DriveResult> {
  const reach = (step: StepId, seconds: number) => opened(run, step, seconds, options.onProgress);
  await act(run, { kind: 'start' });
  for (const item of ['account', 'backup', 'offPeak'] as const) {
    await act(run, { kind: 'attest', item, note: 'played by the headless run' });
  }
  await reach('prepare', 30);
  await reach('catchUp', 120);
  await world.business.pause();
  await act(run, { kind: 'recordPause', at: null });
  await reach('quiet', options.quietWindowSeconds + 120);
  await reach('verify', 120);
  await complete(run, () => reach('complete', options.zeroDwellSeconds + 120), options.onProgress);
  await until(run, 60, 'the task to end', (s) => ['succeeded', 'failed'].includes(s.completion.state));
  await until(run, 120, 'the final check', (s) => s.verification.final?.state === 'open');
  const ledger = await checkLedger(world);
  await world.business.resume({ to: 'target' });
  await act(run, { kind: 'recordSwitch', at: null });
  await reach('switch', 60);
  await act(run, { kind: 'finish' });
  const snapshot = run.snapshot();
  const ok = snapshot.task?.status === 'success' && snapshot.verification.latest?.verdict === 'same' && ledger.complete;
  return { snapshot, entries: run.entries(), ledger, ok };
}

async function checkLedger(world: World): Promise<LedgerCheck> {
  const client = await world.control.servers.target.connect({ database: world.target.database });
  return world.business.ledger.check(client).finally(() => client.end());
}

/** The gate looks once more when Complete is pressed, and may find itself shut: one waits again, and presses again. */
async function complete(run: CutoverRun, gate: () => Promise<void>, tell: (text: string) => void): Promise<void> {
  for (let again = 3; ; again--) {
    await gate();
    try {
      return await act(run, { kind: 'complete' });
    } catch (error) {
      if (again === 0 || run.snapshot().completion.state !== 'none') throw error;
      tell(error instanceof Error ? error.message : String(error));
    }
  }
}

async function act(run: CutoverRun, intent: Intent): Promise<void> {
  const result = await run.perform(intent, new AbortController().signal);
  if (result.ok) return;
  const why = result.declined ? 'declined' : say(result.failure.what);
  throw new Error(`${intent.kind}: ${why}`);
}

/** Waits until a step's gate is open, telling what it waits for whenever that changes. */
async function opened(run: CutoverRun, step: StepId, seconds: number, tell: (text: string) => void): Promise<void> {
  let told = '';
  await until(run, seconds, `step "${step}"`, (snapshot) => {
    const verdict = snapshot.steps.find((view) => view.id === step)?.verdict;
    const why = verdict?.why[0] ? say(verdict.why[0]) : '';
    // a counting second is no news
    const shape = why.replace(/\d+/g, '#');
    if (shape !== told && why !== '') tell(`${step}: ${why}`);
    told = shape;
    if (step === 'verify' && differsForGood(snapshot)) throw new Error(`Gave up on step "verify": ${why}`);
    return verdict?.state === 'open';
  });
}

/** What DTS had still to carry over is there by then. */
const GIVE_UP_MS = 15_000;

function differsForGood({ verification: { latest, running } }: RunSnapshot): boolean {
  return latest?.verdict === 'different' && !running && Date.now() - latest.finishedAt > GIVE_UP_MS;
}

function until(run: CutoverRun, seconds: number, what: string, holds: (s: RunSnapshot) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error?: Error) => {
      clearTimeout(timer);
      stop();
      if (error) reject(error);
      else resolve();
    };
    const look = (snapshot: RunSnapshot) => {
      try {
        if (holds(snapshot)) end();
      } catch (error) {
        end(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const stop = run.onChange(look);
    const timer = setTimeout(() => {
      const { steps, current } = run.snapshot();
      const why = steps.find((step) => step.id === current)?.verdict.why ?? [];
      end(new Error(`Waited ${seconds} s in vain for ${what}. ${why.map((s) => say(s)).join(' ')}`));
    }, seconds * 1000);
    look(run.snapshot());
  });
}
