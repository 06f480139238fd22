import type { RegionTasks } from '../cloud/region.ts';
import type { FailureReason } from '../../util/failure.ts';

/** Which welcome text an empty view shows; `rows` when it shows rows instead. */
export type ViewState =
  'loading' | 'rows' | 'noRegions' | 'noTasks' | 'unreachable' | 'denied' | 'badKeys' | 'expiredKeys';

const WELCOMES: Partial<Record<FailureReason, ViewState>> = {
  'credentials-invalid': 'badKeys',
  'credentials-expired': 'expiredKeys',
  'permission-denied': 'denied',
  unreachable: 'unreachable',
  'name-not-found': 'unreachable',
  refused: 'unreachable',
  'timed-out': 'unreachable',
};

/**
 * A failure of every region alike, with nothing to show beside it, gets the whole view and the way out. Anything else
 * stands as a row beside the regions that do answer.
 */
export function viewState(regions: readonly RegionTasks[]): ViewState {
  if (regions.length === 0) return 'noRegions';
  if (regions.some(({ tasks, unreadable }) => tasks.size > 0 || unreadable > 0)) return 'rows';
  const states = new Set(regions.map(({ failure }) => (failure ? (WELCOMES[failure.reason] ?? 'rows') : null)));
  const [only] = states;
  if (states.size === 1 && only) return only;
  if (regions.some(({ failure }) => failure !== null)) return 'rows';
  return regions.every(({ readAt }) => readAt !== null) ? 'noTasks' : 'loading';
}
