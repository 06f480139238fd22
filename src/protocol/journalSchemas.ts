/** The journal's entries as they cross to the panel. */
import * as z from 'zod/mini';
import type { JournalEntry } from '../cutover/journal.ts';
import { PREPARE_ITEMS, STEP_IDS, type PrepareItemId, type StepId } from '../cutover/steps.ts';
import { dtsMethodSchema, dtsOutcomeSchema } from './dtsSchemas.ts';
import {
  comparisonSchema,
  failureSchema,
  listOf,
  methodSchema,
  recordedReasonSchema,
  sentenceSchema,
  serverSchema,
  sideSchema,
  taskRefSchema,
} from './factSchemas.ts';

export const stepIdSchema = z.enum(STEP_IDS) satisfies z.ZodMiniType<StepId>;
export const prepareItemSchema = z.enum(PREPARE_ITEMS) satisfies z.ZodMiniType<PrepareItemId>;

/** What every entry has, and the fields of its kind. */
function entry<Kind extends string, Fields extends z.core.$ZodLooseShape>(kind: Kind, fields: Fields) {
  return z.object({ seq: z.number(), at: z.number(), by: z.string(), kind: z.literal(kind), ...fields });
}

const text = z.string();
const time = z.number();
const failure = { failure: failureSchema };
const why = { why: sentenceSchema };

export const journalEntrySchema = z.discriminatedUnion('kind', [
  entry('started', {
    ref: taskRefSchema,
    taskName: text,
    incremental: z.boolean(),
    order: z.optional(z.enum(['verifyFirst', 'completeFirst'])),
  }),
  entry('reopened', {}),
  entry('statusChanged', { from: z.nullable(text), to: text }),
  entry('connected', { side: sideSchema, server: serverSchema }),
  entry('serverAccepted', { side: sideSchema, server: text }),
  entry('connectionLost', { side: sideSchema, ...failure }),
  entry('taskUnreadable', failure),
  entry('taskReadable', {}),
  entry('attested', { item: prepareItemSchema, note: text }),
  entry('attestationWithdrawn', { item: prepareItemSchema }),
  entry('caughtUp', { gapMb: z.number(), lagSeconds: z.number() }),
  entry('fellBehind', why),
  entry('paused', { pausedAt: time }),
  entry('resumed', {}),
  entry('sessionTerminated', { side: sideSchema, session: text }),
  entry('notQuiet', why),
  entry('quietReached', { since: time }),
  entry('quietBroken', why),
  entry('dwellReached', { since: time }),
  entry('dwellBroken', why),
  entry('overridden', { step: stepIdSchema, reason: text, against: listOf(recordedReasonSchema) }),
  entry('completeDeclined', {}),
  entry('completeRefused', why),
  entry('completeSent', { evidence: listOf(sentenceSchema), again: z.optional(z.boolean()) }),
  entry('completeAccepted', {}),
  entry('completeRejected', failure),
  entry('completeOutcomeUnknown', failure),
  entry('completeNotCarriedOut', {}),
  entry('completed', { endedAt: z.nullable(time) }),
  entry('completionFailed', { status: text, message: text }),
  entry('completionRevoked', { was: z.enum(['succeeded', 'failed']), status: text }),
  entry('comparisonStarted', { method: methodSchema }),
  entry('comparisonFinished', { comparison: comparisonSchema }),
  entry('comparisonEnded', failure),
  entry('comparisonStale', { side: sideSchema, written: z.boolean(), ...why }),
  entry('dtsComparisonStarted', {
    id: text,
    method: dtsMethodSchema,
    sampleRate: z.nullable(z.number()),
    tables: z.nullable(z.number()),
  }),
  entry('dtsComparisonFinished', { outcome: dtsOutcomeSchema }),
  entry('dtsComparisonEnded', failure),
  entry('addressReplaced', { from: text, to: text, files: listOf(text) }),
  entry('switched', { switchedAt: time }),
  entry('businessSeen', { side: sideSchema, accounts: listOf(text) }),
  entry('finished', { reason: z.optional(text) }),
  entry('noted', { text }),
  entry('sessionEnding', { side: sideSchema, session: text }),
  entry('recordDamaged', { line: z.number(), ...why, after: listOf(text), evidence: text }),
  entry('takenOver', { from: text }),
  entry('handedOver', {}),
  entry('received', { from: text, handedOverAt: time }),
  entry('takenBack', {}),
  entry('unrecognized', { name: text }),
]) satisfies z.ZodMiniType<JournalEntry>;

/** What every entry of every version has. */
const anyEntrySchema = z.object({ seq: z.number(), at: z.number(), by: z.string(), kind: z.string() });

/** A stored value as an entry; one of a kind that only another version knows is kept by name; null for anything else. */
export function readEntry(value: unknown): JournalEntry | null {
  const known = journalEntrySchema.safeParse(value);
  if (known.success) return known.data;
  const other = anyEntrySchema.safeParse(value);
  if (!other.success) return null;
  const { kind: name, ...rest } = other.data;
  return { ...rest, kind: 'unrecognized', name };
}
