/** What a finished comparison found, in DTS's wire format. */
import type { RowDifference } from './backend.ts';
import { beijing } from './answers.ts';
import { conclusionOf, type Comparison } from './comparisons.ts';

interface Page {
  readonly limit: number;
  readonly offset: number;
}

/** DescribeCompareReport. */
export function report(comparison: Comparison, differences: Page, skipped: Page) {
  const different = comparison.tables.filter(({ conclusion }) => conclusion === 'different');
  const passed = comparison.tables.filter(({ conclusion }) => conclusion === 'skipped');
  return {
    Abstract: {
      Options: { Method: comparison.method },
      Objects: null,
      Conclusion: conclusionOf(comparison) ?? '',
      Status: comparison.status,
      TotalTables: comparison.tables.length,
      CheckedTables: comparison.tables.length - passed.length,
      DifferentTables: different.length,
      SkippedTables: passed.length,
      NearlyTableCount: comparison.tables.length,
      DifferentRows: different.reduce((sum, table) => sum + table.differences.length, 0),
      SrcSampleRows: sum(comparison.tables.map(({ sourceRows }) => sourceRows)),
      DstSampleRows: sum(comparison.tables.map(({ targetRows }) => targetRows)),
      StartedAt: beijing(comparison.startedAt),
      FinishedAt: beijing(comparison.finishedAt),
    },
    Detail: {
      Difference: {
        TotalCount: different.length,
        Items: pageOf(different, differences).map((table) => ({
          Db: table.source.database,
          Schema: table.source.schema,
          Table: table.source.table,
          Chunk: 1,
          SrcItem: String(table.sourceRows ?? ''),
          DstItem: String(table.targetRows ?? ''),
          IndexName: 'PRIMARY',
          LowerBoundary: table.differences[0]?.identifier ?? '',
          UpperBoundary: table.differences.at(-1)?.identifier ?? '',
          CostTime: 1,
          FinishedAt: beijing(comparison.finishedAt),
        })),
      },
      Skipped: {
        TotalCount: passed.length,
        Items: pageOf(passed, skipped).map((table) => ({
          Db: table.source.database,
          Schema: table.source.schema,
          Table: table.source.table,
          Reason: table.reason,
        })),
      },
      DifferenceAdvancedObjects: null,
      DifferenceData: null,
      DifferenceRow: null,
      DifferenceSchema: null,
      DifferenceOwner: null,
    },
  };
}

/** DescribeCompareDiffItems. */
export function differenceItems(
  comparison: Comparison,
  where: { database: string | undefined; schema: string | undefined; table: string | undefined },
  page: Page,
) {
  const rows = comparison.tables
    .filter(
      ({ source }) =>
        (where.database ?? source.database) === source.database &&
        (where.schema ?? source.schema) === source.schema &&
        (where.table ?? source.table) === source.table,
    )
    .flatMap(({ source, differences }) =>
      differences.map((difference) => ({
        DBName: source.database,
        SchemaName: source.schema,
        TableName: source.table,
        ...rowItem(difference),
        FinishedAt: beijing(comparison.finishedAt),
      })),
    );
  return { TotalCount: rows.length, Items: pageOf(rows, page) };
}

function rowItem({ identifier, kind, columns, source, target }: RowDifference) {
  return { ChunkId: 1, Identifier: identifier, DiffType: kind, SchemaInfo: columns, SrcItem: source, DstItem: target };
}

function pageOf<T>(items: readonly T[], { limit, offset }: Page): readonly T[] {
  return items.slice(offset, offset + limit);
}

function sum(counts: readonly (number | null)[]): number {
  return counts.reduce<number>((total, count) => total + (count ?? 0), 0);
}
