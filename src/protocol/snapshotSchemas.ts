/** The picture of a run as it crosses to the panel. */
import * as z from 'zod/mini';
import { INTENT_KINDS, type IntentKind } from '../cutover/intents.ts';
import type { CutoverSettings } from '../cutover/settings.ts';
import type {
  PrepareItemView,
  RunSnapshot,
  FinalCheckView,
  ShownVerdict,
  SideView,
  StepView,
  WindowView,
} from '../cutover/snapshot.ts';
import { dtsComparisonSchema, dtsReadingSchema } from './dtsSchemas.ts';
import {
  comparisonProgressSchema,
  comparisonSchema,
  connectionSchema,
  failureSchema,
  lagSampleSchema,
  listOf,
  pendingWriterSchema,
  positionSchema,
  sentenceSchema,
  sessionSchema,
  taskRefSchema,
  taskSchema,
} from './factSchemas.ts';
import { journalEntrySchema, prepareItemSchema, stepIdSchema } from './journalSchemas.ts';

const time = z.number();
const timeOrNull = z.nullable(time);
const intentKindSchema = z.enum(INTENT_KINDS) satisfies z.ZodMiniType<IntentKind>;
const optionalText = z.optional(z.string());

const verdictSchema = z.object({
  state: z.enum(['open', 'waiting', 'blocked']),
  why: listOf(sentenceSchema),
  evidence: listOf(sentenceSchema),
}) satisfies z.ZodMiniType<ShownVerdict>;

const finalCheckSchema = z.extend(verdictSchema, {
  waived: z.optional(z.boolean()),
}) satisfies z.ZodMiniType<FinalCheckView>;

const stepViewSchema = z.object({
  id: stepIdSchema,
  state: z.enum(['notNeeded', 'todo', 'current', 'done', 'overridden']),
  verdict: verdictSchema,
  moreReasons: z.number(),
  override: z.nullable(z.object({ reason: z.string(), by: z.string(), at: time })),
}) satisfies z.ZodMiniType<StepView>;

const prepareItemViewSchema = z.object({
  id: prepareItemSchema,
  state: z.enum(['checked', 'attested', 'open', 'failed']),
  detail: sentenceSchema,
  problem: z.optional(z.string()),
  asks: z.optional(z.enum(['attestation', 'server'])),
  statement: z.nullable(z.string()),
  attestedBy: z.nullable(z.string()),
  attestedAt: timeOrNull,
}) satisfies z.ZodMiniType<PrepareItemView>;

const windowSchema = z.object({
  requiredSeconds: z.number(),
  heldSeconds: z.number(),
  since: timeOrNull,
  reached: z.boolean(),
  lastReset: z.nullable(z.object({ at: time, why: sentenceSchema })),
}) satisfies z.ZodMiniType<WindowView>;

const sideViewSchema = z.object({
  connection: connectionSchema,
  sessions: listOf(sessionSchema),
  sessionsAt: timeOrNull,
  counts: z.object({
    self: z.number(),
    dts: z.number(),
    replication: z.number(),
    system: z.number(),
    ignored: z.number(),
    business: z.number(),
    unknown: z.number(),
  }),
  position: z.nullable(positionSchema),
  writtenSince: z.nullable(
    z.object({ since: time, objects: listOf(z.object({ name: z.string(), count: z.nullable(z.number()) })) }),
  ),
  pendingWriters: listOf(pendingWriterSchema),
}) satisfies z.ZodMiniType<SideView>;

const settingsSchema = z.object({
  quietWindowSeconds: z.number(),
  zeroDwellSeconds: z.number(),
  taskIntervalSeconds: z.number(),
  sessionIntervalSeconds: z.number(),
  staleAfterSeconds: z.number(),
  idleBusinessBlocks: z.boolean(),
  heartbeatTables: listOf(listOf(z.string())),
  comparisonWorkers: z.number(),
  sessionRules: listOf(
    z.object({
      class: z.enum(['dts', 'replication', 'system', 'ignored', 'business']),
      account: optionalText,
      host: optionalText,
      program: optionalText,
      database: optionalText,
    }),
  ),
}) satisfies z.ZodMiniType<CutoverSettings>;

export const snapshotSchema = z.object({
  revision: z.number(),
  takenAt: time,
  ref: taskRefSchema,
  task: z.nullable(taskSchema),
  taskFailure: z.nullable(failureSchema),
  taskStale: z.boolean(),
  incremental: z.nullable(z.boolean()),
  started: z.boolean(),
  finishedAt: timeOrNull,
  current: stepIdSchema,
  steps: listOf(stepViewSchema),
  prepare: listOf(prepareItemViewSchema),
  lag: listOf(lagSampleSchema),
  catchUpEtaSeconds: z.nullable(z.number()),
  zeroDwell: windowSchema,
  quietWindow: windowSchema,
  source: sideViewSchema,
  target: sideViewSchema,
  downtime: z.object({ since: timeOrNull, until: timeOrNull }),
  completion: z.object({
    state: z.enum(['none', 'sending', 'outcomeUnknown', 'accepted', 'rejected', 'succeeded', 'failed']),
    at: timeOrNull,
    failure: z.nullable(failureSchema),
    doubted: z.optional(z.nullable(z.object({ at: time, status: z.string() }))),
  }),
  refused: z.partialRecord(intentKindSchema, sentenceSchema),
  endsWithReason: z.optional(z.boolean()),
  verification: z.object({
    running: z.nullable(comparisonProgressSchema),
    latest: z.nullable(comparisonSchema),
    stale: z.nullable(sentenceSchema),
    failure: z.nullable(failureSchema),
    final: z.optional(z.nullable(finalCheckSchema)),
  }),
  dtsComparison: z.object({
    refusal: z.nullable(sentenceSchema),
    latest: z.nullable(dtsComparisonSchema),
    reading: z.nullable(dtsReadingSchema),
    failure: z.nullable(failureSchema),
  }),
  cutoverAt: timeOrNull,
  timeline: listOf(journalEntrySchema),
  timelineTotal: z.number(),
  journalFailure: z.nullable(failureSchema),
  settings: settingsSchema,
}) satisfies z.ZodMiniType<RunSnapshot>;
