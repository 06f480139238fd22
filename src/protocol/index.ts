/** What both sides of the panel share. The webview imports from here and nothing deeper. */
export type * from './messages.ts';
export type {
  ClassifiedSession,
  ComparedObject,
  ComparisonFacts,
  ComparisonProgress,
  ConnectionState,
  LagSample,
  ObjectName,
  PendingWriter,
  PositionFacts,
  RawResult,
  SessionClass,
  Side,
  TableComparison,
  TableVerdict,
  TaskEndpoint,
  TaskFacts,
} from '../cutover/facts.ts';
export type { DtsComparison, DtsReading } from '../cutover/dtsComparison.ts';
export type { JournalEntry } from '../cutover/journal.ts';
export type { CompletionState, PrepareItemView, SideView, StepView, WindowView } from '../cutover/snapshot.ts';
export type { StepId } from '../cutover/steps.ts';
export type { Verdict } from '../cutover/verdict.ts';
export type { FailureFacts } from '../util/failure.ts';
export { optionRemarks } from '../cutover/leftOut.ts';
export { DTS_METHOD_NAMES, narrate } from '../cutover/narrate.ts';
export {
  COMPARISON_METHOD_NAMES,
  objectKindName,
  SESSION_CLASS_NAMES,
  SESSION_STATE_NAMES,
  TABLE_VERDICT_NAMES,
  WRITER_KIND_NAMES,
} from '../cutover/words.ts';
export { areRowsSame } from '../cutover/rowsProof.ts';
export { PREPARE_TITLES, STEP_IDS, STEP_TITLES } from '../cutover/steps.ts';
export { inOrder, withChanges } from './pictureChanges.ts';
export { parseToHost, parseToPanel, type Parsed } from './schemas.ts';
