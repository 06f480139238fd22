/**
 * Checked by the compiler: a schema and the type it stands for are assignable to each other, so neither can change
 * alone. A line that fails to compile names the pair that drifted.
 */
import type * as z from 'zod/mini';
import type { Intent, IntentResult } from '../../../src/cutover/intents.ts';
import type { JournalEntry } from '../../../src/cutover/journal.ts';
import type { RunSnapshot } from '../../../src/cutover/snapshot.ts';
import type { journalEntrySchema } from '../../../src/protocol/journalSchemas.ts';
import type { HostAction, ToHost, ToPanel } from '../../../src/protocol/messages.ts';
import type { actionSchema, intentSchema, toHostSchema, toPanelSchema } from '../../../src/protocol/schemas.ts';
import type { snapshotSchema } from '../../../src/protocol/snapshotSchemas.ts';

type Same<A, B> = [A] extends [B]
  ? [B] extends [A]
    ? true
    : 'the schema lacks something'
  : 'the type lacks something';
type Check<T extends true> = T;

export type NothingDrifted = [
  Check<Same<z.output<typeof intentSchema>, Intent>>,
  Check<Same<z.output<typeof actionSchema>, HostAction>>,
  Check<Same<z.output<typeof toHostSchema>, ToHost>>,
  Check<Same<z.output<typeof journalEntrySchema>, JournalEntry>>,
  Check<Same<z.output<typeof snapshotSchema>, RunSnapshot>>,
  Check<Same<Extract<z.output<typeof toPanelSchema>, { type: 'answer' }>['result'], IntentResult>>,
  Check<Same<z.output<typeof toPanelSchema>, ToPanel>>,
];
