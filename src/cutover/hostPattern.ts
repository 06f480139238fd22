/** Host patterns of session rules: an exact host name or address, or an IPv4/IPv6 network in CIDR form. */

/** The parsed network, or null when the text is no CIDR at all. Bits as bigint; `width` is 32 or 128. */
function parseNetwork(pattern: string): { base: bigint; prefix: number; width: 32 | 128 } | null {
  const slash = pattern.indexOf('/');
  if (slash < 0) return null;
  const address = parseAddress(pattern.slice(0, slash));
  const prefixText = pattern.slice(slash + 1);
  if (!address || !/^\d{1,3}$/.test(prefixText)) return null;
  const prefix = Number(prefixText);
  return prefix <= address.width ? { base: address.bits, prefix, width: address.width } : null;
}

function parseAddress(text: string): { bits: bigint; width: 32 | 128 } | null {
  return parseV4(text) ?? parseV6(text);
}

function parseV4(text: string): { bits: bigint; width: 32 } | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return null;
  return { bits: parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n), width: 32 };
}

function parseV6(text: string): { bits: bigint; width: 32 | 128 } | null {
  if (!text.includes(':')) return null;
  const mapped = /^::ffff:([\d.]+)$/i.exec(text);
  if (mapped?.[1]) return parseV4(mapped[1]);
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = halves[0] ? halves[0].split(':') : [];
  const tail = halves[1] ? halves[1].split(':') : [];
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...Array<string>(halves.length === 1 ? 0 : missing).fill('0'), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return { bits: groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n), width: 128 };
}

export function matchesHost(pattern: string, host: string): boolean {
  const network = parseNetwork(pattern);
  if (!network) return pattern.toLowerCase() === host.toLowerCase();
  const address = parseAddress(host);
  if (!address || address.width !== network.width) return false;
  const shift = BigInt(network.width - network.prefix);
  return address.bits >> shift === network.base >> shift;
}

/** Why a pattern cannot be used, or null when it can. A network of every address would match everything. */
export function hostPatternProblem(pattern: string): 'empty' | 'not a network' | 'matches everything' | null {
  if (pattern.trim() === '') return 'empty';
  if (!pattern.includes('/')) return null;
  const network = parseNetwork(pattern);
  if (!network) return 'not a network';
  return network.prefix === 0 ? 'matches everything' : null;
}
