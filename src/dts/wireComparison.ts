/** DTS's answers about its own comparison, checked and turned into facts. */
import * as z from 'zod';
import type {
  ComparisonConclusion,
  ComparisonReport,
  ComparisonRequest,
  ComparisonStatus,
  ComparisonTask,
  DifferencePage,
  DifferentRow,
  GtidReport,
  OtherDifference,
} from './comparison.ts';
import { count, instant, listOf, percent, text, wordOf } from './wireValues.ts';

const STATUSES = ['created', 'readyRun', 'running', 'success', 'stopping', 'failed', 'canceled'] as const;

function conclusionOf(raw: string): ComparisonConclusion {
  return raw === '' ? 'none' : wordOf(raw, ['same', 'different', 'skipAll']);
}

function statusOf(raw: string): ComparisonStatus {
  return wordOf(raw, STATUSES);
}

/** The parameters of CreateCompareTask besides the task's id. */
export function createParameters({ name, objects, method, sampleRate, threads }: ComparisonRequest) {
  return {
    ...(name ? { TaskName: name } : {}),
    ...(objects === 'sameAsMigrate'
      ? { ObjectMode: 'sameAsMigrate' }
      : {
          ObjectMode: 'custom',
          Objects: {
            ObjectMode: 'partial',
            ObjectItems: objects.map((database) => ({
              DbName: database.name,
              ...(database.schema ? { SchemaName: database.schema } : {}),
              DbMode: 'partial',
              ...(database.tables === 'all'
                ? { TableMode: 'all' }
                : { TableMode: 'partial', Tables: database.tables.map((TableName) => ({ TableName })) }),
            })),
          },
        }),
    Options: {
      Method: method,
      ...(sampleRate === undefined ? {} : { SampleRate: sampleRate }),
      ...(threads === undefined ? {} : { ThreadCount: threads }),
    },
  };
}

export const createdAnswer = z.object({ CompareTaskId: z.string().min(1) });

const comparisonTask = z
  .object({
    CompareTaskId: z.string().min(1),
    TaskName: text,
    Status: text,
    Conclusion: text,
    CompareProcess: z.object({ Percent: percent }).nullish(),
    Method: text,
    Message: text,
    CreatedAt: instant,
    StartedAt: instant,
    FinishedAt: instant,
  })
  .transform((wire): ComparisonTask => ({
    id: wire.CompareTaskId,
    name: wire.TaskName,
    status: statusOf(wire.Status),
    rawStatus: wire.Status,
    conclusion: conclusionOf(wire.Conclusion),
    rawConclusion: wire.Conclusion,
    percent: wire.CompareProcess?.Percent ?? null,
    method: wire.Method,
    message: wire.Message,
    createdAt: wire.CreatedAt,
    startedAt: wire.StartedAt,
    finishedAt: wire.FinishedAt,
  }));

export const comparisonsAnswer = z.object({
  TotalCount: count,
  Items: listOf(comparisonTask),
});

const paged = <T extends z.ZodType>(item: T) => z.object({ TotalCount: count, Items: listOf(item) }).nullish();

const abstract = z.object({
  Status: text,
  Conclusion: text,
  TotalTables: count,
  CheckedTables: count,
  DifferentTables: count,
  SkippedTables: count,
  DifferentRows: count,
  StartedAt: instant,
  FinishedAt: instant,
});

const differentChunk = z
  .object({
    Db: text,
    Schema: text,
    Table: text,
    Chunk: count,
    SrcItem: text,
    DstItem: text,
    IndexName: text,
    LowerBoundary: text,
    UpperBoundary: text,
  })
  .transform((wire) => ({
    database: wire.Db,
    schema: wire.Schema,
    table: wire.Table,
    chunk: wire.Chunk,
    source: wire.SrcItem,
    target: wire.DstItem,
    indexName: wire.IndexName,
    lowerBoundary: wire.LowerBoundary,
    upperBoundary: wire.UpperBoundary,
  }));

const skippedTable = z
  .object({ Db: text, Schema: text, Table: text, Reason: text })
  .transform((wire) => ({ database: wire.Db, schema: wire.Schema, table: wire.Table, reason: wire.Reason }));

const dotted = (...parts: string[]) => parts.filter(Boolean).join('.');

const advancedObject = z
  .object({ ObjectType: text, SrcItem: text, DstItem: text })
  .transform((wire): OtherDifference => ({
    kind: 'object',
    name: wire.ObjectType,
    source: wire.SrcItem,
    target: wire.DstItem,
  }));
const document = z
  .object({ Db: text, Table: text, SrcItem: text, DstItem: text })
  .transform((wire): OtherDifference => ({
    kind: 'document',
    name: dotted(wire.Db, wire.Table),
    source: wire.SrcItem,
    target: wire.DstItem,
  }));
const rowCount = z
  .object({ Db: text, Table: text, SrcCount: count, DstCount: count })
  .transform((wire): OtherDifference => ({
    kind: 'row count',
    name: dotted(wire.Db, wire.Table),
    source: String(wire.SrcCount ?? ''),
    target: String(wire.DstCount ?? ''),
  }));
