/**
 * Checks of single settings. VS Code only underlines a wrong value in settings.json and hands it over all the same.
 * A value that cannot be used becomes the default, one out of range its nearest end, and a problem is told.
 */
import * as vscode from 'vscode';

/** Collects one sentence per setting that cannot be used as it stands. */
export type Report = (problem: string) => void;

export interface Range {
  readonly minimum: number;
  readonly maximum: number;
  readonly fallback: number;
}

export function numberIn(name: string, value: unknown, { minimum, maximum, fallback }: Range, report: Report): number {
  const usable = typeof value === 'number' && Number.isFinite(value);
  const used = usable ? Math.min(Math.max(value, minimum), maximum) : fallback;
  if (used !== value) {
    report(
      vscode.l10n.t('The setting {name} has to be a number from {minimum} to {maximum}; {used} is used.', {
        name: `dtsCutover.${name}`,
        minimum,
        maximum,
        used,
      }),
    );
  }
  return used;
}

export function booleanOf(name: string, value: unknown, fallback: boolean, report: Report): boolean {
  if (typeof value === 'boolean') return value;
  report(
    vscode.l10n.t('The setting {name} has to be true or false; {used} is used.', {
      name: `dtsCutover.${name}`,
      used: String(fallback),
    }),
  );
  return fallback;
}

export function oneOf<T extends string>(
  name: string,
  value: unknown,
  choices: readonly T[],
  fallback: T,
  report: Report,
): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  report(
    vscode.l10n.t('The setting {name} has to be one of {choices}; {used} is used.', {
      name: `dtsCutover.${name}`,
      choices: choices.join(', '),
      used: fallback,
    }),
  );
  return fallback;
}

export function textOf(name: string, value: unknown, fallback: string, report: Report): string {
  if (typeof value === 'string') return value.trim();
  report(vscode.l10n.t('The setting {name} has to be a text; it is not used.', { name: `dtsCutover.${name}` }));
  return fallback;
}
