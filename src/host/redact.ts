/** What never belongs into a log, whoever wrote it there: known secrets, and text of the shape of one. */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/\bAKID[\w-]{8,}/g, 'AKID…'],
  // the last @ ends a password
  [/(:\/\/[^:/@\s]*:)\S+@/g, '$1…@'],
  [
    /("?\b(?:secret_?key|tmp_?secret_?key|tmp_?token|password|passwd|pwd|token|signature)"?\s*[=:]\s*"?)[^\s",;&]+/gi,
    '$1…',
  ],
];

export function redact(text: string, secrets: Iterable<string>): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, '…');
  for (const [shape, replacement] of shapes) clean = clean.replace(shape, replacement);
  return clean;
}
