/** Views, routines, triggers and events: their text, and under which rules and whose rights it runs. */
import type { SchemaObject } from '../../comparison/port.ts';
import type { Trait } from '../../comparison/traits.ts';
import { sentence } from '../../util/sentence.ts';
import { plainName, type Collations } from './digest-collations.ts';
import type { Created } from './digest-created.ts';
import type { Definers } from './digest-definers.ts';
import { plainQuery } from './digest-expression.ts';
import { readNewer, type Newer } from './digest-libraries.ts';
import type { Cell, Rows, Snapshot } from './digest-snapshot.ts';
import { quoteName, quoteText } from './text.ts';

export interface ProgramReader {
  readonly snapshot: Snapshot;
  readonly collations: Collations;
  readonly definers: Definers;
  readonly created: Created;
  /** takes the database's own name out of a text, which was written under these modes (`sql_mode`) */
  readonly normalised: (text: string, modes?: string) => string;
}

export async function readPrograms(reader: ProgramReader, signal: AbortSignal): Promise<SchemaObject[]> {
  const newer = await readNewer(reader.snapshot, signal);
  return [
    ...newer.libraries,
    ...(await views(reader, newer, signal)),
    ...(await routines(reader, newer, signal)),
    ...(await triggers(reader, signal)),
    ...(await events(reader, signal)),
  ];
}

const counts = (name: string, value: Cell | undefined): Trait => ({ name, value: value ?? '', weight: 'counts' });

async function views(reader: ProgramReader, newer: Newer, signal: AbortSignal): Promise<SchemaObject[]> {
  const { snapshot, definers, created, normalised } = reader;
  const schema = quoteText(snapshot.database);
  const rows = await snapshot.ask(
    `SELECT TABLE_NAME, VIEW_DEFINITION, CHECK_OPTION, SECURITY_TYPE, IS_UPDATABLE, COLLATION_CONNECTION, DEFINER
       FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ${schema}`,
    signal,
  );
  const columns = new Map<string, string[]>();
  const names =
    rows.length === 0
      ? []
      : await snapshot.ask(
          `SELECT v.TABLE_NAME, c.COLUMN_NAME FROM information_schema.VIEWS v JOIN information_schema.COLUMNS c
         ON c.TABLE_SCHEMA = v.TABLE_SCHEMA AND c.TABLE_NAME = v.TABLE_NAME
      WHERE v.TABLE_SCHEMA = ${schema} AND c.TABLE_SCHEMA = ${schema} ORDER BY v.TABLE_NAME, c.ORDINAL_POSITION`,
          signal,
        );
  for (const [view, column] of names) columns.set(view ?? '', [...(columns.get(view ?? '') ?? []), column ?? '']);
  return inTurn(rows, async ([name, text, check, security, updatable, collation, definer]) => {
    const own = columns.get(name ?? '') ?? [];
    const { form, certain } = plainQuery(normalised(text ?? ''), own.map(quoteName));
    const unseen = await created.unseen('VIEW', name ?? '', text ?? '');
    return {
      ...{ kind: 'view', schema: null, table: null, name: name ?? '' },
      // one product writes a `?` for each byte of such a character
      definition: unseen === '' ? form : form.replaceAll('????', '?') + unseen,
      spelledAlike: certain,
      traits: [
        counts('columns', own.join(', ')),
        ...(newer.ofViews.get(name ?? '') ?? []),
        counts('CHECK OPTION', check),
        counts('SQL SECURITY', security),
        { name: 'updatable', value: updatable ?? '', weight: 'spelled' },
        ...connection(collation),
        ...definedBy(definer),
      ],
      ...(security === 'DEFINER' ? definers(definer ?? '') : {}),
    };
  });
}

/** One after the other: the server is asked about some of them. */
async function inTurn(rows: Rows, made: (row: readonly Cell[]) => Promise<SchemaObject>): Promise<SchemaObject[]> {
  const found: SchemaObject[] = [];
  for (const row of rows) found.push(await made(row));
  return found;
}

interface Parameters {
  readonly texts: string[];
  readonly charsets: string[];
  readonly collated: string[];
}

