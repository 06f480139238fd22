/**
 * Everything that crosses between the extension host and the cutover panel. The host owns all truth: it sends
 * pictures, the panel sends intents. Both sides validate what they receive (`schemas.ts`).
 */
import type { Intent, IntentResult } from '../cutover/intents.ts';
import type { RunSnapshot } from '../cutover/snapshot.ts';
import type { ObjectName, RawResult, Side } from '../cutover/facts.ts';
import type { FailureFacts } from '../util/failure.ts';
import type { ChangedPicture } from './pictureChanges.ts';

export type { Intent, IntentResult, RunSnapshot };

/** Things the panel asks the host to do that are not the run's business. */
export type HostAction =
  | { readonly kind: 'configureConnection'; readonly side: Side }
  | { readonly kind: 'exportReport' }
  | { readonly kind: 'openJournal' }
  | { readonly kind: 'openLog' }
  /** the whole raw session list of one side; `raw` brings the beginning of each value only */
  | { readonly kind: 'openRaw'; readonly side: Side }
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'addSessionRule'; readonly side: Side; readonly sessionId: string }
  | { readonly kind: 'openComparison'; readonly id: string }
  /** asks for tables and compares these */
  | { readonly kind: 'chooseTables' }
  /** asks how DTS shall compare, then lets it */
  | { readonly kind: 'startDtsComparison' }
  /** DTS's report of one comparison; null asks which */
  | { readonly kind: 'openDtsReport'; readonly id: string | null }
  /** the differing rows of one table side by side */
  | { readonly kind: 'openDifferences'; readonly id: string; readonly source: ObjectName }
  /** statements for the target, of one table or (null) of all; opened, never run */
  | { readonly kind: 'openRepair'; readonly id: string; readonly source: ObjectName | null }
  /** what the task leaves to be carried over by hand, as statements; opened, never run */
  | { readonly kind: 'openCarryOver' }
  | { readonly kind: 'runRoutingAction' }
  /** the source's address in files of the workspace, shown before anything is changed */
  | { readonly kind: 'replaceAddress' }
  | { readonly kind: 'refresh' };

export type ToHost =
  /** the panel has loaded and wants the first picture */
  | { readonly type: 'ready' }
  /** what changed does not fit what the panel has: it wants a whole picture */
  | { readonly type: 'whole' }
  | { readonly type: 'intent'; readonly id: number; readonly intent: Intent }
  | { readonly type: 'action'; readonly id: number; readonly action: HostAction }
  /** the raw result of the runbook's own query */
  | { readonly type: 'raw'; readonly id: number; readonly side: Side };

export type ToPanel =
  | {
      readonly type: 'init';
      /** BCP 47, e.g. `en`, `zh-cn` */
      readonly language: string;
      /** English text → translation; empty in English */
      readonly bundle: Readonly<Record<string, string>>;
      /** the host's clock at sending, epoch milliseconds: on a remote host it may differ from the browser's */
      readonly now: number;
    }
  | { readonly type: 'snapshot'; readonly snapshot: RunSnapshot }
  /** a picture without its long lists, and what makes those of the picture before (revision `base`) the ones of this */
  | (ChangedPicture & { readonly type: 'changes'; readonly base: number })
  | { readonly type: 'answer'; readonly id: number; readonly result: IntentResult }
  | {
      readonly type: 'rawAnswer';
      readonly id: number;
      readonly raw: RawResult | null;
      readonly failure: FailureFacts | null;
    };
