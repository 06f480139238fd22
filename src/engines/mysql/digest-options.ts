/** What holds for whole tables and for the database: storage, partitions, history, and what new columns get. */
import type { SchemaObject } from '../../comparison/port.ts';
import type { Trait } from '../../comparison/traits.ts';
import { sentence } from '../../util/sentence.ts';
import { isTransactional, partitionedTables } from './digest-catalog.ts';
import { plainName, type Collations } from './digest-collations.ts';
import type { Created } from './digest-created.ts';
import { plainExpression } from './digest-expression.ts';
import type { Cell, Snapshot } from './digest-snapshot.ts';
import { quoteText } from './text.ts';

export interface OptionReader {
  readonly snapshot: Snapshot;
  readonly collations: Collations;
  readonly created: Created;
  /** of its tables */
  readonly checks: readonly SchemaObject[];
}

export async function readOptions(reader: OptionReader, signal: AbortSignal): Promise<SchemaObject[]> {
  const { snapshot, collations } = reader;
  const { database } = snapshot;
  const tables = await snapshot.ask(
    `SELECT TABLE_NAME, TABLE_TYPE, ENGINE, ROW_FORMAT, TABLE_COLLATION, CREATE_OPTIONS FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ${quoteText(database)} AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')`,
    signal,
  );
  // asked for it, the server opens every table
  const inPieces = await partitionedTables(
    snapshot,
    tables.map(([name, , , , , options]) => [name ?? null, options ?? null]),
    signal,
  );
  const partitions: Partitions = inPieces.size > 0 ? await readPartitions(snapshot, signal) : new Map();
  const more = await onlyInStatements(reader, partitions);
  return [
    ...tables.map(([name, type, engine, format, collation, options]): SchemaObject => ({
      ...{ kind: 'options', schema: null, table: { database, schema: null, name: name ?? '' }, name: '' },
      ...{ definition: '', part: true },
      traits: [
        ...engineTraits(engine ?? ''),
        { name: 'SYSTEM VERSIONING', value: type === 'SYSTEM VERSIONED' ? 'yes' : 'no', weight: 'counts' },
        ...partitionsOf(partitions.get(name ?? '') ?? []),
        ...(more.get(name ?? '') ?? []),
        ...collations.trait('COLLATE of new columns', collation, 'nearly'),
        { name: 'ROW_FORMAT', value: (format ?? '').toUpperCase(), weight: 'told' },
        { name: 'options', value: otherOptions(options ?? ''), weight: 'told' },
      ],
    })),
    {
      ...{ kind: 'options', schema: null, table: null, name: 'database', definition: '' },
      traits: await ofDatabase(snapshot, collations, signal),
    },
  ];
}

/** Rows of one storage engine can be taken back, of another they are written for good, or break when it crashes. */
function engineTraits(engine: string): readonly Trait[] {
  const name = engine.toLowerCase() || 'none';
  const promises = isTransactional(engine) ? 'transactions' : name;
  return [
    // what had no transactions may get them
    { name: 'ENGINE', value: engine || 'none', weight: promises === name ? 'told' : 'counts', likeness: promises },
    {
      name: 'rows are',
      value: /^(innodb|xtradb|rocksdb|tokudb|myisam|aria)$/.test(name) ? 'kept' : name,
      weight: 'counts',
    },
  ];
}

/** What stands in columns of its own is left out. */
const otherOptions = (options: string) =>
  options
    .replace(/\bpartitioned\b|\brow_format=\S*/gi, '')
    .replace(/\s+/g, ' ')
    .trim() || 'none';

type Partitions = ReadonlyMap<string, readonly (readonly Cell[])[]>;

async function readPartitions(snapshot: Snapshot, signal: AbortSignal): Promise<Partitions> {
  const rows = await snapshot.ask(
    `SELECT TABLE_NAME, PARTITION_METHOD, PARTITION_EXPRESSION, SUBPARTITION_METHOD, SUBPARTITION_EXPRESSION,
            PARTITION_NAME, SUBPARTITION_NAME, PARTITION_DESCRIPTION
       FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = ${quoteText(snapshot.database)} AND PARTITION_NAME IS NOT NULL
      ORDER BY TABLE_NAME, PARTITION_ORDINAL_POSITION, SUBPARTITION_ORDINAL_POSITION`,
    signal,
  );
  const found = new Map<string, (readonly Cell[])[]>();
  for (const [table, ...partition] of rows) {
    const others = found.get(table ?? '');
    if (others) others.push(partition);
    else found.set(table ?? '', [partition]);
  }
  return found;
}

/**
 * What no catalog has: periods of MariaDB and the unique keys over them, and by which rules KEY() chooses partitions. By
 * table.
 */
