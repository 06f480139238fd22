/** DTS's own comparison, as it crosses to the panel and stands in the journal. */
import * as z from 'zod/mini';
import type { DtsComparison, DtsComparisonRequest, DtsOutcome, DtsReading } from '../cutover/dtsComparison.ts';
import { failureSchema, listOf, objectNameSchema, sentenceSchema } from './factSchemas.ts';

const numberOrNull = z.nullable(z.number());

export const dtsMethodSchema = z.enum(['dataCheck', 'sampleDataCheck', 'rowsCount']);

export const dtsRequestSchema = z.object({
  method: dtsMethodSchema,
  sampleRate: numberOrNull,
  threads: z.number(),
  tables: z.nullable(listOf(objectNameSchema)),
}) satisfies z.ZodMiniType<DtsComparisonRequest>;

export const dtsOutcomeSchema = z.object({
  verdict: z.enum(['same', 'different', 'incomplete']),
  summary: sentenceSchema,
}) satisfies z.ZodMiniType<DtsOutcome>;

export const dtsReadingSchema = z.object({
  status: z.enum(['created', 'readyRun', 'running', 'success', 'stopping', 'failed', 'canceled', 'unrecognized']),
  rawStatus: z.string(),
  conclusion: z.enum(['same', 'different', 'skipAll', 'none', 'unrecognized']),
  percent: numberOrNull,
  message: z.string(),
}) satisfies z.ZodMiniType<DtsReading>;

export const dtsComparisonSchema = z.object({
  id: z.string(),
  method: dtsMethodSchema,
  sampleRate: numberOrNull,
  tables: numberOrNull,
  startedAt: z.number(),
  outcome: z.nullable(dtsOutcomeSchema),
  failure: z.nullable(failureSchema),
}) satisfies z.ZodMiniType<DtsComparison>;
