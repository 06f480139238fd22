import type { Side } from '../../cutover/facts.ts';
import type { Compare, EndpointPort } from '../../cutover/ports.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';

/** Compares the two sides through connections of its own, so that watching the sessions goes on meanwhile. */
export function compareThrough(endpoints: Readonly<Record<Side, EndpointPort>>): Compare {
  return async (request, onProgress, signal) => {
    if (request.method === 'digest') {
      throw new Failure(
        'unsupported',
        sentence('The full comparison is not available yet.'),
        sentence('Compare the row counts.'),
      );
    }
    const { countThrough } = await import('../../comparison/counts.ts');
    return countThrough(endpoints, Date.now)(request, onProgress, signal);
  };
}
