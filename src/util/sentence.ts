import { visible } from './visible.ts';

/**
 * A sentence for a person: the English text with `{name}` places, and what goes into them.
 * The English text is the key of the translation, as in `vscode.l10n.t`, so a sentence made in the
 * pure core can be shown in the editor's language, journalled, and shown again later in another one.
 */
export interface Sentence {
  readonly text: string;
  readonly args?: Readonly<Record<string, string | number>> | undefined;
}

/** Looks up and fills in one English text; `vscode.l10n.t` has this shape. */
export type Translate = (text: string, args: Record<string, string | number>) => string;

/** Every literal passed here is a string for users: the l10n test collects them and wants a translation. */
export function sentence(text: string, args?: Record<string, string | number>): Sentence {
  return args ? { text, args } : { text };
}

/** The words alone of something that is a sentence and more. */
export function wordsOf({ text, args }: Sentence): Sentence {
  return { text, ...(args && { args }) };
}

const fillIn: Translate = (text, args) =>
  text.replace(/\{(\w+)\}/g, (place, name: string) => (Object.hasOwn(args, name) ? String(args[name]) : place));

/** The sentence as text, in English unless a translation is given. What goes into it hides nothing. */
export function say(s: Sentence, translate: Translate = fillIn): string {
  const args = Object.entries(s.args ?? {}).map(([name, value]) => [
    name,
    typeof value === 'string' ? visible(value) : value,
  ]);
  return translate(s.text, Object.fromEntries(args) as Record<string, string | number>);
}
