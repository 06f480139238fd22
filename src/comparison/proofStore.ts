/**
 * Proofs as text on a disk. Whatever is not exactly what was written, by this version and for these servers, is no proof:
 * the reader gets none, and one sentence that says why. Pure; whoever has a disk writes the text, all of it or nothing.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { sentence, type Sentence } from '../util/sentence.ts';
import { NO_PROOFS, type Proofs } from './proofs.ts';

/** Another version compares or concludes otherwise: proofs of it are none. */
const VERSION = 1;

/** @param about which servers, as `aboutOf` gives it */
export function storedText(proofs: Proofs, about: string): string {
  const body = JSON.stringify({ version: VERSION, about, proofs });
  return `${digestOf(body)}\n${body}\n`;
}

/** `why` is null where the proofs are those that were stored, or nothing was. */
export function readStored(
  text: string | null,
  about: string,
): { readonly proofs: Proofs; readonly why: Sentence | null } {
  if (text === null) return { proofs: NO_PROOFS, why: null };
  const none = (why: Sentence) => ({ proofs: NO_PROOFS, why });
  const [digest = '', body = ''] = text.split('\n');
  const stored = digest === digestOf(body) ? parsed(body) : null;
  if (!stored) return none(sentence('The stored proofs are damaged: they count for nothing.'));
  if (stored.version !== VERSION)
    return none(sentence('The stored proofs are of another version: they count for nothing.'));
  const { success, data } = storeSchema.safeParse(stored);
  if (!success) return none(sentence('The stored proofs are damaged: they count for nothing.'));
  if (data.about !== about)
    return none(sentence('The stored proofs are about other servers or databases: they count for nothing.'));
  return { proofs: data.proofs, why: null };
}

const digestOf = (body: string) => createHash('sha256').update(body).digest('base64url');

function parsed(body: string): { readonly version?: unknown } | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

const words = z.object({
  text: z.string(),
  args: z.optional(z.record(z.string(), z.union([z.string(), z.number()]))),
});
const name = z.nullable(z.object({ database: z.string(), schema: z.nullable(z.string()), name: z.string() }));
const sides = z.nullable(z.object({ source: z.string(), target: z.string() }));
const storeSchema = z.object({
  version: z.literal(VERSION),
  about: z.string(),
  proofs: z.object({
    tokens: sides,
    tables: z.array(
      z.object({
        source: name,
        target: name,
        state: z.enum(['proven', 'agrees', 'different', 'notComparable', 'unproven']),
        why: z.nullable(words),
        method: z.string(),
        notes: z.array(words),
        comparedAt: z.nullable(z.number()),
        positions: sides,
      }),
    ),
  }),
});