async function onlyInStatements(
  { snapshot, created, checks }: OptionReader,
  partitions: Partitions,
): Promise<ReadonlyMap<string, readonly Trait[]>> {
  const { mariaDb } = snapshot.dialect;
  const tables = new Set([...partitions].flatMap(([table, [first]]) => (/KEY/.test(first?.[0] ?? '') ? [table] : [])));
  // a period is also a check of its two columns
  for (const { table, name } of mariaDb ? checks : [])
    if (table && /^check `.*` < `.*`$/s.test(name)) tables.add(table.name);
  const found = new Map<string, readonly Trait[]>();
  for (const table of tables) {
    const text = await created.table(table);
    const lines = text.split('\n').map((line) => line.trim().replace(/,$/, ''));
    const periods = lines.filter((line) => /^PERIOD FOR `|^UNIQUE KEY .*WITHOUT OVERLAPS/.test(line));
    const algorithm = /\bALGORITHM = (\d)/.exec(lines.filter((line) => /PARTITION BY/.test(line)).join(' '))?.[1];
    found.set(table, [
      {
        name: 'PERIOD',
        value: periods.map((line) => line.replace(/KEY `[^`]*`/, 'KEY')).join('; ') || 'none',
        weight: 'counts',
      },
      { name: 'ALGORITHM of KEY()', value: algorithm ?? '2', weight: 'told' },
    ]);
  }
  return found;
}

/** Which rows it takes counts between all versions; expressions may be spelled in two ways. */
function partitionsOf(partitions: readonly (readonly Cell[])[]): readonly Trait[] {
  const [method, expression, subMethod, subExpression] = partitions[0] ?? [];
  const over = (name: string, how: Cell | undefined, text: Cell | undefined): Trait => {
    const { form, certain } = plainExpression(`(${(text ?? '').replaceAll('`', '')})`);
    return {
      name,
      value: how == null ? 'none' : `${how} ${form.startsWith('(') ? form : `(${form})`}`,
      weight: certain ? 'counts' : 'spelled',
    };
  };
  const ranges = partitions.map(([, , , , name, , values]) => (values == null ? name : `${name} ${plain(values)}`));
  const each = new Set(ranges);
  return [
    { name: 'PARTITION BY', value: method ?? 'none', weight: 'counts' },
    over('partitioned over', method, expression),
    { name: 'SUBPARTITION BY', value: subMethod ?? 'none', weight: 'counts' },
    over('subpartitioned over', subMethod, subExpression),
    { name: 'PARTITIONS', value: [...each].join('; ') || 'none', weight: 'counts' },
    { name: 'SUBPARTITIONS', value: String(subMethod == null ? 0 : partitions.length), weight: 'counts' },
    {
      name: 'names of subpartitions',
      value: partitions.map(([, , , , , name]) => name ?? '').join(', '),
      weight: 'told',
    },
  ];
}

/** 5.7 keeps what was typed; later versions quote names, and name the character set of texts. */
const plain = (text: Cell | undefined) =>
  (text ?? '').replace(/'(?:[^'\\]|''|\\.)*'|\b_[a-z0-9]+(?=\s*')|`|\s+|[A-Z]+/gs, (part) =>
    part.startsWith("'") ? part : /^[A-Z]/.test(part) ? part.toLowerCase() : '',
  );

async function ofDatabase(snapshot: Snapshot, collations: Collations, signal: AbortSignal): Promise<Trait[]> {
  const schema = quoteText(snapshot.database);
  const known = await snapshot.ask(
    `SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS
      WHERE TABLE_SCHEMA = 'information_schema' AND TABLE_NAME IN ('SCHEMATA', 'SCHEMATA_EXTENSIONS')`,
    signal,
  );
  const has = (table: string, column: string) => known.some(([of, name]) => of === table && name === column);
  const [row = []] = await snapshot.ask(
    `SELECT DEFAULT_COLLATION_NAME, @@GLOBAL.event_scheduler,
            EXISTS (SELECT 1 FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ${schema}), DEFAULT_CHARACTER_SET_NAME,
            ${has('SCHEMATA', 'DEFAULT_ENCRYPTION') ? 'DEFAULT_ENCRYPTION' : 'NULL'}
       FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${schema}`,
    signal,
  );
  const [collation, scheduler, hasEvents, charset, encryption] = row;
  const [extension = []] = has('SCHEMATA_EXTENSIONS', 'OPTIONS')
    ? await snapshot.ask(
        `SELECT OPTIONS FROM information_schema.SCHEMATA_EXTENSIONS WHERE SCHEMA_NAME = ${schema}`,
        signal,
      )
    : [];
  return [
    ...collations.trait('COLLATE', collation, 'counts'),
    {
      name: 'CHARACTER SET',
      value: plainName(charset ?? ''),
      weight: 'counts',
      room: ROOM.indexOf(plainName(charset ?? '')),
    },
    { name: 'READ ONLY', value: /READ ONLY=1/i.test(extension[0] ?? '') ? 'yes' : 'no', weight: 'counts' },
    ...(encryption == null ? [] : [{ name: 'ENCRYPTION of new tables', value: encryption, weight: 'told' } as const]),
    ...(hasEvents === '1' ? [eventScheduler(scheduler ?? '')] : []),
  ];
}

/** Each holds all characters of those before it; those that are not named hold some. */
const ROOM = ['ascii', 'utf8mb3', 'utf8mb4'];

const eventScheduler = (scheduler: string): Trait =>
  scheduler === 'ON'
    ? {
        ...{ name: 'event_scheduler', value: 'ON', weight: 'told' },
        remark: sentence('The event scheduler of the target is off: right until the switch, turn it on then.'),
      }
    : { name: 'event_scheduler', value: 'OFF', weight: 'told' };
