import * as vscode from 'vscode';
import { readHeartbeatRule, type HeartbeatProblem, type HeartbeatRule } from '../../cutover/heartbeatTables.ts';
import type { Report } from './checks.ts';

/** Those that can be used; one that cannot sets nothing aside. */
export function heartbeatTables(value: unknown, report: Report): readonly HeartbeatRule[] {
  if (!Array.isArray(value)) {
    report(
      vscode.l10n.t(
        'The setting dtsCutover.heartbeatTables has to be a list of tables; no table is set aside until it is.',
      ),
    );
    return [];
  }
  return value.flatMap((candidate: unknown, index) => {
    const rule = readHeartbeatRule(candidate);
    if (typeof rule !== 'string') return [rule];
    report(
      vscode.l10n.t(
        'Table {number} of dtsCutover.heartbeatTables cannot be used: {problem}. No table is set aside by it.',
        {
          number: index + 1,
          problem: problemText(rule),
        },
      ),
    );
    return [];
  });
}

function problemText(problem: HeartbeatProblem): string {
  switch (problem) {
    case 'no name':
      return vscode.l10n.t('it is no text');
    case 'matches every table':
      return vscode.l10n.t('it would match every table');
    case 'parts':
      return vscode.l10n.t(
        'it has to be database.table or schema.table, or database.schema.table; * as a whole name stands for any, and names with dots are quoted',
      );
  }
}
