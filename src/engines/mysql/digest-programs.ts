/** Views, routines, triggers and events: their text, and under which rules and whose rights it runs. */
import type { SchemaObject } from '../../comparison/port.ts';
import type { Trait } from '../../comparison/traits.ts';
import { sentence } from '../../util/sentence.ts';
import { plainName, type Collations } from './digest-collations.ts';
import type { Definers } from './digest-definers.ts';
import type { Cell, Snapshot } from './digest-snapshot.ts';
import { quoteText } from './text.ts';

export interface ProgramReader {
  readonly snapshot: Snapshot;
  readonly collations: Collations;
  readonly definers: Definers;
  /** takes the database's own name out of a text, which was written under these modes (`sql_mode`) */
  readonly normalised: (text: string, modes?: string) => string;
}

export async function readPrograms(reader: ProgramReader, signal: AbortSignal): Promise<SchemaObject[]> {
  return [
    ...(await views(reader, signal)),
    ...(await routines(reader, signal)),
    ...(await triggers(reader, signal)),
    ...(await events(reader, signal)),
  ];
}

const counts = (name: string, value: Cell | undefined): Trait => ({ name, value: value ?? '', weight: 'counts' });

async function views({ snapshot, definers, normalised }: ProgramReader, signal: AbortSignal): Promise<SchemaObject[]> {
  const rows = await snapshot.ask(
    `SELECT TABLE_NAME, VIEW_DEFINITION, CHECK_OPTION, SECURITY_TYPE, IS_UPDATABLE, COLLATION_CONNECTION, DEFINER
       FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ${quoteText(snapshot.database)}`,
    signal,
  );
  return rows.map(([name, text, check, security, updatable, collation, definer]) => ({
    ...{ kind: 'view', schema: null, table: null, name: name ?? '', definition: normalised(text ?? '') },
    traits: [
      counts('CHECK OPTION', check),
      counts('SQL SECURITY', security),
      { name: 'updatable', value: updatable ?? '', weight: 'spelled' },
      ...connection(collation),
      ...definedBy(definer),
    ],
    ...(security === 'DEFINER' ? definers(definer ?? '') : {}),
  }));
}

async function routines(reader: ProgramReader, signal: AbortSignal): Promise<SchemaObject[]> {
  const { snapshot, collations, definers, normalised } = reader;
  const schema = quoteText(snapshot.database);
  const parameters = await snapshot.ask(
    `SELECT ROUTINE_TYPE, SPECIFIC_NAME, PARAMETER_MODE, PARAMETER_NAME, DTD_IDENTIFIER, CHARACTER_SET_NAME
       FROM information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA = ${schema} ORDER BY SPECIFIC_NAME, ORDINAL_POSITION`,
    signal,
  );
  const ofRoutine = new Map<string, { readonly texts: string[]; readonly charsets: string[] }>();
  for (const [type, name, mode, parameter, declared, charset] of parameters) {
    const key = `${type} ${name}`;
    const found = ofRoutine.get(key) ?? { texts: [], charsets: [] };
    found.texts.push([mode, parameter, declared].filter(Boolean).join(' '));
    if (charset != null) found.charsets.push(plainName(charset));
    ofRoutine.set(key, found);
  }
  const rows = await snapshot.ask(
    `SELECT ROUTINE_TYPE, ROUTINE_NAME, ROUTINE_DEFINITION, SECURITY_TYPE, SQL_MODE, IS_DETERMINISTIC, SQL_DATA_ACCESS,
            DATABASE_COLLATION, COLLATION_CONNECTION, DEFINER
       FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ${schema}`,
    signal,
  );
  return rows.map(([type, name, text, security, mode, deterministic, access, ofDatabase, collation, definer]) => {
    const { texts, charsets } = ofRoutine.get(`${type} ${name}`) ?? { texts: [], charsets: [] };
    return {
      ...{ kind: 'routine', schema: null, table: null, name: `${(type ?? '').toLowerCase()} ${name}` },
      definition: normalised(`${texts.join(',')} ${text ?? ''}`, mode ?? ''),
      traits: [
        counts('SQL SECURITY', security),
        sqlMode(mode),
        counts('DETERMINISTIC', deterministic),
        counts('data access', access),
        { name: 'CHARACTER SET of parameters', value: charsets.join(', '), weight: 'spelled' },
        ...collations.trait('database COLLATE', ofDatabase, 'nearly'),
        ...connection(collation),
        ...definedBy(definer),
      ],
      ...(security === 'DEFINER' ? definers(definer ?? '') : {}),
    };
  });
}

async function triggers(reader: ProgramReader, signal: AbortSignal): Promise<SchemaObject[]> {
  const { snapshot, collations, definers, normalised } = reader;
  const { database } = snapshot;
  const rows = await snapshot.ask(
    `SELECT EVENT_OBJECT_TABLE, TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT, SQL_MODE,
            DATABASE_COLLATION, COLLATION_CONNECTION, DEFINER
       FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ${quoteText(database)}
      ORDER BY EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER`,
    signal,
  );
  return rows.map(([table, name, timing, event, text, mode, ofDatabase, collation, definer], i) => {
    const [other, before, ...when] = rows[i - 1] ?? [];
    const follows = other === table && when[0] === timing && when[1] === event;
    return {
      ...{ kind: 'trigger', schema: null, table: { database, schema: null, name: table ?? '' }, name: name ?? '' },
      definition: normalised(`${timing} ${event} ${text ?? ''}`, mode ?? ''),
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
  const { snapshot, collations, definers, normalised } = reader;
  // minutes from UTC now: what SYSTEM stands for
  const rows = await snapshot.ask(
    `SELECT EVENT_NAME, EVENT_TYPE, EXECUTE_AT, INTERVAL_VALUE, INTERVAL_FIELD, EVENT_DEFINITION, STARTS, ENDS, TIME_ZONE,
            TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(), CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', 'SYSTEM')),
            STARTS < UTC_TIMESTAMP() + INTERVAL 14 HOUR, ON_COMPLETION, STATUS, SQL_MODE, DATABASE_COLLATION,
            COLLATION_CONNECTION, DEFINER
       FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ${quoteText(snapshot.database)}`,
    signal,
  );
  return rows.map(([name, type, at, value, field, text, starts, ends, zone, offset, ...others]) => {
    const [begun, kept, status, mode, ofDatabase, collation, definer] = others;
    // in whatever zone: of what has begun and runs again within the hour it does not matter when
    const any = begun === '1' && /^(SECOND|MINUTE)/.test(field ?? '');
    return {
      ...{ kind: 'event', schema: null, table: null, name: name ?? '' },
      definition: normalised([type, at, value, field, text].filter((part) => part != null).join(' '), mode ?? ''),
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
