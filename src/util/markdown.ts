import { visible } from './visible.ts';

/**
 * Text from servers and people for one line of Markdown: no cell, heading, emphasis, formula, link or HTML of theirs,
 * and nothing hidden. Addresses and mail are no links either, as GitHub would make them.
 */
export function plainInMarkdown(text: string): string {
  return visible(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\|<>`*_[\]~$&#]/g, String.raw`\$&`)
    .replace(/:(?=\/)|(?<=www)\.|@(?=[\w-]+(?:\.[\w-]+)*\.[a-z])|(?<=\b(?:mailto|xmpp)):/gi, String.raw`\$&`)
    .replace(/^(\s*)([-+=])/, String.raw`$1\$2`)
    .replace(/^(\s*\d+)([.)])(?=\s|$)/, String.raw`$1\$2`);
}
