/** Facts as they cross to the panel. Each schema is checked against the type it stands for, in both directions. */
import * as z from 'zod/mini';
import type * as facts from '../cutover/facts.ts';
import { MOVED_KINDS, RIGHT_USES, TASK_STATUSES } from '../cutover/facts.ts';
import type { RecordedReason } from '../cutover/reasons.ts';
import type { FailureFacts } from '../util/failure.ts';
import type { Sentence } from '../util/sentence.ts';

/** An array nobody changes, as every list of a snapshot is. */
export const listOf = <T extends z.core.SomeType>(item: T) => z.readonly(z.array(item));

const text = z.string();
/** JSON numbers only: NaN and Infinity are refused */
const number = z.number();
const numberOrNull = z.nullable(number);
const textOrNull = z.nullable(text);

export const sentenceSchema = z.object({
  text,
  args: z.optional(z.record(z.string(), z.union([z.string(), z.number()]))),
}) satisfies z.ZodMiniType<Sentence>;

/** A reason of a gate as a record holds it; those of the first records are sentences only. */
export const recordedReasonSchema = z.object({
  ...sentenceSchema.shape,
  code: z.optional(text),
  subject: z.optional(text),
  measure: z.optional(number),
  occurrence: z.optional(text),
}) satisfies z.ZodMiniType<RecordedReason>;

export const failureSchema = z.object({
  reason: z.enum([
    'credentials-missing',
    'credentials-invalid',
    'credentials-expired',
    'clock-skew',
    'permission-denied',
    'task-not-found',
    'not-allowed-now',
    'throttled',
    'invalid-request',
    'service-error',
    'unexpected-answer',
    'unreachable',
    'name-not-found',
    'refused',
    'timed-out',
    'connection-lost',
    'tls',
    'authentication-failed',
    'insufficient-privilege',
    'database-missing',
    'too-many-connections',
    'server-starting',
    'unsupported',
    'query-failed',
    'not-configured',
    'bad-input',
    'cancelled',
    'outcome-unknown',
    'internal',
  ]),
  what: sentenceSchema,
  tryThis: z.nullable(sentenceSchema),
}) satisfies z.ZodMiniType<FailureFacts>;

export const sideSchema = z.enum(['source', 'target']) satisfies z.ZodMiniType<facts.Side>;
const engineSchema = z.enum(['mysql', 'postgres', 'sqlserver', 'mongodb']) satisfies z.ZodMiniType<facts.EngineKind>;

export const taskRefSchema = z.object({ region: text, jobId: text }) satisfies z.ZodMiniType<facts.TaskRef>;

const endpointSchema = z.object({
  databaseType: text,
  engine: z.nullable(engineSchema),
  accessType: text,
  region: text,
  instanceId: text,
  nodes: listOf(z.object({ host: text, port: numberOrNull, user: text })),
}) satisfies z.ZodMiniType<facts.TaskEndpoint>;

const scopeSchema = z.object({
  mode: z.enum(['all', 'partial']),
  databases: listOf(
    z.object({
      name: text,
      newName: text,
      schema: textOrNull,
      newSchema: textOrNull,
      allTables: z.boolean(),
      tables: listOf(z.object({ name: text, newName: text, temporary: z.optional(listOf(text)) })),
      objects: z.optional(
        listOf(
          z.object({
            kind: z.enum(MOVED_KINDS),
            moved: z.union([z.literal('all'), z.literal('none'), listOf(text)]),
          }),
        ),
      ),
    }),
  ),
  advancedObjects: z.optional(listOf(text)),
}) satisfies z.ZodMiniType<facts.MigrationScope>;

const booleanOrNull = z.nullable(z.boolean());
const optionsSchema = z.object({
  advancedObjects: z.nullable(listOf(text)),
  targetReadOnly: booleanOrNull,
  migratesAccounts: booleanOrNull,
  overridesRoot: booleanOrNull,
}) satisfies z.ZodMiniType<facts.TaskOptions>;

export const taskSchema = z.object({
  ref: taskRefSchema,
  name: text,
  status: z.enum([...TASK_STATUSES, 'unrecognized']),
  rawStatus: text,
  trade: z.enum([
    'normal',
    'resizing',
    'reversing',
    'isolating',
    'isolated',
    'offlining',
    'offlined',
    'notBilled',
    'unrecognized',
  ]),
  migrateType: z.enum(['structure', 'full', 'fullAndIncrement', 'unrecognized']),
  steps: listOf(
    z.object({
      id: text,
      name: text,
      status: z.enum(['notStarted', 'running', 'finished', 'failed', 'unrecognized']),
      rawStatus: text,
      percent: numberOrNull,
    }),
  ),
  gapMb: numberOrNull,
  lagSeconds: numberOrNull,
  allowedActions: listOf(text),
  source: endpointSchema,
  target: endpointSchema,
  scope: scopeSchema,
  options: z.optional(optionsSchema),
  error: z.nullable(z.object({ message: text, solution: text })),
  createdAt: numberOrNull,
  startedAt: numberOrNull,
  endedAt: numberOrNull,
  updatedAt: z.optional(numberOrNull),
  unreadable: z.optional(listOf(text)),
  detailed: z.boolean(),
  readAt: number,
}) satisfies z.ZodMiniType<facts.TaskFacts>;

