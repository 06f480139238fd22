import * as vscode from 'vscode';
import type { TaskRef } from '../../cutover/facts.ts';
import { cancelled } from '../../util/failure.ts';
import type { Parts } from '../parts.ts';
import { askText, BACK } from '../ui/prompts.ts';
import { perform } from './perform.ts';

/** The business has been stopped, now or earlier today. */
export async function recordPause(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<void> {
  const at = await askMoment(vscode.l10n.t('When was the business stopped?'));
  await perform(parts, ref, { kind: 'recordPause', at }, signal);
}

/** The business writes to the source again: back to catching up. */
export function recordResume(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<void> {
  return perform(parts, ref, { kind: 'recordResume' }, signal);
}

/** The business runs on the target. */
export async function recordSwitch(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<void> {
  const at = await askMoment(vscode.l10n.t('Since when does the business run on the target?'));
  await perform(parts, ref, { kind: 'recordSwitch', at }, signal);
}

/** Now (null), or a time of day that has passed. */
async function askMoment(title: string): Promise<number | null> {
  const text = await askText(
    { title, step: 1, total: 1 },
    {
      prompt: vscode.l10n.t('Local time as HH:MM or HH:MM:SS; empty for now'),
      placeholder: new Date().toTimeString().slice(0, 8),
      check: (value) =>
        value === '' || pastTime(value) !== null ? null : vscode.l10n.t('This is no time of day such as 02:10.'),
    },
  );
  if (text === BACK) throw cancelled();
  return text === '' ? null : pastTime(text);
}

/** The last time the clock showed this: today, or yesterday when it is still to come today. */
function pastTime(text: string): number | null {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text);
  if (!match) return null;
  const date = new Date();
  date.setHours(Number(match[1]), Number(match[2]), Number(match[3] ?? 0), 0);
  if (date.getTime() > Date.now()) date.setDate(date.getDate() - 1);
  return date.getTime();
}
