/** Whose a written table is: DTS's, a monitor's that the user's rule sets aside, or somebody's. Pure. */
import type { EngineKind, ObjectName, WrittenObject } from '../cutover/facts.ts';
import type { HeartbeatRule } from '../cutover/heartbeatTables.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { DTS_FOOTPRINT, type DtsFootprint, type HeartbeatTable } from './engine.ts';

/** What is set aside on a server of this kind. */
export function footprintOf(engine: EngineKind, rules: readonly HeartbeatRule[]): DtsFootprint {
  return { ...DTS_FOOTPRINT[engine], heartbeats: rules.flatMap((rule) => tablesOf(engine, rule)) };
}

/** A rule in three parts is none for MySQL, which has no schemas; MongoDB's names of collections may hold dots. */
function tablesOf(engine: EngineKind, [first = '', second = '', third]: HeartbeatRule): HeartbeatTable[] {
  const any = (name: string) => (name === '*' ? null : name);
  if (engine === 'postgres' || engine === 'sqlserver') {
    return third === undefined
      ? [{ database: null, schema: any(first), name: second }]
      : [{ database: any(first), schema: any(second), name: third }];
  }
  if (third === undefined) return [{ database: any(first), schema: null, name: second }];
  return engine === 'mongodb' ? [{ database: any(first), schema: null, name: `${second}.${third}` }] : [];
}

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
