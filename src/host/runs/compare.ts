import type { Side } from '../../cutover/facts.ts';
import type { Compare } from '../../cutover/ports.ts';
import type { ComparedEndpoint } from '../../engines/compareThrough.ts';
import type { Comparisons } from './comparisons.ts';

/** Compares the two sides; what it takes for that is loaded at the first comparison. */
export function lazyCompare(endpoints: Readonly<Record<Side, ComparedEndpoint>>, comparisons: Comparisons): Compare {
  return async (request, onProgress, signal) => {
    const { compareThrough } = await import('../../engines/compareThrough.ts');
    const compare = compareThrough(endpoints, (id, result) => comparisons.keep(id, result));
    return compare(request, onProgress, signal);
  };
}
