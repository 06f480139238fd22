/**
 * The database side without VS Code: `npm run engine -- <command> <url> [<url>] [options]`.
 * Prints one JSON document on standard output. What fails is one sentence on standard error, {error} on standard
 * output and exit code 2. A password is never printed.
 */
import { parseArgs } from 'node:util';
import type { ObjectName } from '../src/cutover/facts.ts';
import { DTS_FOOTPRINT, type ConnectionProfile, type EngineConnection } from '../src/engines/engine.ts';
import { loadEngine } from '../src/engines/load.ts';
import { parseConnectionUrl } from '../src/engines/url.ts';
import { asFailure, Failure } from '../src/util/failure.ts';
import { say } from '../src/util/sentence.ts';
import { pause } from '../src/util/wait.ts';
import { compare, compareOptions } from './engine/compare.ts';
import { proveOptions, proveTables, writtenTables } from './engine/prove.ts';

const PROGRAM = 'DTS Cutover';

/** What a command has to work with. */
export interface Call {
  readonly logins: readonly { readonly profile: ConnectionProfile; readonly password: string }[];
  /** opens the connection to the nth address, once; closed when the command ends */
  readonly connection: (n: number) => Promise<EngineConnection>;
  readonly options: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

interface Outcome {
  readonly json: unknown;
  readonly exitCode: number;
}

interface Command {
  readonly urls: readonly number[];
  readonly help: string;
  readonly run: (call: Call) => Promise<Outcome>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  sessions: { urls: [1], help: 'every session, normalised, and the raw result of the runbook’s query', run: sessions },
  visibility: { urls: [1], help: 'may the account see everybody’s sessions?', run: visibility },
  rights: { urls: [1], help: 'may the account do what every step of a cutover needs?', run: rights },
  position: {
    urls: [1],
    help: 'the write position; --watch SECONDS reads twice, --since TOKEN continues',
    run: position,
  },
  writers: { urls: [1], help: 'schedules and prepared transactions that will write later', run: writers },
  objects: { urls: [1], help: 'databases and their objects', run: objects },
  counts: { urls: [1, 2], help: 'exact rows per table; with two addresses compared', run: counts },
  compare: {
    urls: [2],
    help: 'the data of two databases; --tables a,b --map old=new --workers N. Exit code 0 same, 1 different, 2 incomplete',
    run: compare,
  },
  prove: {
    urls: [2],
    help: 'compares the tables that have no proof; --store DIR keeps the proofs, --map, --workers as compare. Exit code 0 all proven, 1 any different, 2 otherwise',
    run: proveTables,
  },
  written: {
    urls: [2],
    help: 'which proofs in --store DIR still hold: of the tables that were not written since; exit codes as prove',
    run: writtenTables,
  },
};

async function sessions({ connection, signal }: Call): Promise<Outcome> {
  const link = await connection(0);
  return ok({ server: link.server, ...(await link.listSessions(signal)) });
}

async function visibility({ connection, signal }: Call): Promise<Outcome> {
  const link = await connection(0);
  return ok({ server: link.server, visibility: await link.checkVisibility(signal) });
}

async function rights({ connection, signal }: Call): Promise<Outcome> {
  const link = await connection(0);
  const found = await link.checkRights(null, signal);
  return ok({ server: link.server, rights: found.map((right) => ({ ...right, text: say(right.why) })) });
}

async function position({ connection, options, signal }: Call): Promise<Outcome> {
  const link = await connection(0);
  const dts = DTS_FOOTPRINT[link.server.engine];
  const first = await link.readWritePosition(options['since'] ?? null, dts, signal);
  const readings = [first];
  if (options['watch'] !== undefined) {
    const seconds = Number(options['watch']);
    if (!(seconds >= 0 && seconds <= 86_400)) throw usage('--watch takes a number of seconds.');
    await pause(seconds * 1000, signal);
    readings.push(await link.readWritePosition(first.token, dts, signal));
  }
  return ok({ server: link.server, readings: readings.map((reading) => ({ ...reading, text: say(reading.why) })) });
}

async function writers({ connection, signal }: Call): Promise<Outcome> {
  const link = await connection(0);
  return ok({ server: link.server, pendingWriters: await link.listPendingWriters(signal) });
}

async function objects(call: Call): Promise<Outcome> {
  const link = await call.connection(0);
  const found = [];
  for (const database of await databasesOf(call, 0)) {
    found.push({ database, objects: await link.listObjects(database, call.signal) });
  }
  return ok({ server: link.server, databases: found });
}

async function counts(call: Call): Promise<Outcome> {
  const source = await countSide(call, 0);
  if (call.logins.length === 1) return ok({ tables: source });
  const target = await countSide(call, 1);
  // two databases given by name are compared with each other, whatever they are called
  const renamed = call.logins.every(({ profile }) => profile.database !== '');
  const key = ({ table }: CountedTable) =>
    JSON.stringify([renamed ? '' : table.database, table.schema === table.database ? '' : table.schema, table.name]);
  const sides = new Map<string, { source?: CountedTable; target?: CountedTable }>();
  for (const counted of source) sides.set(key(counted), { source: counted });
  for (const counted of target) sides.set(key(counted), { ...sides.get(key(counted)), target: counted });
  const tables = [...sides.values()].map(({ source: s, target: t }) => ({
    source: s?.table ?? null,
    target: t?.table ?? null,
    rows: { source: s?.rows ?? null, target: t?.rows ?? null },
    same: s?.rows === t?.rows,
  }));
  const same = tables.every((table) => table.same);
  return { json: { verdict: same ? 'same' : 'different', tables }, exitCode: same ? 0 : 1 };
}

interface CountedTable {
  readonly table: ObjectName;
  readonly rows: number;
}

async function countSide(call: Call, n: number): Promise<CountedTable[]> {
  const link = await call.connection(n);
  const counted: CountedTable[] = [];
  for (const database of await databasesOf(call, n)) {
    for (const { kind, object } of await link.listObjects(database, call.signal)) {
      if (kind !== 'table' && kind !== 'collection') continue;
      counted.push({ table: object, rows: await link.countRows(object, call.signal) });
    }
  }
  return counted;
}

async function databasesOf({ connection, logins, signal }: Call, n: number): Promise<readonly string[]> {
  const named = logins[n]?.profile.database ?? '';
  return named === '' ? (await connection(n)).listDatabases(signal) : [named];
}

function ok(json: unknown): Outcome {
  return { json, exitCode: 0 };
}

function usage(problem: string): Failure {
  const commands = Object.entries(COMMANDS).map(
    ([name, { urls, help }]) => `  ${name} ${'<url> '.repeat(urls.at(-1) ?? 1)} ${help}`,
  );
  return new Failure(
    'bad-input',
    { text: problem },
    {
      text: `\nnpm run engine -- <command>\n${commands.join('\n')}`,
    },
  );
}

async function main(args: string[], signal: AbortSignal): Promise<Outcome> {
  const { positionals, values } = parse(args);
  const [name = '', ...urls] = positionals;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw usage(name === '' ? 'Which command?' : `There is no command ${name}.`);
  if (!command.urls.includes(urls.length))
    throw usage(`${name} takes ${command.urls.join(' or ')} connection address(es).`);
  const timeoutMs = Number(values.timeout ?? 10) * 1000;
  if (!(timeoutMs >= 100)) throw usage('--timeout takes a number of seconds.');
  const logins = urls.map(parseConnectionUrl);
  const open = new Map<number, Promise<EngineConnection>>();
  const connection = (n: number) => {
    let link = open.get(n);
    if (!link) open.set(n, (link = connect(n)));
    return link;
  };
  const connect = async (n: number) => {
    const login = logins[n];
    if (!login) throw usage(`${name} needs another connection address.`);
    const engine = await loadEngine(login.profile.engine);
    return engine.connect({ ...login, programName: PROGRAM, timeoutMs }, signal);
  };
  try {
    return await command.run({ logins, connection, options: singleTexts(values), signal });
  } finally {
    for (const link of await Promise.allSettled(open.values())) {
      if (link.status === 'fulfilled') await link.value.close();
    }
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        watch: { type: 'string' },
        since: { type: 'string' },
        timeout: { type: 'string' },
        ...compareOptions,
        ...proveOptions,
      },
    });
  } catch (error) {
    // names the option only
    throw usage(error instanceof Error ? error.message : 'The options cannot be read.');
  }
}

/** An option that may be repeated, as one text separated by commas. */
function singleTexts(values: Record<string, string | string[] | undefined>): Call['options'] {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );
}

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());
try {
  const { json, exitCode } = await main(process.argv.slice(2), stop.signal);
  process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
  process.exitCode = exitCode;
} catch (error) {
  const { reason, what, tryThis, code } = asFailure(error);
  const message = say(what);
  const advice = tryThis ? say(tryThis) : null;
  process.stderr.write(`${[message, advice].filter((text) => text !== null).join(' ')}\n`);
  process.stdout.write(
    `${JSON.stringify({ error: { reason, code: code ?? null, message, tryThis: advice } }, null, 2)}\n`,
  );
  process.exitCode = 2;
}
