/**
 * Characters that show as nothing or turn the text around them, from and to: in a name from outside they make one thing
 * look like another. Line breaks and tabs are none of them; what is for one line takes care of those itself.
 */
const HIDDEN_RANGES: readonly (readonly [from: number, to: number])[] = [
  [0x00, 0x08], // controls
  [0x0b, 0x0c],
  [0x0e, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad], // soft hyphen
  [0x034f, 0x034f],
  [0x061c, 0x061c], // Arabic letter mark
  [0x115f, 0x1160], // Hangul fillers
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f], // zero width, direction marks
  [0x2028, 0x202e], // separators, bidirectional embedding and override
  [0x2060, 0x206f], // word joiner, bidirectional isolates
  [0x3164, 0x3164],
  [0xd800, 0xdfff], // half a character
  [0xfe00, 0xfe0f], // variation selectors
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff], // tags
];

const hex = (code: number) => code.toString(16).toUpperCase().padStart(4, '0');
const HIDDEN = new RegExp(
  `[${HIDDEN_RANGES.map(([from, to]) => String.raw`\u{${hex(from)}}-\u{${hex(to)}}`).join('')}]`,
  'gu',
);

/** The text with everything hidden in it written out, e.g. `⟨U+202E⟩`. Twice is the same as once. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (mark) => `⟨U+${hex(mark.codePointAt(0) ?? 0)}⟩`);
}
