import { cpus, loadavg } from 'node:os';

export interface Figures {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

export function figures(values: readonly number[]): Figures {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number) => sorted[Math.min(index, sorted.length - 1)] ?? NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
    count: sorted.length,
  };
}

export interface Row {
  readonly what: string;
  readonly unit: 'ms' | 'KB' | 'MB' | '';
  readonly values: readonly number[];
  /** what it should stay below, in the same unit */
  readonly target?: number;
  /** what it compares with, in the same unit, e.g. without the extension */
  readonly beside?: number | undefined;
}

/** A Markdown table, so that it can be kept as it is. */
export function table(rows: readonly Row[]): string {
  const head = ['what', 'median', 'min', 'max', 'n', 'target', 'median/target', 'beside', 'median/beside'];
  const lines = rows.map(({ what, unit, values, target, beside }) => {
    const { median, min, max, count } = figures(values);
    const withUnit = (value: number | undefined) => (value === undefined ? '' : `${number(value)} ${unit}`.trim());
    const ratio = (other: number | undefined) => (other === undefined ? '' : (median / other).toFixed(2));
    const spread = count > 1 ? [number(min), number(max)] : ['', ''];
    const limit = target === undefined ? '' : `< ${withUnit(target)}`;
    return [what, withUnit(median), ...spread, String(count), limit, ratio(target), withUnit(beside), ratio(beside)];
  });
  const cells = [head, ...lines];
  const widths = head.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const text = (line: readonly string[]) => `| ${line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [text(head), rule, ...lines.map(text)].join('\n');
}

function number(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}

/** What figures from this machine have to be read with. */
export function machine(): string {
  const load = loadavg().map((value) => value.toFixed(1));
  return `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, ${cpus().length} × ${cpus()[0]?.model ?? '?'}, Node.js ${process.versions.node}, load ${load.join(' ')} (1, 5, 15 min)`;
}
