/** Whose a written table is: DTS's, a monitor's that the user's rule sets aside, or somebody's. Pure. */
import type { ObjectName, WrittenObject } from '../cutover/facts.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import type { DtsFootprint } from './engine.ts';

export function isHeartbeat(object: ObjectName, { heartbeats = [] }: DtsFootprint): boolean {
  const fits = (wanted: string | null, name: string | null) => wanted === null || wanted === name;
  return heartbeats.some(
    ({ database, schema, name }) =>
      name === object.name && fits(database, object.database) && fits(schema, object.schema),
  );
}

/** To be spread into a written object: one of DTS's objects, or set aside by the user's rule. */
export function setAside(
  byDts: boolean,
  object: ObjectName,
  dts: DtsFootprint,
): Pick<WrittenObject, 'byDts' | 'heartbeat'> {
  if (byDts) return { byDts };
  return isHeartbeat(object, dts) ? { byDts: true, heartbeat: true } : { byDts: false };
}

/** Why nothing counts as written: `dtsOnly`, unless tables were written that the user's rule sets aside. */
export function asideWhy(written: readonly WrittenObject[], dtsOnly: Sentence): Sentence {
  const beats = written.filter(({ heartbeat }) => heartbeat).map(({ name }) => name);
  if (beats.length === 0) return dtsOnly;
  return sentence('Besides DTS only these were written, which dtsCutover.heartbeatTables sets aside: {tables}.', {
    tables: beats.length > 3 ? `${beats.slice(0, 3).join(', ')} … (${beats.length})` : beats.join(', '),
  });
}
