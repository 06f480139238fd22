import * as vscode from 'vscode';
import type { TaskFacts, TaskRef } from '../../cutover/facts.ts';
import type { Failure } from '../../util/failure.ts';
import type { Cloud } from './cloud.ts';
import type { Log } from '../log.ts';
import type { Settings } from '../settings/watch.ts';
import { throttle } from '../throttle.ts';
import { Details } from './details.ts';
import { readRegion, unread, type RegionTasks } from './region.ts';

/** Errors in a row double the pause, up to this. */
const LONGEST_PAUSE_MS = 5 * 60_000;
/** More than this is no screenful. */
const MOST_DETAILS = 40;

/**
 * The account's tasks in the chosen regions, read while somebody watches: one listing at a time, the pause begins
 * after the answer, and grows with errors and with the time a listing takes.
 */
export class TaskList implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #announce = throttle(100, () => this.#changed.fire());
  readonly #details: Details;
  readonly #regions = new Map<string, RegionTasks>();
  readonly #cloud: Cloud;
  readonly #settings: Settings;

  #watchers = new Set<() => readonly TaskRef[]>();
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  /** aborted when what is read would belong to another account or endpoint */
  #life = new AbortController();
  #failuresInARow = 0;

  constructor(cloud: Cloud, settings: Settings, log: Log) {
    this.#cloud = cloud;
    this.#settings = settings;
    this.#details = new Details(
      () => cloud.client(),
      () => this.#announce.request(),
      log,
    );
  }

  /** in the order of the setting */
  regions(): readonly RegionTasks[] {
    return this.#settings.current().regions.map((region) => this.#regions.get(region) ?? unread(region));
  }

  get refreshing(): boolean {
    return this.#running !== null;
  }

  /** The newest that is known of a task: its detail while it says the same as the list, otherwise what is newer. */
  find(ref: TaskRef): TaskFacts | undefined {
    const listed = this.#regions.get(ref.region)?.tasks.get(ref.jobId);
    const detail = this.#details.get(ref);
    if (!detail || !listed) return detail ?? listed;
    return detail.rawStatus === listed.rawStatus || detail.readAt >= listed.readAt ? detail : listed;
  }

  /** Keeps the list fresh until disposed. `wanted` names the tasks whose steps, gap and lag are on screen. */
  watch(wanted: () => readonly TaskRef[]): vscode.Disposable {
    this.#watchers.add(wanted);
    void this.refresh();
    return new vscode.Disposable(() => {
      this.#watchers.delete(wanted);
      if (this.#watchers.size === 0) this.#disarm();
    });
  }

  /** Reads everything now, or joins the reading under way. Failures are part of the regions. */
  refresh(): Promise<void> {
    if (this.#running) return this.#running;
    this.#disarm();
    const running = this.#readAll(this.#life.signal).finally(() => {
      if (this.#running !== running) return;
      this.#running = null;
      this.#announce.request();
    });
    this.#running = running;
    this.#announce.request();
    return running;
  }

  /** why the detail of a task could not be read, if it could not */
  detailFailure(ref: TaskRef): Failure | undefined {
    return this.#details.failure(ref);
  }

  /** Reads one task's detail now, because its row was opened. What has just failed waits for the next refresh. */
  async look(ref: TaskRef): Promise<void> {
    if (this.detailFailure(ref)) return;
    await this.#details.read(ref, this.#life.signal);
  }

  /** Forgets everything: other credentials, another endpoint. */
  reset(): void {
    this.#life.abort();
    this.#life = new AbortController();
    this.#running = null;
    this.#disarm();
    this.#regions.clear();
    this.#details.clear();
    this.#failuresInARow = 0;
    this.#announce.request();
    if (this.#watchers.size > 0) void this.refresh();
  }

  async #readAll(signal: AbortSignal): Promise<void> {
    const began = performance.now();
    const regions = this.regions();
    await Promise.all(
      regions.map((region) =>
        readRegion(
          region,
          () => this.#cloud.client(),
          (after) => this.#publish(after),
          signal,
        ),
      ),
    );
    const wanted = [...this.#watchers].flatMap((names) => names()).slice(0, MOST_DETAILS);
    if (!signal.aborted) await this.#details.readOnly(wanted, signal);
    if (signal.aborted) return;
    const failed = this.regions().some(({ failure }) => failure !== null);
    this.#failuresInARow = failed ? this.#failuresInARow + 1 : 0;
    this.#arm(performance.now() - began);
  }

  #publish(region: RegionTasks): void {
    this.#regions.set(region.region, region);
    this.#announce.request();
  }

  #arm(tookMs: number): void {
    this.#disarm();
    if (this.#watchers.size === 0) return;
    const interval = Math.max(this.#settings.current().refreshSeconds * 1000, 5 * tookMs);
    const pause = Math.min(interval * 2 ** this.#failuresInARow, Math.max(LONGEST_PAUSE_MS, interval));
    this.#timer = setTimeout(() => void this.refresh(), pause);
  }

  #disarm(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  dispose(): void {
    this.#watchers.clear();
    this.#life.abort();
    this.#disarm();
    this.#announce.dispose();
    this.#changed.dispose();
  }
}
