/**
 * Drives one cutover. This is the whole interface; the work is done by the parts beside it.
 * It touches nothing but its ports and its clock, so the panel, the headless run and the tests use the same one.
 */
import type { Clock } from '../util/clock.ts';
import type { RawResult, Side, TaskRef } from './facts.ts';
import type { Intent, IntentResult } from './intents.ts';
import type { JournalEntry, JournalStore } from './journal.ts';
import type { RunPorts } from './ports.ts';
import type { CutoverSettings } from './settings.ts';
import type { RunRecord } from './runRecord.ts';
import type { RunSnapshot } from './snapshot.ts';

export interface RunOptions {
  readonly ref: TaskRef;
  readonly ports: RunPorts;
  readonly journal: JournalStore;
  readonly settings: CutoverSettings;
  readonly clock: Clock;
}

export interface CutoverRun {
  snapshot(): RunSnapshot;
  /** calls back after every change, at most once per turn of the event loop; the answer stops it */
  onChange(listener: (snapshot: RunSnapshot) => void): () => void;
  /** polls while anybody watches or the run is under way and the business is down; the answer ends this watch */
  watch(): () => void;
  /** never rejects: a failure is an answer */
  perform(intent: Intent, signal: AbortSignal): Promise<IntentResult>;
  /** the newest raw session list of one side */
  raw(side: Side): RawResult | null;
  /** the whole journal so far, oldest first */
  entries(): readonly JournalEntry[];
  updateSettings(settings: CutoverSettings): void;
  /** connections are configured anew or a password changed: connect again */
  reconnect(side: Side): void;
  /** its record, of which another window may be the owner */
  readonly record: Pick<RunRecord, 'owner' | 'takeOver' | 'follow' | 'receive'>;
  dispose(): Promise<void>;
}