const structure = z
  .object({ Db: text, Schema: text, Table: text, SrcSchema: text, DstSchema: text })
  .transform((wire): OtherDifference => ({
    kind: 'structure',
    name: dotted(wire.Db, wire.Schema, wire.Table),
    source: wire.SrcSchema,
    target: wire.DstSchema,
  }));
const owner = z
  .object({ Db: text, Schema: text, ObjectName: text, SrcOwner: text, DstOwner: text })
  .transform((wire): OtherDifference => ({
    kind: 'owner',
    name: dotted(wire.Db, wire.Schema, wire.ObjectName),
    source: wire.SrcOwner,
    target: wire.DstOwner,
  }));

/** How far single tables are: what newer answers tell instead of chunks. Only those that differ are of interest here. */
const tableProgress = z
  .object({ Db: text, Schema: text, Table: text, Conclusion: text, SrcItem: text, DstItem: text })
  .transform((wire) => ({
    conclusion: conclusionOf(wire.Conclusion),
    difference: {
      ...{ kind: 'table', name: dotted(wire.Db, wire.Schema, wire.Table) },
      ...{ source: wire.SrcItem, target: wire.DstItem },
    } satisfies OtherDifference,
  }));

export const reportAnswer = z
  .object({
    Abstract: abstract,
    Detail: z
      .object({
        Difference: paged(differentChunk),
        Skipped: paged(skippedTable),
        DifferenceAdvancedObjects: paged(advancedObject),
        DifferenceData: paged(document),
        DifferenceRow: paged(rowCount),
        DifferenceSchema: paged(structure),
        DifferenceOwner: paged(owner),
        FullProgress: paged(tableProgress),
        IncDifference: paged(tableProgress),
      })
      .nullish(),
  })
  .transform(({ Abstract, Detail }): ComparisonReport => {
    const others = [
      Detail?.DifferenceAdvancedObjects,
      Detail?.DifferenceData,
      Detail?.DifferenceRow,
      Detail?.DifferenceSchema,
      Detail?.DifferenceOwner,
    ];
    return {
      status: statusOf(Abstract.Status),
      conclusion: conclusionOf(Abstract.Conclusion),
      rawConclusion: Abstract.Conclusion,
      totalTables: Abstract.TotalTables,
      checkedTables: Abstract.CheckedTables,
      differentTables: Abstract.DifferentTables,
      skippedTables: Abstract.SkippedTables,
      differentRows: Abstract.DifferentRows,
      startedAt: Abstract.StartedAt,
      finishedAt: Abstract.FinishedAt,
      different: { total: Detail?.Difference?.TotalCount ?? null, items: Detail?.Difference?.Items ?? [] },
      skipped: { total: Detail?.Skipped?.TotalCount ?? null, items: Detail?.Skipped?.Items ?? [] },
      others: [
        ...others.flatMap((each) => each?.Items ?? []),
        ...differing(Detail?.FullProgress, Detail?.IncDifference),
      ],
    };
  });

function differing(
  ...lists: (z.infer<ReturnType<typeof paged<typeof tableProgress>>> | undefined)[]
): OtherDifference[] {
  return lists
    .flatMap((list) => list?.Items ?? [])
    .filter(({ conclusion }) => conclusion === 'different')
    .map(({ difference }) => difference);
}

const KINDS: ReadonlyMap<string, DifferentRow['kind']> = new Map([
  ['data', 'changed'],
  ['srcLack', 'missingOnSource'],
  ['dstLack', 'missingOnTarget'],
]);

const values = listOf(z.string().nullable());

const differentRow = z
  .object({
    DBName: text,
    SchemaName: text,
    TableName: text,
    ChunkId: count,
    Identifier: text,
    DiffType: text,
    SchemaInfo: listOf(z.string()),
    SrcItem: values,
    DstItem: values,
  })
  .transform((wire): DifferentRow => ({
    database: wire.DBName,
    schema: wire.SchemaName,
    table: wire.TableName,
    chunk: wire.ChunkId,
    identifier: wire.Identifier,
    kind: KINDS.get(wire.DiffType) ?? 'unrecognized',
    columns: wire.SchemaInfo,
    source: wire.SrcItem,
    target: wire.DstItem,
  }));

export const differencesAnswer = z
  .object({ TotalCount: count, Items: listOf(differentRow) })
  .transform((wire): DifferencePage => ({ total: wire.TotalCount, rows: wire.Items }));

export const gtidAnswer = z
  .object({
    Status: text,
    Conclusion: text,
    Detail: listOf(
      z.object({
        Result: text,
        SrcGtidSets: text,
        DstGtidSets: text,
        DiffSrc: text,
        DiffDst: text,
        DiffSrcIsNeedSync: z.boolean().nullish(),
        DiffSrcTablesNeedSync: listOf(z.string()),
      }),
    ),
  })
  .transform((wire): GtidReport => ({
    status: wire.Status,
    conclusion: wire.Conclusion,
    details: wire.Detail.map((each) => ({
      result: each.Result,
      sourceSet: each.SrcGtidSets,
      targetSet: each.DstGtidSets,
      onlyOnSource: each.DiffSrc,
      onlyOnTarget: each.DiffDst,
      touchesMigratedTables: each.DiffSrcIsNeedSync ?? null,
      tables: each.DiffSrcTablesNeedSync,
    })),
  }));
