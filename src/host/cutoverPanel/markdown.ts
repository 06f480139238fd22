import type { ObjectName } from '../../cutover/facts.ts';
import { plainInMarkdown } from '../../util/markdown.ts';

/** A Markdown table; text from servers stays inside its cell and is never taken for Markdown or HTML. */
export function tableText(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [head.map(cell), head.map(() => '---'), ...rows.map((row) => row.map(cell))];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

export const nameText = (name: ObjectName | null) =>
  name === null ? '–' : [name.database, name.schema, name.name].filter((part) => part !== null).join('.');

const cell = (value: string | number) => plainInMarkdown(String(value));
