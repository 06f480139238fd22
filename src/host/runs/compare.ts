import type { Side } from '../../cutover/facts.ts';
import type { Compare } from '../../cutover/ports.ts';
import type { ComparedEndpoint, CompareThroughOptions } from '../../engines/compareThrough.ts';

/** Compares the two sides; what it takes for that is loaded at the first comparison. */
export function lazyCompare(
  endpoints: Readonly<Record<Side, ComparedEndpoint>>,
  options: CompareThroughOptions,
): Compare {
  return async (request, onProgress, signal) => {
    const { compareThrough } = await import('../../engines/compareThrough.ts');
    return compareThrough(endpoints, options)(request, onProgress, signal);
  };
}
