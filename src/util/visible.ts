/**
 * Characters that show as nothing or turn the text around them: in a name from outside they make one thing look like
 * another. Line breaks and tabs are none of them; what is for one line takes care of those itself.
 */
const HIDDEN =
  // eslint-disable-next-line no-control-regex -- these are what it looks for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]|\p{Cs}/gu;

/** The text with everything hidden in it written out, e.g. `⟨U+202E⟩`. Twice is the same as once. */
export function visible(text: string): string {
  return text.replace(
    HIDDEN,
    (mark) => `⟨U+${(mark.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );
}
