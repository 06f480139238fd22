import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { failureOf } from '../../../src/dts/errors.ts';
import { readWhatCanBeRead } from '../../../src/dts/readable.ts';
import { CallProblem } from '../../../src/dts/transport.ts';
import { regionsAnswer, regionsOf } from '../../../src/dts/wireRegions.ts';
import { detailAnswer, listAnswer, taskFacts } from '../../../src/dts/wire.ts';
import {
  comparisonsAnswer,
  createdAnswer,
  differencesAnswer,
  gtidAnswer,
  reportAnswer,
} from '../../../src/dts/wireComparison.ts';
import { DROPPED } from './droppedFields.ts';
import { declaredFields, fieldsIn, readFields } from './fields.ts';

/** One answer of the service. Adding one is adding a file to the folder `answers`. */
const answerFile = z.strictObject({
  action: z.string(),
  /** where it is from: published by whom, or built from which part of the documents */
  from: z.string(),
  /** what stands under `Response`, without the request id */
  answer: z.record(z.string(), z.unknown()),
  /** what the facts made of it must hold; of lists, every item given here in this order */
  expect: z.unknown(),
  /** places that could not be read */
  unreadable: z.array(z.string()).default([]),
  /** fields that neither our schemas nor the list of dropped ones know */
  unknown: z.array(z.string()).default([]),
});

const READERS: Readonly<
  Record<string, { schema: z.ZodType; facts: (data: never, unreadable: readonly string[]) => unknown }>
> = {
  DescribeMigrationDetail: {
    schema: detailAnswer,
    facts: (data: z.infer<typeof detailAnswer>, unreadable) =>
      taskFacts(data, { region: 'ap-guangzhou', detailed: true, readAt: 0, unreadable }),
  },
  DescribeMigrationJobs: {
    schema: listAnswer,
    facts: ({ TotalCount, JobList }: z.infer<typeof listAnswer>) => ({
      total: TotalCount,
      tasks: JobList.map((task) =>
        task ? taskFacts(task, { region: 'ap-guangzhou', detailed: false, readAt: 0, unreadable: [] }) : null,
      ),
    }),
  },
  DescribeCompareTasks: { schema: comparisonsAnswer, facts: (data: unknown) => data },
  DescribeCompareReport: { schema: reportAnswer, facts: (data: unknown) => data },
  DescribeCompareDiffItems: { schema: differencesAnswer, facts: (data: unknown) => data },
  DescribeMigrateGtidCompareReport: { schema: gtidAnswer, facts: (data: unknown) => data },
  CreateCompareTask: { schema: createdAnswer, facts: (data: unknown) => data },
  DescribeRegions: {
    schema: regionsAnswer,
    facts: (data: z.infer<typeof regionsAnswer>) => regionsOf({ data }),
  },
};

const folder = path.join(import.meta.dirname, 'answers');

describe('answers of the service', () => {
  for (const name of readdirSync(folder).sort()) {
    const file = answerFile.parse(JSON.parse(readFileSync(path.join(folder, name), 'utf8')));
    it(`${path.parse(name).name} (${file.from})`, () => {
      const { error } =
        z.object({ error: z.object({ Code: z.string() }) }).safeParse({ error: file.answer.Error }).data ?? {};
      if (error) {
        const problem = new CallProblem('service', error.Code, 'they say', 'r', true);
        const context = { region: 'ap-guangzhou', endpoint: 'dts.example', jobId: 'dts-x', changes: false };
        assertHolds({ reason: failureOf(problem, { ...context, action: file.action }).reason }, file.expect);
        return;
      }
      const reader = READERS[file.action];
      assert.ok(reader, `no reader of ${file.action}`);
      const read = readWhatCanBeRead(reader.schema, file.answer);
      assert.ok(read.readable, `unreadable at ${read.readable ? '' : read.failedAt}`);
      assert.deepEqual([...read.unreadable].sort(), [...file.unreadable].sort());
      const facts = reader.facts(read.data as never, read.unreadable);
      assertHolds(facts, file.expect);
      assert.doesNotMatch(JSON.stringify(facts), /planted/);
      const known = new Set(readFields(reader.schema));
      const unknown = fieldsIn(file.answer).filter((field) => !known.has(field) && !isDropped(field));
      assert.deepEqual(unknown.sort(), [...file.unknown].sort());
    });
  }

  it('hold no field about which nobody has decided', () => {
    const met = new Set<RegExp>();
    for (const [action, { schema }] of Object.entries(READERS)) {
      const read = new Set(readFields(schema));
      const declared = declaredFields(`${action}Response`);
      assert.ok(declared.length > 0 || action === 'DescribeRegions', action);
      for (const field of declared) {
        if (read.has(field)) continue;
        const reason = DROPPED.find(({ fields }) => fields.test(field));
        assert.ok(reason, `${action}: read ${field}, or say why it is dropped`);
        met.add(reason.fields);
      }
    }
    assert.deepEqual(
      DROPPED.filter(({ fields }) => !met.has(fields)).map(({ fields }) => fields),
      [],
      'reasons that no field needs any more',
    );
  });
});

const isDropped = (field: string) => DROPPED.some(({ fields }) => fields.test(field));

/** Whether everything that is expected is there; what nobody asks about may be anything. */
function assertHolds(actual: unknown, expected: unknown, place = ''): void {
  if (typeof expected !== 'object' || expected === null) return assert.deepEqual(actual, expected, place);
  if (Array.isArray(expected)) assert.equal((actual as unknown[]).length, expected.length, `${place}: how many`);
  for (const [key, part] of Object.entries(expected)) {
    assertHolds((actual as Record<string, unknown> | undefined)?.[key], part, `${place}.${key}`);
  }
}
