import type { Sentence } from '../util/sentence.ts';
import type { Reason } from './reasons.ts';

/**
 * What a gate says. `open`: everything it asks for is proven. `waiting`: it will open by itself when what it waits
 * for happens. `blocked`: somebody has to do something first. There is no fourth answer: what cannot be told blocks.
 */
export interface Verdict {
  readonly state: 'open' | 'waiting' | 'blocked';
  /** what it waits for or what blocks it; empty when open */
  readonly why: readonly Reason[];
  /** what it rests on, for the panel and the report */
  readonly evidence: readonly Sentence[];
}

export const open = (...evidence: Sentence[]): Verdict => ({ state: 'open', why: [], evidence });
export const waiting = (why: readonly Reason[], evidence: readonly Sentence[] = []): Verdict => ({
  state: 'waiting',
  why,
  evidence,
});
export const blocked = (why: readonly Reason[], evidence: readonly Sentence[] = []): Verdict => ({
  state: 'blocked',
  why,
  evidence,
});
