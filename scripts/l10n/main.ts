import { collectUserTexts, readBundle } from './sentences.ts';

/** `npm run l10n`: the texts that have no Chinese yet, as JSON to fill in, and the translations nothing uses. */
const { texts } = await collectUserTexts();
const bundle = await readBundle('zh-cn').catch((): Record<string, string> => ({}));
const used = new Set(texts.map(({ text }) => text));
const missing = [...used].filter((text) => !(text in bundle)).sort();
const unused = Object.keys(bundle).filter((text) => !used.has(text));
process.stdout.write(`${JSON.stringify(Object.fromEntries(missing.map((text) => [text, ''])), null, 2)}\n`);
process.stderr.write(
  `${used.size} texts, ${missing.length} without translation, ${unused.length} translations unused\n`,
);
for (const text of unused) process.stderr.write(`unused: ${text}\n`);
