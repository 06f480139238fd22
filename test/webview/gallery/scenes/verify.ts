/** What a comparison found. */
import type { TableComparison } from '../../../../src/cutover/facts.ts';
import { sentence } from '../../../../src/util/sentence.ts';
import { OPEN, ago, tables } from '../parts.ts';
import { comparison, done, type Scenes } from './scene.ts';

/** Of 2,000 tables most are the same; one cannot be compared, one cannot be read, and one has no key. */
const many = comparison({
  verdict: 'incomplete',
  summary: sentence(
    'Not everything is known. Tables not compared: {unknown}; that differ: {differing} (rows: {rows}); that are the same: {same}.',
    { unknown: 2, differing: 3, rows: 17, same: 1995 },
  ),
  skipped: [
    sentence('Tables that could not be compared: {count}.', { count: 2 }),
    sentence('There is no common key: rows were compared as a multiset.'),
  ],
  tables: tables(2000).map((table, index): TableComparison => {
    const unknown = { rows: { source: null, target: null }, differenceCount: null };
    if (index === 3) return { ...table, verdict: 'missingOnTarget', target: null, ...unknown };
    if (index === 700) {
      const reason = sentence('Columns missing on the target: {names}.', { names: 'discount, loyalty_points' });
      return { ...table, verdict: 'different', reason };
    }
    if (index === 1200) {
      const notes = [sentence('There is no common key: rows were compared as a multiset.')];
      return { ...table, verdict: 'different', differenceCount: 17, notes };
    }
    if (index === 1500) {
      const types = { column: 'payload', source: 'json', target: 'bytea' };
      const text =
        '{column} is {source} on the source and {target} on the target: such values cannot be compared exactly.';
      return { ...table, verdict: 'skipped', reason: sentence(text, types), ...unknown };
    }
    if (index === 1999) {
      return { ...table, verdict: 'failed', reason: sentence('permission denied for table orders_1999'), ...unknown };
    }
    return table;
  }),
  objects: [
    {
      kind: 'sequence',
      name: 'public.invoice_no',
      verdict: 'different',
      detail: sentence('The target would go on at {target}, the source at {source}: numbers would be given twice.', {
        source: 5001,
        target: 1,
      }),
      statement: `SELECT pg_catalog.setval('"public"."invoice_no"', 5001, false);`,
    },
    { kind: 'index', name: 'public.orders_0002_placed_at', verdict: 'missingOnTarget', detail: null, statement: null },
  ],
});

export const VERIFY: Scenes = {
  '5-running': {
    snapshot: done(
      'verify',
      { state: 'waiting', why: [sentence('The comparison is running.')], evidence: [] },
      {
        verification: {
          running: {
            tablesDone: 118,
            tablesTotal: 340,
            rowsDone: 4_120_000,
            rowsTotal: 11_900_000,
            current: 'shop.public.order_items',
            startedAt: ago(52),
          },
          latest: null,
          stale: null,
          failure: null,
        },
      },
    ),
  },
  '5-same': {
    snapshot: done('verify', OPEN, {
      verification: { running: null, latest: comparison({}), stale: null, failure: null },
    }),
  },
  '5-different': {
    snapshot: done(
      'verify',
      { state: 'blocked', why: [sentence('The data differs.')], evidence: [] },
      {
        verification: {
          running: null,
          latest: comparison({
            verdict: 'different',
            summary: sentence('{count} rows differ in {tables} tables.', { count: 14, tables: 2 }),
            tables: tables(340).map((table, index) =>
              index === 17
                ? { ...table, verdict: 'different', rows: { source: 6287, target: 6281 }, differenceCount: 14 }
                : index === 40
                  ? {
                      ...table,
                      verdict: 'missingOnTarget',
                      target: null,
                      rows: { source: 12, target: null },
                      differenceCount: null,
                    }
                  : table,
            ),
          }),
          stale: null,
          failure: null,
        },
      },
    ),
  },
  '5-incomplete-stale': {
    snapshot: done(
      'verify',
      { state: 'blocked', why: [sentence('The comparison is incomplete.')], evidence: [] },
      {
        verification: {
          running: null,
          latest: comparison({
            method: 'counts',
            verdict: 'incomplete',
            summary: sentence('{count} tables could not be compared.', { count: 1 }),
            skipped: [
              sentence('{table}: no primary key, and more than {rows} rows', {
                table: 'shop.public.clicks',
                rows: '10,000,000',
              }),
            ],
            tables: tables(12).map((table, index) =>
              index === 3
                ? {
                    ...table,
                    verdict: 'skipped',
                    reason: sentence('no primary key'),
                    rows: { source: null, target: null },
                    differenceCount: null,
                  }
                : { ...table, differenceCount: null },
            ),
          }),
          stale: sentence('The target was written at {time}.', { time: '02:13:40' }),
          failure: null,
        },
      },
    ),
  },
  '5-many-tables': {
    snapshot: done(
      'verify',
      { state: 'blocked', why: [sentence('The data differs.')], evidence: [] },
      { verification: { running: null, latest: many, stale: null, failure: null } },
    ),
  },
};
