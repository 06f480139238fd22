/** Lines of the file that keeps the finished tables of a comparison: a heading, then one line for each table. */
import * as z from 'zod/mini';
import { listOf, objectNameSchema, sentenceSchema } from './factSchemas.ts';

const textOrNull = z.nullable(z.string());

export const finishedHeadingSchema = z.object({
  /** another version of what is kept is not read */
  version: z.literal(1),
  subject: z.string(),
  startedAt: z.number(),
  tokens: z.object({ source: textOrNull, target: textOrNull }),
});

/** Only what is the same is kept: nothing of it is a row's value. */
export const finishedTableSchema = z.object({
  source: objectNameSchema,
  target: objectNameSchema,
  rows: z.object({ source: z.nullable(z.number()), target: z.nullable(z.number()) }),
  notes: listOf(sentenceSchema),
  method: z.string(),
});
export type FinishedTable = z.infer<typeof finishedTableSchema>;
