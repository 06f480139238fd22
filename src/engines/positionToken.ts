/** Position tokens are ours, and come back from a record that another version may have written, or that was damaged. */
import type * as z from 'zod/mini';

/** The token, or null where it cannot be read: the next reading is then a first one, which proves nothing by itself. */
export function readToken<T>(schema: z.ZodMiniType<T>, text: string | null): T | null {
  if (text === null) return null;
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
