import * as vscode from 'vscode';
import type { DtsComparisonRequest, DtsMethod } from '../../cutover/dtsComparison.ts';
import type { TaskRef } from '../../cutover/facts.ts';
import type { ComparisonTask } from '../../dts/comparison.ts';
import { cancelled, Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import type { Parts } from '../parts.ts';
import { cancellable } from '../ui/progress.ts';
import { askAll, askOne, askText, BACK, type Question } from '../ui/prompts.ts';
import { askTables, type Source } from './chooseTables.ts';
import { dtsReportText } from './dtsReportText.ts';
import { perform } from './perform.ts';

interface Answers {
  readonly method: DtsMethod;
  readonly sampleRate: number;
  readonly threads: number;
  readonly chosen: boolean;
}

/** Asks how DTS shall compare, and lets it. It loads the source and is possible before Complete only. */
export async function startDtsComparison(parts: Source, ref: TaskRef, signal: AbortSignal): Promise<void> {
  const title = vscode.l10n.t('Let DTS compare');
  const first: Answers = { method: 'dataCheck', sampleRate: 10, threads: 2, chosen: false };
  const { method, sampleRate, threads, chosen } = await askAll(title, first, [
    askScope,
    askThreads,
    askMethod,
    askRate,
  ]);
  const tables = chosen ? await askTables(parts, ref, [], signal) : 'all';
  const request: DtsComparisonRequest = {
    method,
    sampleRate: method === 'sampleDataCheck' ? sampleRate : null,
    threads,
    tables: tables === 'all' ? null : tables,
  };
  await perform(parts, ref, { kind: 'startDtsComparison', request }, signal);
}

const askMethod: Question<Answers> = async (answers, place) => {
  const method = await askOne<DtsMethod>(
    place,
    vscode.l10n.t('What shall DTS compare?'),
    [
      {
        label: vscode.l10n.t('All rows'),
        detail: vscode.l10n.t('Every row of every table with a primary key. The only way that proves something.'),
        value: 'dataCheck',
      },
      { label: vscode.l10n.t('A sample of the rows'), value: 'sampleDataCheck' },
      { label: vscode.l10n.t('Row counts'), value: 'rowsCount' },
    ],
    answers.method,
  );
  return method === BACK ? BACK : { ...answers, method };
};

/** Asked last, because it is not always asked: a way back could not lead over it. */
const askRate: Question<Answers> = async (answers, place) => {
  if (answers.method !== 'sampleDataCheck') return answers;
  const text = await askText(place, {
    prompt: vscode.l10n.t('How many percent of the rows, 1 to 100?'),
    value: String(answers.sampleRate),
    check: (value) => wholeNumber(value, 100),
  });
  return text === BACK ? BACK : { ...answers, sampleRate: Number(text) };
};

const askScope: Question<Answers> = async (answers, place) => {
  const chosen = await askOne(
    place,
    vscode.l10n.t('Which tables?'),
    [
      { label: vscode.l10n.t('All that the task moves'), value: false },
      { label: vscode.l10n.t('Choose tables…'), value: true },
    ],
    answers.chosen,
  );
  return chosen === BACK ? BACK : { ...answers, chosen };
};

const askThreads: Question<Answers> = async (answers, place) => {
  const text = await askText(place, {
    prompt: vscode.l10n.t('How many threads, 1 to 8? More are faster, and a heavier load on both databases.'),
    value: String(answers.threads),
    check: (value) => wholeNumber(value, 8),
  });
  return text === BACK ? BACK : { ...answers, threads: Number(text) };
};

function wholeNumber(text: string, most: number): string | null {
  const usable = /^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= most;
  return usable ? null : vscode.l10n.t('A whole number from 1 to {most}.', { most });
}

export function stopDtsComparison(parts: Pick<Parts, 'runs'>, ref: TaskRef, signal: AbortSignal): Promise<void> {
  return perform(parts, ref, { kind: 'stopDtsComparison' }, signal);
}

/** DTS's report as a document: also of comparisons that were started in its console. */
export async function openDtsReport(
  parts: Pick<Parts, 'cloud' | 'documents'>,
  ref: TaskRef,
  signal: AbortSignal,
  id: string | null = null,
): Promise<void> {
  const client = await parts.cloud.client();
  const title = vscode.l10n.t('Reading DTS’s report …');
  const chosen = id ?? (await pick(await cancellable(title, signal, (either) => client.listComparisons(ref, either))));
  const text = await cancellable(title, signal, (either) => dtsReportText(client, ref, chosen, either));
  await parts.documents.show(`dts-${chosen}.md`, text);
}

async function pick(comparisons: readonly ComparisonTask[]): Promise<string> {
  if (comparisons.length === 0) {
    throw new Failure('not-allowed-now', sentence('DTS has not compared anything for this task.'));
  }
  const picks = comparisons.map(({ id, name, method, rawStatus, rawConclusion, createdAt }) => ({
    id,
    label: name || id,
    description: [method, rawStatus, rawConclusion].filter(Boolean).join(' · '),
    detail: createdAt === null ? id : `${id} · ${new Date(createdAt).toISOString()}`,
  }));
  const chosen = await vscode.window.showQuickPick(picks, { title: vscode.l10n.t('Which of DTS’s comparisons?') });
  if (!chosen) throw cancelled();
  return chosen.id;
}
