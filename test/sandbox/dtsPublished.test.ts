import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { DtsService, SandboxDatabase } from '../../sandbox/dts/service.ts';
import { readyTask, startService } from '../unit/dts/support.ts';
import { call } from './serviceCalls.ts';

type Answer = Record<string, unknown>;

/** An answer as the service published it, or as its documents allow it. */
function published(name: string): Answer {
  const file = path.join(import.meta.dirname, `../unit/dts/answers/${name}.json`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { answer: Answer }).answer;
}

/** `place type` of everything in an answer; what is null is of no type, and lists say nothing of their length. */
function shapeOf(value: unknown, place = ''): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((item) => shapeOf(item, `${place}[]`)))];
  if (value === null) return [];
  if (typeof value !== 'object') return [`${place} ${typeof value}`];
  return Object.entries(value).flatMap(([key, part]) => shapeOf(part, place === '' ? key : `${place}.${key}`));
}

/** What only one of two answers has: nothing but what is named may be. */
function assertShape(answer: unknown, example: unknown, only: { ours?: RegExp; theirs?: RegExp } = {}): void {
  const [ours, theirs] = [new Set(shapeOf(answer)), new Set(shapeOf(example))];
  const beyond = [...ours].filter((each) => !theirs.has(each) && !only.ours?.test(each));
  const lacking = [...theirs].filter((each) => !ours.has(each) && !only.theirs?.test(each));
  assert.deepEqual({ beyond, lacking }, { beyond: [], lacking: [] });
}

const MOVED: readonly SandboxDatabase[] = [
  { name: 'big100', tables: [{ name: 'sbtest1' }, { name: 'sbtest10', newName: 'new_sbtest10' }] },
  { name: 'db1', tables: 'all' },
];

/** A task like those of the examples, between other kinds of databases. */
function like(databaseType: string, databases: readonly SandboxDatabase[] | 'all' = 'all') {
  const task = readyTask('dts-amm1jw5q');
  const nodes = [{ host: '10.0.0.5', port: 1, user: 'dts', password: 'planted' }];
  const source = { ...task.source, databaseType, nodes };
  return { ...task, databases, source, target: { ...source, nodes: [{ instanceId: 'x-1', user: 'dts' }] } };
}

describe('answers of the sandbox’s service are shaped as the published ones', function () {
  this.timeout(30_000);
  let service: DtsService;
  afterEach(() => service.stop());
  const ask = async (action: string, parameters: Answer) => {
    const answer = (await call(service, action, parameters)) as Answer;
    delete answer['RequestId'];
    return answer;
  };
  const JobId = 'dts-amm1jw5q';

  it('for MySQL: the list, the detail, its own comparison and the report', async () => {
    service = await startService([like('mysql', MOVED)]);
    assertShape(await ask('DescribeMigrationJobs', {}), published('list-mysql'));
    assertShape(await ask('DescribeMigrationDetail', { JobId }), published('detail-mysql-ready'));
    const created = await ask('CreateCompareTask', { JobId });
    assertShape(created, published('comparison-created'));
    await ask('StartCompare', { JobId, ...created });
    assertShape(await ask('DescribeCompareTasks', { JobId }), published('comparisons'), {
      // it compares what the task moves, and lists no objects of its own
      theirs: /^Items\[\]\.Config\.ObjectItems/,
    });
    assertShape(await ask('DescribeCompareReport', { JobId, ...created }), published('report-same'), {
      ours: /^Abstract\.(Options|NearlyTableCount|SrcSampleRows|DstSampleRows|StartedAt|FinishedAt)\b/,
    });
    assert.deepEqual(await ask('CompleteMigrateJob', { JobId }), {});
  });

  it('for PostgreSQL: other steps, with one behind the incremental one', async () => {
    service = await startService([like('postgresql', [{ name: 'shop', schema: 'public', tables: 'all' }])]);
    assertShape(await ask('DescribeMigrationDetail', { JobId }), published('detail-postgresql'), {
      ours: /^(StepInfo\.SecondsBehindMaster|MigrateOption\.DatabaseTable\.Databases\[\]\.NewDbName)/,
      theirs: /^MigrateOption\.DatabaseTable\.Databases\[\]\.Roles/,
    });
  });

  it('for MongoDB: no steps, no list of what is moved', async () => {
    service = await startService([{ ...like('mongodb'), tradeStatus: 'notBilled' }]);
    assertShape(await ask('DescribeMigrationDetail', { JobId }), published('detail-mongodb'));
  });
});
