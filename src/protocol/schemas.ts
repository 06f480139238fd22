/**
 * Both sides parse what they receive. Unknown fields are dropped, anything else that does not fit is refused whole:
 * half a picture of a cutover is worse than none.
 */
import * as z from 'zod/mini';
import type { Intent, IntentResult } from '../cutover/intents.ts';
import { dtsRequestSchema } from './dtsSchemas.ts';
import { failureSchema, listOf, objectNameSchema, rawResultSchema, sideSchema } from './factSchemas.ts';
import { prepareItemSchema, stepIdSchema } from './journalSchemas.ts';
import type { HostAction, ToHost, ToPanel } from './messages.ts';
import { pictureChangesSchema } from './pictureChangesSchema.ts';
import { snapshotSchema } from './snapshotSchemas.ts';

/** What was parsed, or one line for the log saying where it does not fit. The line never repeats a value. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

const text = z.string();
const timeOrNow = z.nullable(z.number());
/** numbers the requests of one page; the answer carries it back */
const id = z.int();

export const intentSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('start') }),
  z.object({ kind: z.literal('testConnections') }),
  z.object({ kind: z.literal('attest'), item: prepareItemSchema, note: text }),
  z.object({ kind: z.literal('withdrawAttestation'), item: prepareItemSchema }),
  z.object({ kind: z.literal('acceptServer'), side: sideSchema }),
  z.object({ kind: z.literal('recordPause'), at: timeOrNow }),
  z.object({ kind: z.literal('recordResume') }),
  z.object({ kind: z.literal('terminateSession'), side: sideSchema, id: text }),
  z.object({ kind: z.literal('override'), step: stepIdSchema, reason: text }),
  z.object({ kind: z.literal('complete') }),
  z.object({ kind: z.literal('compare'), method: z.enum(['counts', 'digest']), tables: z.nullable(listOf(text)) }),
  z.object({ kind: z.literal('cancelComparison') }),
  z.object({ kind: z.literal('handOver') }),
  z.object({ kind: z.literal('takeBack') }),
  z.object({ kind: z.literal('startDtsComparison'), request: dtsRequestSchema }),
  z.object({ kind: z.literal('stopDtsComparison') }),
  z.object({ kind: z.literal('recordSwitch'), at: timeOrNow }),
  z.object({ kind: z.literal('recordRouting'), from: text, to: text, files: listOf(text) }),
  z.object({ kind: z.literal('finish'), reason: z.optional(text) }),
  z.object({ kind: z.literal('note'), text }),
]) satisfies z.ZodMiniType<Intent>;

export const actionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('configureConnection'), side: sideSchema }),
  z.object({ kind: z.literal('exportReport') }),
  z.object({ kind: z.literal('openJournal') }),
  z.object({ kind: z.literal('openLog') }),
  z.object({ kind: z.literal('openRaw'), side: sideSchema }),
  z.object({ kind: z.literal('copy'), text }),
  z.object({ kind: z.literal('addSessionRule'), side: sideSchema, sessionId: text }),
  z.object({ kind: z.literal('openComparison'), id: text }),
  z.object({ kind: z.literal('chooseTables') }),
  z.object({ kind: z.literal('startDtsComparison') }),
  z.object({ kind: z.literal('openDtsReport'), id: z.nullable(text) }),
  z.object({ kind: z.literal('openDifferences'), id: text, source: objectNameSchema }),
  z.object({ kind: z.literal('openRepair'), id: text, source: z.nullable(objectNameSchema) }),
  z.object({ kind: z.literal('openCarryOver') }),
  z.object({ kind: z.literal('runRoutingAction') }),
  z.object({ kind: z.literal('replaceAddress') }),
  z.object({ kind: z.literal('refresh') }),
]) satisfies z.ZodMiniType<HostAction>;

const resultSchema = z.union([
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), declined: z.literal(true) }),
  z.object({ ok: z.literal(false), declined: z.literal(false), failure: failureSchema }),
]) satisfies z.ZodMiniType<IntentResult>;

export const toHostSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('whole') }),
  z.object({ type: z.literal('intent'), id, intent: intentSchema }),
  z.object({ type: z.literal('action'), id, action: actionSchema }),
  z.object({ type: z.literal('raw'), id, side: sideSchema }),
]) satisfies z.ZodMiniType<ToHost>;

export const toPanelSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('init'), language: text, bundle: z.record(text, text), now: z.number() }),
  z.object({ type: z.literal('snapshot'), snapshot: snapshotSchema }),
  z.object({
    type: z.literal('changes'),
    base: z.number(),
    snapshot: snapshotSchema,
    changes: pictureChangesSchema,
  }),
  z.object({ type: z.literal('answer'), id, result: resultSchema }),
  z.object({
    type: z.literal('rawAnswer'),
    id,
    raw: z.nullable(rawResultSchema),
    failure: z.nullable(failureSchema),
  }),
]) satisfies z.ZodMiniType<ToPanel>;

/** What the panel sent. Never throws. */
export const parseToHost = (message: unknown): Parsed<ToHost> => parse(toHostSchema, message);

/** What the host sent. Never throws. */
export const parseToPanel = (message: unknown): Parsed<ToPanel> => parse(toPanelSchema, message);

function parse<T>(schema: z.ZodMiniType<T>, message: unknown): Parsed<T> {
  const result = z.safeParse(schema, message);
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, problem: result.error.issues.slice(0, 3).map(describe).join('; ') };
}

function describe(issue: z.core.$ZodIssue): string {
  return `${issue.path.length > 0 ? issue.path.join('.') : 'message'}: ${issue.code}`;
}
