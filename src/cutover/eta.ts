import type { LagSample } from './facts.ts';

/** Samples looked back at for an estimate, milliseconds. */
const LOOK_BACK_MS = 120_000;

/**
 * Seconds until gap and lag may both be 0, by their course over the last two minutes; 0 when they are, null when
 * they do not shrink or a value is missing: an estimate is never made up.
 */
export function catchUpEta(samples: readonly LagSample[], now: number): number | null {
  const recent = samples.filter((sample) => now - sample.at <= LOOK_BACK_MS);
  const first = recent[0];
  const last = recent[recent.length - 1];
  if (!first || !last || last.gapMb === null || last.lagSeconds === null) return null;
  if (last.gapMb === 0 && last.lagSeconds === 0) return 0;
  if (first.gapMb === null || first.lagSeconds === null || last.at - first.at < 5000) return null;
  const elapsed = (last.at - first.at) / 1000;
  const etas = [
    [first.gapMb, last.gapMb],
    [first.lagSeconds, last.lagSeconds],
  ].map(([from = 0, to = 0]) => (to === 0 ? 0 : from > to ? (to / (from - to)) * elapsed : null));
  return etas.some((eta) => eta === null) ? null : Math.round(Math.max(...etas.map(Number)));
}