/** With what a function returns, by `FUNCTION name` or `PROCEDURE name`. */
async function readParameters(snapshot: Snapshot, signal: AbortSignal): Promise<ReadonlyMap<string, Parameters>> {
  const schema = quoteText(snapshot.database);
  const parameters = await snapshot.ask(
    `SELECT ROUTINE_TYPE, SPECIFIC_NAME, PARAMETER_MODE, PARAMETER_NAME, DTD_IDENTIFIER, CHARACTER_SET_NAME, COLLATION_NAME
       FROM information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA = ${schema} ORDER BY SPECIFIC_NAME, ORDINAL_POSITION`,
    signal,
  );
  const ofRoutine = new Map<string, Parameters>();
  for (const [type, name, mode, parameter, declared, charset, collation] of parameters) {
    const key = `${type} ${name}`;
    const found = ofRoutine.get(key) ?? { texts: [], charsets: [], collated: [] };
    found.texts.push([mode, parameter, withoutWidth(declared)].filter(Boolean).join(' '));
    if (charset != null) {
      found.charsets.push(plainName(charset));
      found.collated.push(plainName(collation ?? ''));
    }
    ofRoutine.set(key, found);
  }
  return ofRoutine;
}

async function routines(reader: ProgramReader, newer: Newer, signal: AbortSignal): Promise<SchemaObject[]> {
  const { snapshot, collations, definers, created, normalised } = reader;
  const schema = quoteText(snapshot.database);
  const ofRoutine = await readParameters(snapshot, signal);
  const rows = await snapshot.ask(
    `SELECT ROUTINE_TYPE, ROUTINE_NAME, ROUTINE_DEFINITION, SECURITY_TYPE, SQL_MODE, IS_DETERMINISTIC, SQL_DATA_ACCESS,
            DATABASE_COLLATION, COLLATION_CONNECTION, DEFINER, EXTERNAL_LANGUAGE
       FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ${schema}`,
    signal,
  );
  return inTurn(rows, async ([type, name, text, security, mode, deterministic, access, ...others]) => {
    const [ofDatabase, collation, definer, language] = others;
    const { texts, charsets, collated } = ofRoutine.get(`${type} ${name}`) ?? { texts: [], charsets: [], collated: [] };
    const whole = `${texts.join(',')} ${await created.body(type ?? '', name ?? '', text ?? '')}`;
    const unseen = await created.unseen(type ?? '', name ?? '', `${texts.join(',')} ${text ?? ''}`);
    return {
      ...{ kind: 'routine', schema: null, table: null, name: `${(type ?? '').toLowerCase()} ${name}` },
      definition: normalised(whole, mode ?? '') + unseen,
      spelledAlike: true,
      traits: [
        counts('SQL SECURITY', security),
        sqlMode(mode),
        counts('DETERMINISTIC', deterministic),
        counts('LANGUAGE', language ?? 'SQL'),
        ...(newer.ofRoutines.get(`${type} ${name}`) ?? [{ name: 'libraries', value: '', weight: 'counts' } as const]),
        counts('data access', access),
        { name: 'CHARACTER SET of parameters', value: charsets.join(', '), weight: 'counts' },
        { name: 'COLLATE of parameters', value: collated.join(', '), weight: 'spelled' },
        ...collations.trait('database COLLATE', ofDatabase, 'nearly'),
        ...connection(collation),
        ...definedBy(definer),
      ],
      ...(security === 'DEFINER' ? definers(definer ?? '') : {}),
    };
  });
}

async function triggers(reader: ProgramReader, signal: AbortSignal): Promise<SchemaObject[]> {
  const { snapshot, collations, definers, created, normalised } = reader;
  const { database } = snapshot;
  const rows = await snapshot.ask(
    `SELECT EVENT_OBJECT_TABLE, TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT, SQL_MODE,
            DATABASE_COLLATION, COLLATION_CONNECTION, DEFINER
       FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ${quoteText(database)}
      ORDER BY EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER`,
    signal,
  );
  const befores = new Map(rows.map((row, i) => [row, rows[i - 1] ?? []]));
  return inTurn(rows, async (row) => {
    const [table, name, timing, event, text, mode, ofDatabase, collation, definer] = row;
    const [other, before, ...when] = befores.get(row) ?? [];
    const follows = other === table && when[0] === timing && when[1] === event;
    return {
      ...{ kind: 'trigger', schema: null, table: { database, schema: null, name: table ?? '' }, name: name ?? '' },
      definition:
        normalised(`${timing} ${event} ${await created.body('TRIGGER', name ?? '', text ?? '')}`, mode ?? '') +
        (await created.unseen('TRIGGER', name ?? '', text ?? '')),
      spelledAlike: true,
      traits: [
        sqlMode(mode),
        counts('FOLLOWS', follows ? before : 'nothing'),
        ...collations.trait('database COLLATE', ofDatabase, 'nearly'),
        ...connection(collation),
        ...definedBy(definer),
      ],
      ...definers(definer ?? ''),
    };
  });
}

