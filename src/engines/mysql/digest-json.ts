/**
 * JSON of MySQL is a type that the server writes out in its own way; in MariaDB it is the text somebody stored. Where one
 * meets the other equal texts are equal documents, and different texts may be: such rows are looked at here.
 */
import { isDeepStrictEqual } from 'node:util';
import type { DifferingRow } from '../../comparison/mergeRows.ts';
import type { TablePlan } from '../../comparison/port.ts';
import { both } from '../../comparison/tableRows.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { rowText, type Agreement } from './digest-hash.ts';
import type { TableDigest } from './digest-table.ts';

/** Documents may be long. */
const ROWS_AT_A_TIME = 100;

/**
 * Of these rows those that differ in more than how their documents are written; null where the plan has none.
 * @throws Failure `unsupported` for such a table without a key: its rows cannot be told apart to be looked at
 */
export function byDocuments(
  plan: TablePlan,
  agreement: Agreement,
  source: TableDigest,
  target: TableDigest,
): ((rows: readonly DifferingRow[], signal: AbortSignal) => Promise<readonly DifferingRow[]>) | null {
  const documents = plan.columns.filter(({ form }) => form === 'document');
  const others = plan.columns.filter(({ form }) => form !== 'document');
  if (documents.length === 0) return null;
  if (plan.key.length === 0) {
    throw new Failure(
      'unsupported',
      sentence(
        '{column} is JSON on one side and text on the other, which can be compared only in a table with a key.',
        {
          column: documents[0]?.name ?? '',
        },
      ),
    );
  }
  const [mine, theirs] = [rowText(others, 'source', agreement), rowText(others, 'target', agreement)];
  return async (rows, signal) => {
    const changed = rows.filter(({ kind }) => kind === 'changed');
    const same = new Set<DifferingRow>();
    for (let i = 0; i < changed.length; i += ROWS_AT_A_TIME) {
      const batch = changed.slice(i, i + ROWS_AT_A_TIME);
      const keys = batch.map(({ key }) => key);
      const [left, right] = await both(
        source.texts(keys, documents, mine, signal),
        target.texts(keys, documents, theirs, signal),
      );
      for (const row of batch) {
        const id = JSON.stringify(row.key);
        const [one, other] = [left.get(id), right.get(id)];
        const rest = one?.at(-1);
        if (
          one &&
          other &&
          // a hash that the server did not compute is not like another
          rest != null &&
          rest === other.at(-1) &&
          documents.every((_, n) => sameDocument(one[n] ?? null, other[n] ?? null))
        )
          same.add(row);
      }
    }
    return rows.filter((row) => !same.has(row));
  };
}

/** Whether two texts are the same document: the order of members and the spelling of numbers do not count. */
export function sameDocument(source: string | null, target: string | null): boolean {
  if (source === null || target === null || source === target) return source === target;
  try {
    return isDeepStrictEqual(JSON.parse(marked(source)), JSON.parse(marked(target)));
  } catch {
    // a text that is no JSON is equal to itself only
    return false;
  }
}

/** Every number becomes a text, so that none is rounded; texts are marked as such, so that no number looks like one. */
function marked(text: string): string {
  return text.replace(TOKEN, (token) => (token.startsWith('"') ? `"t${token.slice(1)}` : `"n${plain(token)}"`));
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/gs;

/** MySQL keeps integers up to 64 bits exactly and everything else as a double. */
function plain(number: string): string {
  if (/^-?\d+$/.test(number)) {
    const integer = BigInt(number);
    if (integer >= -(2n ** 63n) && integer < 2n ** 64n) return String(integer);
  }
  const double = Number(number);
  if (!Number.isFinite(double)) return number;
  return Number.isSafeInteger(double) ? String(BigInt(double)) : String(double);
}
