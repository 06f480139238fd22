import type { FailureFacts } from '../util/failure.ts';
import type { DtsComparisonRequest } from './dtsComparison.ts';
import type { Side } from './facts.ts';
import type { PrepareItemId, StepId } from './steps.ts';

/** What a user can want of a run, from the panel, the palette or a script alike. */
export type Intent =
  | { readonly kind: 'start' }
  | { readonly kind: 'testConnections' }
  | { readonly kind: 'attest'; readonly item: PrepareItemId; readonly note: string }
  | { readonly kind: 'withdrawAttestation'; readonly item: PrepareItemId }
  /** the server that answers now is the right one, although another one answered before */
  | { readonly kind: 'acceptServer'; readonly side: Side }
  /** the business has been stopped, now or at an earlier moment */
  | { readonly kind: 'recordPause'; readonly at: number | null }
  /** the business writes to the source again: back to catching up */
  | { readonly kind: 'recordResume' }
  | { readonly kind: 'terminateSession'; readonly side: Side; readonly id: string }
  | { readonly kind: 'override'; readonly step: StepId; readonly reason: string }
  | { readonly kind: 'complete' }
  | { readonly kind: 'compare'; readonly method: 'counts' | 'digest'; readonly tables: readonly string[] | null }
  | { readonly kind: 'cancelComparison' }
  /** DTS's own comparison, before Complete only */
  | { readonly kind: 'startDtsComparison'; readonly request: DtsComparisonRequest }
  | { readonly kind: 'stopDtsComparison' }
  /** the business now runs on the target since `at` (null: now) */
  | { readonly kind: 'recordSwitch'; readonly at: number | null }
  /** the business's configuration was changed: these files name the target where they named the source */
  | { readonly kind: 'recordRouting'; readonly from: string; readonly to: string; readonly files: readonly string[] }
  /** `reason` where its last gate is shut */
  | { readonly kind: 'finish'; readonly reason?: string | undefined }
  /** somebody on another machine goes on with it: from now on it is only shown here */
  | { readonly kind: 'handOver' }
  /** go on here with what was handed over */
  | { readonly kind: 'takeBack' }
  | { readonly kind: 'note'; readonly text: string };

export type IntentKind = Intent['kind'];

export const INTENT_KINDS = [
  'start',
  'testConnections',
  'attest',
  'withdrawAttestation',
  'acceptServer',
  'recordPause',
  'recordResume',
  'terminateSession',
  'override',
  'complete',
  'compare',
  'cancelComparison',
  'startDtsComparison',
  'stopDtsComparison',
  'recordSwitch',
  'recordRouting',
  'finish',
  'handOver',
  'takeBack',
  'note',
] as const satisfies readonly IntentKind[];

export type IntentResult =
  | { readonly ok: true }
  /** the user said no to the confirmation, or cancelled */
  | { readonly ok: false; readonly declined: true }
  | { readonly ok: false; readonly declined: false; readonly failure: FailureFacts };
