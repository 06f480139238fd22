/** A table in memory behind the port, for proving the passes without a server. */
import type { GroupDigest, PairDigest, RowHash, RowValues, SideDigest } from '../../../src/comparison/port.ts';

/** key → content; a table without a key is a list of contents */
export type MemoryTable = ReadonlyMap<bigint, number>;

export interface MemorySide extends SideDigest {
  readonly asked: { hashes: number; largest: number };
}

export function memoryPair(
  source: MemoryTable,
  target: MemoryTable,
  shift: number,
  units: number,
): PairDigest & { source: MemorySide; target: MemorySide } {
  return {
    source: memorySide(source, shift, units),
    target: memorySide(target, shift, units),
    indexed: true,
    smallGroup: 8192,
    method: 'memory',
  };
}

function memorySide(table: MemoryTable, shift: number, units: number): MemorySide {
  const rows = [...table].map(([key, content]) => ({ key, hash: mixed(key, content) }));
  const asked = { hashes: 0, largest: 0 };
  return {
    units,
    asked,
    // pieces that overlap in their groups, as page ranges do
    scan: async (unit) =>
      grouped(
        rows.filter((_, i) => i % units === unit),
        shift,
      ),
    async refine(groups) {
      return groups.flatMap((id) => {
        const [coarse] = id.split(':');
        const inside = rows.filter((row) => idOf(row.key, Number(coarse)) === id);
        return grouped(inside, Math.max(0, Number(coarse) - 4));
      });
    },
    async *rowHashes(groups) {
      const wanted = new Set(groups);
      const sizes = new Set(groups.map((id) => Number(id.split(':')[0])));
      const found = rows
        .filter((row) => [...sizes].some((size) => wanted.has(idOf(row.key, size))))
        .map((row): RowHash => ({ order: row.key, key: [String(row.key)], hash: row.hash, copies: 1 }))
        .sort((a, b) => (a.order < b.order ? -1 : 1));
      asked.hashes += found.length;
      asked.largest = Math.max(asked.largest, found.length);
      for (let i = 0; i < found.length; i += 7) yield found.slice(i, i + 7);
    },
    fetch: async (): Promise<RowValues[]> => [],
  };
}

const idOf = (key: bigint, shift: number) => `${shift}:${key >> BigInt(shift)}`;

function grouped(rows: readonly { key: bigint; hash: bigint }[], shift: number): GroupDigest[] {
  const groups = new Map<string, { rows: number; sum: bigint }>();
  for (const { key, hash } of rows) {
    const group = groups.get(idOf(key, shift)) ?? { rows: 0, sum: 0n };
    groups.set(idOf(key, shift), { rows: group.rows + 1, sum: group.sum + hash });
  }
  return [...groups].map(([id, group]) => ({ id, digests: group.rows, ...group }));
}

/** Not linear, as a server's digest must not be (splitmix64). */
function mixed(key: bigint, content: number): bigint {
  let h = BigInt.asUintN(64, key * 0x9e3779b97f4a7c15n + BigInt(content) * 0xd6e8feb86659fd93n + 1n);
  h = BigInt.asUintN(64, (h ^ (h >> 30n)) * 0xbf58476d1ce4e5b9n);
  h = BigInt.asUintN(64, (h ^ (h >> 27n)) * 0x94d049bb133111ebn);
  return h ^ (h >> 31n);
}
