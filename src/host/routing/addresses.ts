/** Where a text names a server, and what stands there afterwards. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Mention {
  readonly start: number;
  readonly end: number;
  /** false: the host alone, whose port may stand elsewhere */
  readonly withPort: boolean;
  readonly replacement: string;
}

/**
 * Every mention of `from` as a whole name: `host:port`, `host,port` as SQL Server writes it, and the host alone. A longer
 * name that contains it is another one, and so is the host with another port.
 */
export function mentionsOf(text: string, from: Address, to: Address): Mention[] {
  const host = from.host.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  // no part of a longer name, neither before it nor after it
  const pattern = new RegExp(String.raw`(?<![\w.-])${host}(?![\w-]|\.\w)(?:([:,])(\d{1,5})(?!\w))?`, 'gi');
  return [...text.matchAll(pattern)].flatMap((match): Mention[] => {
    const [whole, separator, port] = match;
    const start = match.index;
    if (separator !== undefined && Number(port) === from.port) {
      return [{ start, end: start + whole.length, withPort: true, replacement: `${to.host}${separator}${to.port}` }];
    }
    if (separator === ':') return [];
    return [{ start, end: start + from.host.length, withPort: false, replacement: to.host }];
  });
}
