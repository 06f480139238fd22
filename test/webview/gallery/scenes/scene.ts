import type { DtsComparison } from '../../../../src/cutover/dtsComparison.ts';
import type { ComparisonFacts } from '../../../../src/cutover/facts.ts';
import type { RunSnapshot } from '../../../../src/cutover/snapshot.ts';
import { sentence } from '../../../../src/util/sentence.ts';
import { ago, picture, tables, task, window } from '../parts.ts';

export interface Scene {
  readonly snapshot: RunSnapshot;
  readonly language?: 'en' | 'zh-cn';
}
export type Scenes = Readonly<Record<string, Scene>>;

export const noBusiness = { since: null, until: null };

export const refused = {
  reason: 'refused',
  what: sentence('The source at {place} refuses connections.', { place: '10.0.0.5:5432' }),
  tryThis: sentence('Check the address and the firewall.'),
} as const;

export const comparison = (change: Partial<ComparisonFacts>): ComparisonFacts => ({
  id: 'c1',
  method: 'digest',
  startedAt: ago(120),
  finishedAt: ago(40),
  verdict: 'same',
  summary: sentence('{count} tables compared, all the same.', { count: 340 }),
  tables: tables(340),
  skipped: [],
  positions: { source: '1', target: '2' },
  ...change,
});

export const dtsComparison = (change: Partial<DtsComparison>): DtsComparison => ({
  id: 'dts-k3f9x2ab-cmp-7f3a1c20',
  method: 'dataCheck',
  sampleRate: null,
  tables: null,
  startedAt: ago(95),
  outcome: {
    verdict: 'incomplete',
    summary: sentence(
      'DTS found no difference, but did not look at everything: {checked} of {total} tables compared, {skipped} skipped.',
      { checked: 338, total: 340, skipped: 2 },
    ),
  },
  failure: null,
  ...change,
});

const after = task({ status: 'success', rawStatus: 'success', gapMb: null, lagSeconds: null, endedAt: ago(200) });

export const done = (
  current: 'verify' | 'switch',
  verdict: RunSnapshot['steps'][number]['verdict'],
  change: Partial<RunSnapshot>,
) =>
  picture(current, verdict, {
    ...(current === 'switch' && { task: after, completion: { state: 'succeeded', at: ago(200), failure: null } }),
    zeroDwell: window(60, 262),
    quietWindow: window(180, 420),
    ...change,
  });
