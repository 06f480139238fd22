import * as vscode from 'vscode';
import type { Side, TaskRef } from '../../cutover/facts.ts';
import type { CutoverRun } from '../../cutover/run.ts';
import type { RunSnapshot } from '../../cutover/snapshot.ts';
import { systemClock } from '../../util/clock.ts';
import { keyOf } from '../cloud/details.ts';
import type { Log } from '../log.ts';
import type { Settings } from '../settings/watch.ts';
import { Comparisons } from './comparisons.ts';
import { finishedFile, finishedStore } from './finishedStore.ts';
import { fileJournal, journalFile } from './journalStore.ts';
import { findProfile, runPorts, type PortParts } from './ports.ts';
import { recordsUnderWay, watchRecords } from './records.ts';

/** Where 0.1.0 remembered what was under way, for one workspace only; the records tell it for all. */
const UNDER_WAY = 'dtsCutover.underWay';

/** Where journals lie, for every window of this machine and profile, and what 0.1.0 remembered. */
export interface Kept {
  readonly storage: vscode.Uri;
  readonly memento: vscode.Memento;
}

/** The runs of this window: one per task, shared by panel, tree, commands and status bar. */
export class RunRegistry implements vscode.Disposable {
  readonly comparisons = new Comparisons();
  readonly #opening = new Map<string, Promise<CutoverRun>>();
  readonly #open = new Map<string, CutoverRun>();
  /** what the settings said of each side when the run last connected */
  readonly #connections = new Map<string, Readonly<Record<Side, string>>>();
  readonly #changed = new vscode.EventEmitter<RunSnapshot>();
  readonly onDidChange = this.#changed.event;
  readonly #parts: PortParts;
  readonly #settings: Settings;
  readonly #folder: vscode.Uri;
  readonly #memento: vscode.Memento;
  readonly #log: Log;
  readonly #subscription: vscode.Disposable;
  #watch: vscode.Disposable | null = null;
  #disposed = false;

  constructor(parts: PortParts, kept: Kept, log: Log) {
    this.#parts = parts;
    this.#settings = parts.settings;
    this.#folder = vscode.Uri.joinPath(kept.storage, 'runs');
    this.#memento = kept.memento;
    this.#log = log;
    this.#subscription = this.#settings.onDidChange(() => this.#settingsChanged());
  }

  /** Opens the run of a task, or joins the one that is open. */
  open(ref: TaskRef): Promise<CutoverRun> {
    const key = keyOf(ref);
    const known = this.#opening.get(key);
    if (known) return known;
    const opening = this.#create(ref);
    this.#opening.set(key, opening);
    opening.catch(() => this.#opening.delete(key));
    return opening;
  }

  /** The run of a task, when one is open. */
  find(ref: TaskRef): CutoverRun | undefined {
    return this.#open.get(keyOf(ref));
  }

  all(): readonly CutoverRun[] {
    return [...this.#open.values()];
  }

  /** Opens the cutovers that are under way on this machine, and those that other windows begin from now on. */
  async resume(): Promise<readonly CutoverRun[]> {
    this.#watch ??= watchRecords(this.#folder.fsPath, (changed) => this.#lookAtRecords(changed));
    await this.#memento.update(UNDER_WAY, undefined);
    return this.#openUnderWay();
  }

  /** One record that cannot be opened keeps no other from being shown. */
  async #openUnderWay(): Promise<CutoverRun[]> {
    const opened: CutoverRun[] = [];
    for (const ref of await recordsUnderWay(this.#folder.fsPath)) {
      if (this.#disposed || this.#opening.has(keyOf(ref))) continue;
      try {
        opened.push(await this.open(ref));
      } catch (error) {
        this.#log.error(`opening the record of ${keyOf(ref)}`, error);
      }
    }
    return opened;
  }

  async #lookAtRecords(changed: boolean): Promise<void> {
    try {
      await Promise.all(this.all().map((run) => run.record.follow()));
      if (changed) await this.#openUnderWay();
    } catch (error) {
      this.#log.error('following the records of other windows', error);
    }
  }

  journal(ref: TaskRef): vscode.Uri {
    return vscode.Uri.file(journalFile(this.#folder.fsPath, ref));
  }

  async #create(ref: TaskRef): Promise<CutoverRun> {
    const { createRun } = await import('../../cutover/createRun.ts');
    const finished = finishedStore(finishedFile(this.#folder.fsPath, ref), this.#log);
    const run = await createRun({
      ref,
      ports: runPorts(ref, this.#parts, this.comparisons.memoryOf(keyOf(ref), finished)),
      journal: fileJournal(this.journal(ref).fsPath),
      settings: this.#settings.current().cutover,
      clock: systemClock,
    });
    if (this.#disposed) {
      await run.dispose();
      return run;
    }
    this.#open.set(keyOf(ref), run);
    this.#connections.set(keyOf(ref), this.#connectionText(ref));
    run.onChange((snapshot) => this.#changedRun(snapshot));
    this.#changedRun(run.snapshot());
    this.#log.info(`run of ${keyOf(ref)} opened, ${run.entries().length} entries in its journal`);
    return run;
  }

  #changedRun(snapshot: RunSnapshot): void {
    this.#changed.fire(snapshot);
  }

  #connectionText(ref: TaskRef): Readonly<Record<Side, string>> {
    const text = (side: Side) => JSON.stringify(findProfile(ref, side, this.#settings) ?? null);
    return { source: text('source'), target: text('target') };
  }

  #settingsChanged(): void {
    for (const [key, run] of this.#open) {
      run.updateSettings(this.#settings.current().cutover);
      const before = this.#connections.get(key);
      const after = this.#connectionText(run.snapshot().ref);
      this.#connections.set(key, after);
      for (const side of ['source', 'target'] as const) if (before?.[side] !== after[side]) run.reconnect(side);
    }
  }

  /** A password changed: every run that uses this connection connects again. */
  reconnect(profileId: string): void {
    for (const run of this.#open.values()) {
      const { ref } = run.snapshot();
      for (const side of ['source', 'target'] as const) {
        if (findProfile(ref, side, this.#settings)?.id === profileId) run.reconnect(side);
      }
    }
  }

  /** Every password is gone or every connection may have changed. */
  reconnectAll(): void {
    for (const run of this.#open.values()) for (const side of ['source', 'target'] as const) run.reconnect(side);
  }

  dispose(): Promise<void> {
    this.#disposed = true;
    this.#subscription.dispose();
    this.#watch?.dispose();
    this.#changed.dispose();
    const runs = [...this.#open.values()];
    this.#open.clear();
    return Promise.all(runs.map((run) => run.dispose())).then(() => undefined);
  }
}

/** Begun and not finished: the phase and the clock belong on screen. */
export const isUnderWay = (snapshot: RunSnapshot) => snapshot.started && snapshot.finishedAt === null;
