import type { Side } from '../../cutover/facts.ts';
import type { Compare } from '../../cutover/ports.ts';
import type { ConnectionProfile } from '../../engines/engine.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import type { Passwords } from '../connections/passwords.ts';

/** Compares the two sides through connections of their own, so that watching the sessions goes on meanwhile. */
export function compareWith(_profile: (side: Side) => ConnectionProfile, _passwords: Passwords): Compare {
  return () => Promise.reject(new Failure('unsupported', sentence('The comparison is not available yet.')));
}