export const lagSampleSchema = z.object({
  at: number,
  gapMb: numberOrNull,
  lagSeconds: numberOrNull,
}) satisfies z.ZodMiniType<facts.LagSample>;

export const sessionSchema = z.object({
  id: text,
  account: text,
  host: text,
  program: text,
  database: text,
  state: z.enum(['executing', 'open transaction', 'idle', 'background', 'unknown']),
  stateAge: numberOrNull,
  statement: text,
  nature: z.enum(['client', 'self', 'replication', 'system']),
  natureWhy: sentenceSchema,
  startedAt: numberOrNull,
  class: z.enum(['self', 'dts', 'replication', 'system', 'ignored', 'business', 'unknown']),
  rule: sentenceSchema,
}) satisfies z.ZodMiniType<facts.ClassifiedSession>;

export const rawResultSchema = z.object({
  query: text,
  columns: listOf(text),
  rows: listOf(listOf(textOrNull)),
}) satisfies z.ZodMiniType<facts.RawResult>;

const visibilitySchema = z.discriminatedUnion('level', [
  z.object({ level: z.literal('full'), how: sentenceSchema }),
  z.object({ level: z.literal('limited'), missing: sentenceSchema, grant: text }),
]) satisfies z.ZodMiniType<facts.Visibility>;

const rightSchema = z.object({
  use: z.enum(RIGHT_USES),
  state: z.enum(['ok', 'missing', 'unknown']),
  objects: listOf(text),
  why: sentenceSchema,
  grant: textOrNull,
}) satisfies z.ZodMiniType<facts.RightFacts>;

export const pendingWriterSchema = z.object({
  kind: z.enum(['event', 'job', 'prepared transaction']),
  name: text,
  detail: text,
  blocks: z.boolean(),
}) satisfies z.ZodMiniType<facts.PendingWriter>;

export const positionSchema = z.object({
  takenAt: number,
  token: text,
  display: text,
  sinceDisplay: textOrNull,
  foreign: z.enum(['none', 'written', 'pending', 'unknown']),
  written: listOf(
    z.object({ name: text, count: numberOrNull, byDts: z.boolean(), heartbeat: z.optional(z.boolean()) }),
  ),
  why: sentenceSchema,
}) satisfies z.ZodMiniType<facts.PositionFacts>;

export const serverSchema = z.object({
  engine: engineSchema,
  product: text,
  version: text,
  endpoint: text,
  account: text,
  identity: text,
  startedAt: numberOrNull,
  clockOffset: numberOrNull,
  readOnly: z.nullable(z.boolean()),
  standby: z.optional(z.nullable(z.boolean())),
}) satisfies z.ZodMiniType<facts.ServerFacts>;

export const connectionSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('unconfigured') }),
  z.object({ state: z.literal('connecting') }),
  z.object({
    state: z.literal('connected'),
    server: serverSchema,
    visibility: z.nullable(visibilitySchema),
    rights: z.optional(z.nullable(listOf(rightSchema))),
  }),
  z.object({ state: z.literal('failed'), failure: failureSchema, since: number, retryAt: numberOrNull }),
]) satisfies z.ZodMiniType<facts.ConnectionState>;

export const objectNameSchema = z.object({
  database: text,
  schema: textOrNull,
  name: text,
}) satisfies z.ZodMiniType<facts.ObjectName>;

export const methodSchema = z.enum(['counts', 'digest', 'dts']);

export const tableComparisonSchema = z.object({
  source: z.nullable(objectNameSchema),
  target: z.nullable(objectNameSchema),
  verdict: z.enum(['same', 'different', 'skipped', 'failed', 'missingOnTarget', 'missingOnSource']),
  reason: z.nullable(sentenceSchema),
  rows: z.object({ source: numberOrNull, target: numberOrNull }),
  differenceCount: numberOrNull,
  notes: z.optional(listOf(sentenceSchema)),
}) satisfies z.ZodMiniType<facts.TableComparison>;

export const comparedObjectSchema = z.object({
  kind: text,
  name: text,
  verdict: z.enum(['different', 'missingOnTarget', 'missingOnSource']),
  detail: z.nullable(sentenceSchema),
  statement: textOrNull,
}) satisfies z.ZodMiniType<facts.ComparedObject>;

export const comparisonSchema = z.object({
  id: text,
  method: methodSchema,
  startedAt: number,
  finishedAt: number,
  verdict: z.enum(['same', 'different', 'incomplete']),
  summary: sentenceSchema,
  tables: listOf(tableComparisonSchema),
  objects: z.optional(listOf(comparedObjectSchema)),
  skipped: listOf(sentenceSchema),
  whole: z.optional(z.boolean()),
  atRest: z.optional(z.boolean()),
  positions: z.object({ source: textOrNull, target: textOrNull }),
}) satisfies z.ZodMiniType<facts.ComparisonFacts>;

export const comparisonProgressSchema = z.object({
  tablesDone: number,
  tablesTotal: number,
  rowsDone: number,
  rowsTotal: numberOrNull,
  current: text,
  startedAt: number,
}) satisfies z.ZodMiniType<facts.ComparisonProgress>;
