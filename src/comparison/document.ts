/** The result as the front end's JSON document, and as the facts a run works with. */
import type { ComparedObject, ComparisonFacts, TableComparison } from '../cutover/facts.ts';
import { say, sentence, type Sentence } from '../util/sentence.ts';
import { neverCompared } from './neverCompared.ts';
import { shortName } from './scope.ts';
import type { ComparisonResult } from './result.ts';
import { summaryOf } from './verdict.ts';

/** Plain JSON: 64-bit numbers are text already, sentences become text. */
export function documentOf(result: ComparisonResult): object {
  const text = (sentence: Sentence | null) => (sentence ? { reason: say(sentence) } : {});
  return {
    verdict: result.verdict,
    summary: say(summaryOf(result)),
    startedAt: new Date(result.startedAt).toISOString(),
    finishedAt: new Date(result.finishedAt).toISOString(),
    source: result.source,
    target: result.target,
    tables: result.tables.map((table) => ({
      source: table.source ? shortName(table.source) : null,
      target: table.target ? shortName(table.target) : null,
      verdict: table.verdict,
      ...text(table.reason),
      rows: table.rows,
      differences: table.differences,
      differenceCount: table.differenceCount,
      truncated: table.truncated,
      method: table.method,
      notes: table.notes.map((note) => say(note)),
    })),
    objects: result.objects.map((object) => ({
      kind: object.kind,
      name: object.name,
      verdict: object.verdict,
      counts: object.counts,
      ...(object.uncertain ? { uncertain: true } : {}),
      ...(object.detail ? { detail: say(object.detail) } : {}),
      ...(object.statement === null ? {} : { statement: object.statement }),
    })),
    reused: result.reused,
    remarks: result.remarks.map((remark) => say(remark)),
    neverCompared: neverCompared(result.engine).map((words) => say(words)),
  };
}

export function factsOf(id: string, result: ComparisonResult): ComparisonFacts {
  return {
    id,
    method: 'digest',
    startedAt: result.startedAt,
    finishedAt: result.finishedAt,
    verdict: result.verdict,
    summary: summaryOf(result),
    tables: result.tables.map(({ source, target, verdict, reason, rows, differenceCount, notes }): TableComparison => ({
      source,
      target,
      verdict,
      reason,
      rows,
      differenceCount,
      ...(notes.length > 0 ? { notes } : {}),
    })),
    objects: result.objects.flatMap(({ kind, name, verdict, detail, statement, counts }): ComparedObject[] =>
      counts && verdict !== 'same' ? [{ kind, name, verdict, detail, statement }] : [],
    ),
    skipped: [
      ...result.remarks,
      ...(result.reused > 0
        ? [
            sentence('{count} tables were taken over from an earlier comparison: nobody had written to them since.', {
              count: result.reused,
            }),
          ]
        : []),
      ...once(result.tables.flatMap((table) => table.notes)),
      ...result.objects.flatMap(({ detail, noted }) => (noted && detail ? [detail] : [])),
      ...neverCompared(result.engine),
    ],
    positions: result.tokens,
  };
}

/** What holds for a hundred tables is said once here, and at each of them. */
function once(notes: readonly Sentence[]): Sentence[] {
  return [...new Map(notes.map((note) => [say(note), note])).values()];
}
