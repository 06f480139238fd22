/**
 * A fingerprint (SHA-256) as `openssl x509 -fingerprint -sha256` and others print it, with or without colons and what
 * stands before it, in the form that Node gives; null for anything else. Pure.
 */
export function normalPin(text: string): string | null {
  const digits = text
    .trim()
    .replace(/^sha-?256(?:\s*fingerprint)?\s*[:=]\s*/i, '')
    .replace(/[:\s]/g, '');
  return /^[\da-f]{64}$/i.test(digits) ? (digits.toUpperCase().match(/../g) ?? []).join(':') : null;
}

/** Several, separated by commas: every member of a replica set has a certificate of its own. Null where one is none. */
export function normalPins(text: string): string | null {
  const pins = text.split(',').map(normalPin);
  return pins.includes(null) ? null : pins.join(',');
}
