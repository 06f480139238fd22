/**
 * How rows are put into groups that mean the same on both sides. Pure.
 *
 * By a whole number that leads the key: group n of a step has the keys whose quotient by the step, cut towards zero as
 * the server does it, is n. Steps are powers of sixteen, so that finer groups lie within coarser ones; when a step of
 * one is still too coarse, because more columns follow in the key, groups are split by the hash of the key.
 * Ids: `step:n` and `step:n/mask:bucket`.
 *
 * Without such a key: by the lowest bits of the row's hash, whose value is the id.
 */
export type Grouping =
  | {
      readonly by: 'range';
      readonly step: bigint;
      /** numbers of the first and last group */
      readonly first: bigint;
      readonly last: bigint;
      readonly units: number;
    }
  | { readonly by: 'hash'; readonly mask: number };

export interface KeyRange {
  readonly first: bigint;
  readonly last: bigint;
}

export interface RangeGroup {
  readonly step: bigint;
  readonly number: bigint;
  /** 0n: not split by hash */
  readonly mask: bigint;
  readonly bucket: bigint;
}

/** Groups of one step and mask: they can be asked for together. */
export interface AlikeGroups {
  readonly step: bigint;
  readonly mask: bigint;
  readonly groups: readonly RangeGroup[];
}

const PARTS = 16n;
/** The largest power of sixteen that a bigint holds. */
const LARGEST_STEP = PARTS ** 15n;
/** Rows a group should have, and the most groups held in memory. */
const ROWS_IN_A_GROUP = 256;
const MOST_GROUPS = 65_536;
/** 32,768 bits are 4 KB in a statement; a binary literal may have 8,000 bytes. */
const MOST_BUCKETS = 32_768;
/** Short enough for progress, for cancelling and for the load guard. */
const ROWS_IN_A_UNIT = 200_000;
const MOST_UNITS = 64;

export function byRange({ first, last }: KeyRange, rows: number): Grouping {
  const most = BigInt(Math.max(1, Math.min(MOST_GROUPS, Math.ceil(rows / ROWS_IN_A_GROUP))));
  let step = PARTS;
  while (last / step - first / step > most && step < LARGEST_STEP) step *= PARTS;
  const groups = Number(last / step - first / step) + 1;
  const units = Math.min(groups, MOST_UNITS, Math.max(1, Math.ceil(rows / ROWS_IN_A_UNIT)));
  return { by: 'range', step, first: first / step, last: last / step, units };
}

export function byHash(rows: number): Grouping {
  const buckets = Math.max(16, Math.min(MOST_BUCKETS, rows / ROWS_IN_A_GROUP));
  return { by: 'hash', mask: 2 ** Math.ceil(Math.log2(buckets)) - 1 };
}

export const unitsIn = (grouping: Grouping) => (grouping.by === 'range' ? grouping.units : 1);

/** Keys of one unit: whole groups, so that no group is counted in two. The outer units are open to their side. */
export function unitRange(grouping: Extract<Grouping, { by: 'range' }>, unit: number): KeyRange {
  const { step, first, last, units } = grouping;
  const all = last - first + 1n;
  const at = (n: number) => first + (all * BigInt(n)) / BigInt(units);
  return {
    first: unit === 0 ? -(2n ** 63n) : spanOf(step, at(unit)).first,
    last: unit === units - 1 ? 2n ** 63n - 1n : spanOf(step, at(unit + 1) - 1n).last,
  };
}

/** Keys whose quotient by the step is `number`. */
function spanOf(step: bigint, number: bigint): KeyRange {
  return {
    first: number > 0n ? number * step : number * step - step + 1n,
    last: number < 0n ? number * step : number * step + step - 1n,
  };
}

export const rangeOf = ({ step, number }: RangeGroup): KeyRange => spanOf(step, number);

export function groupsIn(ids: readonly string[]): AlikeGroups[] {
  const found = new Map<string, { step: bigint; mask: bigint; groups: RangeGroup[] }>();
  for (const id of ids) {
    const [range = '', part] = id.split('/');
    const [step = 0n, number = 0n] = range.split(':').map(BigInt);
    const [mask = 0n, bucket = 0n] = part === undefined ? [] : part.split(':').map(BigInt);
    const alike = found.get(`${step}/${mask}`) ?? { step, mask, groups: [] };
    alike.groups.push({ step, number, mask, bucket });
    found.set(`${step}/${mask}`, alike);
  }
  return [...found.values()];
}

/** What groups of this step and mask are split into. */
export function finer({ step, mask }: Pick<AlikeGroups, 'step' | 'mask'>): { step: bigint; mask: bigint } {
  if (step > 1n) return { step: step / PARTS, mask: 0n };
  return { step, mask: mask * PARTS + PARTS - 1n };
}

/** One bit for each group, the lowest first. */
export function bitmapOf(groups: readonly string[], mask: number): Buffer {
  const bitmap = Buffer.alloc((mask + 1) / 8);
  for (const id of groups) {
    const n = Number(id);
    bitmap[n >> 3] = (bitmap[n >> 3] ?? 0) | (1 << (n & 7));
  }
  return bitmap;
}
