import type { DtsComparisonRequest } from '../../cutover/dtsComparison.ts';
import type { ObjectName, TaskRef } from '../../cutover/facts.ts';
import type { DtsComparisonPort } from '../../cutover/ports.ts';
import type { ComparedDatabase } from '../../dts/comparison.ts';
import type { Cloud } from '../cloud/cloud.ts';

/** DTS's own comparison of a task, through the service's client. */
export function dtsComparisonPort(ref: TaskRef, cloud: Pick<Cloud, 'client'>): DtsComparisonPort {
  return {
    async create({ method, sampleRate, threads, tables }: DtsComparisonRequest, signal) {
      const client = await cloud.client();
      const objects = tables === null ? 'sameAsMigrate' : databasesOf(tables);
      return client.createComparison(ref, { objects, method, sampleRate: sampleRate ?? undefined, threads }, signal);
    },
    start: async (id, signal) => (await cloud.client()).startComparison(ref, id, signal),
    stop: async (id, signal) => (await cloud.client()).stopComparison(ref, id, signal),
    read: async (id, signal) => (await cloud.client()).readComparison(ref, id, signal),
    async counts(id, signal) {
      const none = { limit: 1, offset: 0 };
      const report = await (
        await cloud.client()
      ).readComparisonReport(ref, id, { differences: none, skipped: none }, signal);
      return {
        conclusion: report.conclusion,
        rawConclusion: report.rawConclusion,
        total: report.totalTables,
        checked: report.checkedTables,
        different: report.differentTables,
        skipped: report.skippedTables,
        differentRows: report.differentRows,
      };
    },
  };
}

function databasesOf(tables: readonly ObjectName[]): ComparedDatabase[] {
  const found = new Map<string, { name: string; schema: string | undefined; tables: string[] }>();
  for (const { database, schema, name } of tables) {
    const key = JSON.stringify([database, schema]);
    const entry = found.get(key) ?? { name: database, schema: schema ?? undefined, tables: [] };
    entry.tables.push(name);
    found.set(key, entry);
  }
  return [...found.values()];
}