async function events(reader: ProgramReader, signal: AbortSignal): Promise<SchemaObject[]> {
  const { snapshot, collations, definers, created, normalised } = reader;
  // minutes from UTC now: what SYSTEM stands for
  const rows = await snapshot.ask(
    `SELECT EVENT_NAME, EVENT_TYPE, EXECUTE_AT, INTERVAL_VALUE, INTERVAL_FIELD, EVENT_DEFINITION, STARTS, ENDS, TIME_ZONE,
            TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(), CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', 'SYSTEM')),
            STARTS < UTC_TIMESTAMP() + INTERVAL 14 HOUR, ON_COMPLETION, STATUS, SQL_MODE, DATABASE_COLLATION,
            COLLATION_CONNECTION, DEFINER
       FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ${quoteText(snapshot.database)}`,
    signal,
  );
  return inTurn(rows, async ([name, type, at, value, field, text, starts, ends, zone, offset, ...others]) => {
    const [begun, kept, status, mode, ofDatabase, collation, definer] = others;
    const body = await created.body('EVENT', name ?? '', text ?? '');
    // in whatever zone: of what has begun and runs again within the hour it does not matter when
    const any = begun === '1' && /^(SECOND|MINUTE)/.test(field ?? '');
    return {
      ...{ kind: 'event', schema: null, table: null, name: name ?? '' },
      definition:
        normalised([type, at, value, field, body].filter((part) => part != null).join(' '), mode ?? '') +
        (await created.unseen('EVENT', name ?? '', text ?? '')),
      spelledAlike: true,
      traits: [
        counts('STARTS', any ? 'begun' : starts),
        counts('ENDS', ends),
        counts('time zone', zone === 'SYSTEM' ? `SYSTEM (${offset} min from UTC)` : zone),
        counts('ON COMPLETION', kept),
        enabled(name ?? '', status ?? ''),
        sqlMode(mode),
        ...collations.trait('database COLLATE', ofDatabase, 'nearly'),
        ...connection(collation),
        ...definedBy(definer),
      ],
      ...definers(definer ?? ''),
    };
  });
}

/** Digits shown of an integer, which MySQL 8 no longer tells. */
const withoutWidth = (declared: Cell | undefined) =>
  declared?.replace(/int\(\d+\)/gi, (type) => type.replace(/\(.*/, ''));

/** Switched off on the target only is what one wants until the switch; MySQL and MariaDB have several words for off. */
const enabled = (name: string, status: string): Trait =>
  status === 'ENABLED'
    ? {
        ...{ name: 'STATUS', value: 'ENABLE', weight: 'told' },
        remark: sentence('The event {name} is switched off on the target: right until the switch, ENABLE it then.', {
          name,
        }),
      }
    : counts('STATUS', 'DISABLE');

/** Combinations stand beside the modes they consist of; the last ones are gone in MySQL 8 and change no statement. */
const NO_MODES = new Set(
  'ANSI TRADITIONAL DB2 MAXDB MSSQL MYSQL323 MYSQL40 POSTGRESQL NO_AUTO_CREATE_USER NO_FIELD_OPTIONS NO_KEY_OPTIONS NO_TABLE_OPTIONS'.split(
    ' ',
  ),
);

function sqlMode(modes: Cell | undefined): Trait {
  const set = (modes ?? '').split(',').filter((mode) => mode !== '' && !NO_MODES.has(mode));
  return counts('sql_mode', set.sort().join(',') || "''");
}

/** An account may have another name on purpose; one that does not exist is told apart from that. */
const definedBy = (definer: Cell | undefined): readonly Trait[] => [
  { name: 'DEFINER', value: definer ?? '', weight: 'told' },
];

/** Decides between literals only: columns and variables come before it. */
const connection = (collation: Cell | undefined): readonly Trait[] =>
  collation == null ? [] : [{ name: 'collation_connection', value: plainName(collation), weight: 'told' }];
