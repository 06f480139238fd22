/**
 * The steps of a task in DTS's wire format. Their ids are published for MySQL only; elsewhere they are others, in another
 * number, and the one that follows the source is not the last; for MongoDB none are told at all.
 */
import { beijing } from './answers.ts';
import type { Job } from './job.ts';

export type Language = 'en-US' | 'zh-CN';

interface Step {
  readonly id: string;
  readonly part: 'full' | 'incremental' | 'after';
  readonly names: Readonly<Record<Language, string>>;
}

const MYSQL: readonly Step[] = [
  { id: 'dumper', part: 'full', names: { 'en-US': 'Export Source Database', 'zh-CN': '源库导出' } },
  { id: 'loader', part: 'full', names: { 'en-US': 'Import Data', 'zh-CN': '数据导入' } },
  { id: 'sinker', part: 'incremental', names: { 'en-US': 'Syncing Incremental Data', 'zh-CN': '同步增量' } },
];

const POSTGRES: readonly Step[] = [
  { id: 'PgStructure', part: 'full', names: { 'en-US': 'Structure', 'zh-CN': '结构迁移' } },
  { id: 'PgFull', part: 'full', names: { 'en-US': 'Full Data', 'zh-CN': '全量迁移' } },
  { id: 'PgIncSync', part: 'incremental', names: { 'en-US': 'Incremental Data', 'zh-CN': '增量同步' } },
  { id: 'PgPost', part: 'after', names: { 'en-US': 'Remaining Objects', 'zh-CN': '剩余对象' } },
];

/** What a task of this database type goes through; null where the service tells no steps. */
function stepsOf(databaseType: string): readonly Step[] | null {
  if (databaseType === 'mongodb') return null;
  return databaseType === 'postgresql' ? POSTGRES : MYSQL;
}

export function stepInfo(job: Job, language: Language) {
  const measured = job.tellsIncremental;
  // −1 is DTS's "no valid value"
  const measures = {
    MasterSlaveDistance: (measured ? job.task.backend.gapMb() : null) ?? -1,
    SecondsBehindMaster: (measured ? job.task.backend.lagSeconds() : null) ?? -1,
  };
  const steps = stepsOf(job.task.source.databaseType)?.filter(
    ({ part }) => job.task.migrateType === 'fullAndIncrement' || part === 'full',
  );
  if (!steps) return { ...measures, StepInfo: null };
  const { now, running } = position(job, steps);
  return {
    ...measures,
    StepAll: steps.length,
    StepNow: Math.min(now + 1, steps.length),
    StepInfo: steps.map((step, index) => stepItem(job, step, index, { now, running, language })),
  };
}

interface Position {
  /** which step the task is in, 0 for the first */
  readonly now: number;
  readonly running: boolean;
}

function stepItem(job: Job, step: Step, index: number, { now, running, language }: Position & { language: Language }) {
  const failed = ['failed', 'resumableErr'].includes(job.told);
  const state =
    index < now ? 'finished' : index > now ? 'notStarted' : failed ? 'failed' : running ? 'running' : 'notStarted';
  const { percent } = job.task.backend;
  const copied = Math.min(100, Math.max(0, Math.round(index === 0 ? percent * 2 : percent * 2 - 100)));
  return {
    StepNo: index + 1,
    StepName: step.names[language],
    StepId: step.id,
    Status: state,
    StartTime: state === 'notStarted' ? '' : beijing(job.startedAt),
    // only the copy has a progress to tell
    ...(step.part === 'full' && state === 'running' ? { Percent: copied } : {}),
    Errors:
      state === 'failed' && job.error
        ? [{ Message: job.error.message, Solution: job.error.solution, HelpDoc: '' }]
        : [],
    Warnings: [],
  };
}

function position(job: Job, steps: readonly Step[]): Position {
  const { backend } = job.task;
  const incremental = steps.findIndex(({ part }) => part === 'incremental');
  const following = incremental < 0 ? steps.length - 1 : incremental;
  switch (job.told) {
    case 'success':
      return { now: steps.length, running: false };
    case 'readyComplete':
      return { now: following, running: true };
    case 'completing':
      return { now: steps.length - 1, running: true };
    case 'running':
    case 'pausing':
    case 'resuming':
    case 'stopping':
    case 'manualPaused':
    case 'resumableErr':
    case 'failed':
      if (backend.phase === 'incremental' || backend.percent === 100) return { now: following, running: true };
      return { now: backend.percent < 50 ? 0 : 1, running: true };
    default:
      return { now: 0, running: false };
  }
}
