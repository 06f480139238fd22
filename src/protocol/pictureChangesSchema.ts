/** What changed of a picture's long lists, as it crosses to the panel. */
import * as z from 'zod/mini';
import { comparedObjectSchema, lagSampleSchema, listOf, sessionSchema, tableComparisonSchema } from './factSchemas.ts';
import { journalEntrySchema } from './journalSchemas.ts';
import type { PictureChanges } from './pictureChanges.ts';

function changes<Row extends z.core.SomeType>(row: Row) {
  return { gone: listOf(z.string()), set: listOf(row), size: z.int() };
}

const sessions = z.nullable(z.object({ ...changes(sessionSchema), ages: listOf(z.nullable(z.number())) }));

export const pictureChangesSchema = z.object({
  sessions: z.object({ source: sessions, target: sessions }),
  tables: z.nullable(z.object(changes(tableComparisonSchema))),
  objects: z.nullable(z.object(changes(comparedObjectSchema))),
  timeline: z.nullable(z.object(changes(journalEntrySchema))),
  lag: z.nullable(z.object(changes(lagSampleSchema))),
}) satisfies z.ZodMiniType<PictureChanges>;
