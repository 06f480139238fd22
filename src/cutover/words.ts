/** The words of the vocabulary for people: everything shows them from here, so that each has one name. */
import { sentence, type Sentence } from '../util/sentence.ts';
import type {
  ComparisonFacts,
  PendingWriter,
  SchemaObjectKind,
  SessionClass,
  SessionState,
  TableVerdict,
} from './facts.ts';

export const SESSION_CLASS_NAMES: Readonly<Record<SessionClass, Sentence>> = {
  business: sentence('business'),
  unknown: sentence('unknown'),
  dts: sentence('DTS'),
  replication: sentence('replication'),
  system: sentence('system'),
  self: sentence('ours'),
  ignored: sentence('ignored'),
};

export const SESSION_STATE_NAMES: Readonly<Record<SessionState, Sentence>> = {
  executing: sentence('executing'),
  'open transaction': sentence('open transaction'),
  idle: sentence('idle'),
  background: sentence('background'),
  unknown: sentence('unknown'),
};

export const TABLE_VERDICT_NAMES: Readonly<Record<TableVerdict, Sentence>> = {
  different: sentence('different'),
  missingOnTarget: sentence('not on the target'),
  missingOnSource: sentence('not on the source'),
  failed: sentence('failed'),
  skipped: sentence('skipped'),
  same: sentence('same'),
};

export const COMPARISON_METHOD_NAMES: Readonly<Record<ComparisonFacts['method'], Sentence>> = {
  counts: sentence('row counts'),
  digest: sentence('full comparison'),
  dts: sentence('comparison by DTS'),
};

export const WRITER_KIND_NAMES: Readonly<Record<PendingWriter['kind'], Sentence>> = {
  event: sentence('event'),
  job: sentence('job'),
  'prepared transaction': sentence('prepared transaction'),
};

/** Kinds of what a comparison looks at besides rows. */
const OBJECT_KIND_NAMES: Readonly<Record<SchemaObjectKind, Sentence>> = {
  column: sentence('column'),
  view: sentence('view'),
  'materialized view': sentence('materialized view'),
  routine: sentence('routine'),
  trigger: sentence('trigger'),
  event: sentence('event'),
  index: sentence('index'),
  constraint: sentence('constraint'),
  options: sentence('options'),
  sequence: sentence('sequence'),
  'auto increment': sentence('auto increment'),
  type: sentence('type'),
  synonym: sentence('synonym'),
  policy: sentence('row security policy'),
  rule: sentence('rewrite rule'),
  'large objects': sentence('large objects'),
  partition: sentence('partition'),
  'event trigger': sentence('event trigger'),
  extension: sentence('extension'),
  grant: sentence('grant'),
};

/** A kind that a newer version recorded stands as it is. */
export const objectKindName = (kind: string): Sentence =>
  (OBJECT_KIND_NAMES as Readonly<Record<string, Sentence>>)[kind] ?? sentence('{kind}', { kind });
