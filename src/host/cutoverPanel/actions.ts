import * as vscode from 'vscode';
import type { TaskRef } from '../../cutover/facts.ts';
import type { HostAction } from '../../protocol/messages.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { keyOf } from '../cloud/details.ts';
import { openCarryOver } from '../commands/carryOver.ts';
import { compareChosen } from '../commands/compare.ts';
import { openDifferences, openRepair } from '../commands/differences.ts';
import { openDtsReport, startDtsComparison } from '../commands/dtsComparison.ts';
import { exportReport, reportText } from '../commands/report.ts';
import { configureConnection } from '../connections/configure.ts';
import type { Parts } from '../parts.ts';
import { replaceAddress } from '../routing/replaceAddress.ts';
import { comparisonText } from './comparisonText.ts';
import { rawText } from './rawText.ts';
import { runRoutingTask } from './routing.ts';
import { addSessionRule } from './sessionRule.ts';

/** What the panel asks of the editor. Each is what a command does, too; failures are answered to the panel. */
export async function panelAction(parts: Parts, action: HostAction, ref: TaskRef, signal: AbortSignal): Promise<void> {
  switch (action.kind) {
    case 'configureConnection':
      return configureConnection(parts, ref, action.side, signal);
    case 'exportReport':
      return exportReport(parts, ref);
    case 'openJournal':
      return parts.documents.show(`record-${ref.jobId}.md`, await reportText(await parts.runs.open(ref), 'md'));
    case 'openLog':
      parts.log.show();
      return;
    case 'openRaw': {
      const raw = (await parts.runs.open(ref)).raw(action.side);
      if (!raw) throw new Failure('not-configured', sentence('No session list has been read yet.'));
      return parts.documents.show(`sessions-${ref.jobId}-${action.side}.txt`, rawText(raw));
    }
    case 'copy':
      await vscode.env.clipboard.writeText(action.text);
      return;
    case 'addSessionRule':
      return addSessionRule(parts, ref, action.side, action.sessionId);
    case 'openComparison': {
      const entries = (await parts.runs.open(ref)).entries();
      const found = entries.findLast(
        (entry) => entry.kind === 'comparisonFinished' && entry.comparison.id === action.id,
      );
      if (found?.kind !== 'comparisonFinished') {
        throw new Failure('bad-input', sentence('This comparison is not in the record.'));
      }
      return parts.documents.show(
        `comparison-${ref.jobId}.md`,
        comparisonText(found.comparison, parts.runs.comparisons.find(keyOf(ref), action.id)),
      );
    }
    case 'chooseTables':
      return compareChosen(parts, ref, signal);
    case 'startDtsComparison':
      return startDtsComparison(parts, ref, signal);
    case 'openDtsReport':
      return openDtsReport(parts, ref, signal, action.id);
    case 'openDifferences':
      return openDifferences(parts, ref, action);
    case 'openRepair':
      return openRepair(parts, ref, action);
    case 'openCarryOver':
      return openCarryOver(parts, ref, signal);
    case 'runRoutingAction':
      return runRoutingTask(parts.settings.current().routingTask, signal);
    case 'replaceAddress':
      return replaceAddress(parts, ref, signal);
    case 'refresh':
      return parts.list.look(ref);
  }
}
