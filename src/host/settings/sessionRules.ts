import * as vscode from 'vscode';
import type { SessionRule } from '../../cutover/classify.ts';
import { hostPatternProblem } from '../../cutover/hostPattern.ts';
import type { Report } from './checks.ts';
import { isRecord } from '../../util/record.ts';

const CLASSES = ['dts', 'replication', 'system', 'ignored', 'business'] as const;
const FIELDS = ['account', 'host', 'program', 'database'] as const;

/**
 * Without a field it claims every session as business, which blocks. It stands in for a rule that cannot be read:
 * what that rule was meant to catch must not slip to a later, kinder one.
 */
const UNREADABLE: SessionRule = { class: 'business' };

/** The rules in their order; numbers stay what they are in the settings. */
export function sessionRules(value: unknown, report: Report): readonly SessionRule[] {
  if (!Array.isArray(value)) {
    report(
      vscode.l10n.t(
        'The setting dtsCutover.sessionRules has to be a list of rules; every session counts as business until it is.',
      ),
    );
    return [UNREADABLE];
  }
  return value.map((candidate: unknown, index) => {
    const rule = readRule(candidate);
    if (typeof rule !== 'string') return rule;
    report(
      vscode.l10n.t(
        'Rule {number} of dtsCutover.sessionRules cannot be used: {problem}. Until it is mended, every session that no earlier rule claims counts as business.',
        { number: index + 1, problem: rule },
      ),
    );
    return UNREADABLE;
  });
}

/** The rule, or what is wrong with it. */
export function readRule(value: unknown): SessionRule | string {
  if (!isRecord(value)) return vscode.l10n.t('it is no object');
  const cls = CLASSES.find((known) => known === value['class']);
  if (!cls) return vscode.l10n.t('its class has to be one of {choices}', { choices: CLASSES.join(', ') });
  const unknown = Object.keys(value).find((key) => key !== 'class' && !FIELDS.some((field) => field === key));
  if (unknown !== undefined) return vscode.l10n.t('it has no field {field}', { field: unknown });
  const given: { -readonly [field in (typeof FIELDS)[number]]?: string } = {};
  for (const field of FIELDS) {
    const text = value[field];
    if (text === undefined) continue;
    if (typeof text !== 'string' || text.trim() === '') return vscode.l10n.t('{field} has to be a text', { field });
    given[field] = text;
  }
  if (Object.keys(given).length === 0) return vscode.l10n.t('without any field it would match every session');
  const host = given.host === undefined ? null : hostPatternProblem(given.host);
  if (host === 'matches everything') return vscode.l10n.t('its host would match every session');
  if (host) return vscode.l10n.t('its host is neither a name, an address nor a network');
  return { class: cls, ...given };
}
