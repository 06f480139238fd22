/** A task's comparisons, as DTS runs them: created, started, watched, stopped; alive only during the incremental step. */
import { randomBytes } from 'node:crypto';
import type { CompareOutcome, ComparedTable, CompareScope, TableOutcome } from './backend.ts';
import type { Job } from './job.ts';
import { ServiceError } from './serviceError.ts';

/** One item of CreateCompareTask's Objects; null tables mean all of the database or schema. */
export interface ComparedItem {
  readonly database: string;
  readonly schema: string;
  readonly tables: readonly string[] | null;
}

export interface Comparison {
  readonly id: string;
  readonly name: string;
  readonly method: CompareScope['method'];
  /** null: the same objects as the task's */
  readonly items: readonly ComparedItem[] | null;
  readonly createdAt: number;
  status: 'created' | 'running' | 'success' | 'stopping' | 'failed' | 'canceled';
  message: string;
  percent: number;
  startedAt: number | null;
  finishedAt: number | null;
  tables: readonly TableOutcome[];
  work: AbortController | null;
}

export class Comparisons {
  private readonly all: Comparison[] = [];
  constructor(private readonly job: Job) {}

  /** newest first */
  list(): readonly Comparison[] {
    return this.all.toReversed();
  }

  find(id: string): Comparison {
    const found = this.all.find((each) => each.id === id);
    if (!found) throw new ServiceError('ResourceNotFound.ResourceNotFoundError', `There is no comparison ${id}.`);
    return found;
  }

  create(name: string, method: Comparison['method'], items: Comparison['items']): Comparison {
    this.mustBeIncremental();
    const id = `${this.job.task.jobId}-cmp-${randomBytes(4).toString('hex')}`;
    const comparison: Comparison = {
      id,
      name: name || id,
      method,
      items,
      createdAt: Date.now(),
      status: 'created',
      message: '',
      percent: 0,
      startedAt: null,
      finishedAt: null,
      tables: [],
      work: null,
    };
    this.all.push(comparison);
    return comparison;
  }

  start(id: string): void {
    this.mustBeIncremental();
    const comparison = this.find(id);
    if (comparison.status !== 'created') {
      throw new ServiceError('FailedOperation.StatusInConflict', `The comparison is ${comparison.status}.`);
    }
    const work = new AbortController();
    Object.assign(comparison, { status: 'running', startedAt: Date.now(), work });
    const scope = { tables: this.tablesOf(comparison.items), method: comparison.method };
    const onProgress = (percent: number) => (comparison.percent = percent);
    void this.job.task.backend.compare(scope, onProgress, work.signal).then(
      (outcome) => this.finish(comparison, outcome),
      (error: unknown) => {
        if (comparison.status === 'stopping') this.end(comparison, 'canceled', '');
        else if (comparison.status === 'running') this.end(comparison, 'failed', String(error));
      },
    );
  }

  stop(id: string): void {
    const comparison = this.find(id);
    if (comparison.status === 'created') return this.end(comparison, 'canceled', '');
    if (comparison.status !== 'running') {
      throw new ServiceError('FailedOperation.StatusInConflict', `The comparison is ${comparison.status}.`);
    }
    comparison.status = 'stopping';
    comparison.work?.abort();
  }

  /** What still runs cannot go on. */
  fail(message: string): void {
    for (const comparison of this.all) {
      if (comparison.status !== 'running' && comparison.status !== 'stopping') continue;
      this.end(comparison, 'failed', message);
      comparison.work?.abort();
    }
  }

  private finish(comparison: Comparison, outcome: CompareOutcome): void {
    if (comparison.status === 'stopping') return this.end(comparison, 'canceled', '');
    if (comparison.status !== 'running') return;
    comparison.tables = outcome.tables.filter((table) => isWanted(table, comparison.items));
    comparison.percent = 100;
    this.end(comparison, 'success', '');
  }

  private end(comparison: Comparison, status: Comparison['status'], message: string): void {
    Object.assign(comparison, { status, message, finishedAt: Date.now() });
  }

  private mustBeIncremental(): void {
    if (this.job.inIncrementalStep) return;
    throw new ServiceError(
      'OperationDenied.JobOperationDeniedError',
      `A comparison needs the incremental step; the task is ${this.job.status}.`,
    );
  }

  /** Named tables under both names; null, all that moves, where whole databases are wanted. */
  private tablesOf(items: Comparison['items']): ComparedTable[] | null {
    const { databases } = this.job.task;
    const wanted =
      items ??
      (databases === 'all'
        ? []
        : databases.map(({ name, schema, tables }) => ({
            database: name,
            schema: schema ?? '',
            tables: tables === 'all' ? null : tables.map((table) => table.name),
          })));
    if (wanted.length === 0 || wanted.some(({ tables }) => tables === null)) return null;
    return wanted.flatMap(({ database, schema, tables }) =>
      (tables ?? []).map((table) => this.bothNames(database, schema, table)),
    );
  }

  private bothNames(database: string, schema: string, table: string): ComparedTable {
    const { databases } = this.job.task;
    const moved =
      databases === 'all'
        ? undefined
        : databases.find((each) => each.name === database && (each.schema ?? '') === schema);
    const chosen = moved && moved.tables !== 'all' ? moved.tables.find((each) => each.name === table) : undefined;
    return {
      source: { database, schema, table },
      target: {
        database: moved?.newName ?? database,
        schema: moved?.newSchema ?? schema,
        table: chosen?.newName ?? table,
      },
    };
  }
}

function isWanted({ source }: TableOutcome, items: Comparison['items']): boolean {
  return (
    items === null ||
    items.some(
      ({ database, schema, tables }) =>
        database === source.database &&
        (schema === '' || schema === source.schema) &&
        (tables === null || tables.includes(source.table)),
    )
  );
}

/** DTS's verdict; null while there is none. */
export function conclusionOf({ status, tables }: Comparison): 'same' | 'different' | 'skipAll' | null {
  if (status !== 'success') return null;
  if (tables.some(({ conclusion }) => conclusion === 'different')) return 'different';
  return tables.every(({ conclusion }) => conclusion === 'skipped') ? 'skipAll' : 'same';
}
