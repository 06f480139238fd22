import assert from 'node:assert/strict';
import { carryOverScript, leftToCarry } from '../../src/cutover/carryOver.ts';
import type { MovedKind, TaskOptions } from '../../src/cutover/facts.ts';
import type { CarriedObject } from '../../src/engines/engine.ts';
import { never, startServer, type TestServer } from '../support/mysql.ts';
import { describeMysql } from '../support/pairs.ts';
import { SERVERS, type TestServer as PostgresTestServer } from '../support/postgres.ts';

const PLANTED = 'planted-S3cret!42';

function taskOf(name: string, left: Partial<TaskOptions>, none: readonly MovedKind[]) {
  const objects = none.map((kind) => ({ kind, moved: 'none' as const }));
  const entry = { name, newName: name, schema: null, newSchema: null, allTables: true, tables: [], objects };
  const { advancedObjects } = left;
  const options = { advancedObjects: null, targetReadOnly: null, migratesAccounts: null, overridesRoot: null, ...left };
  return {
    scope: { mode: 'partial' as const, databases: [entry], ...(advancedObjects ? { advancedObjects } : {}) },
    options,
  };
}

const texts = {
  heading: ['by hand'],
  object: (kind: string, name: string, option: string | null) => `${kind} ${name} ${option}`,
  none: ({ name }: CarriedObject) => `none for ${name}`,
  nothing: 'nothing',
};
const named = (objects: readonly { readonly object: CarriedObject }[]) =>
  objects.map(({ object: { kind, name } }) => `${kind} ${name}`);

describeMysql('what a task leaves to be carried over by hand', function (product) {
  this.timeout(120_000);
  let server: TestServer;
  before(async function () {
    server = await startServer(this, product);
  });
  after(() => server?.stop());

  it('is made again by the statements, without a password, and only what the options leave out', async () => {
    const made = [
      'CREATE DATABASE carried',
      'CREATE TABLE carried.t (id int primary key, n int)',
      `CREATE USER carried_app@'%' IDENTIFIED BY '${PLANTED}'`,
      "GRANT SELECT, INSERT ON carried.* TO carried_app@'%'",
      'CREATE VIEW carried.`odd ``view` AS SELECT id FROM carried.t',
      'CREATE FUNCTION carried.f(x int) RETURNS int DETERMINISTIC RETURN x + 1',
      "CREATE PROCEDURE carried.p() BEGIN SELECT 'a;b'; SELECT 2; END",
      'CREATE TRIGGER carried.g BEFORE INSERT ON carried.t FOR EACH ROW SET NEW.n = 1',
      'CREATE EVENT carried.e ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM carried.t',
    ];
    for (const sql of made) await server.run(sql);
    const connection = await server.connect();
    const listed = await connection.listCarryOver?.(['carried'], never);
    assert.ok(listed);
    const everything = taskOf('carried', { advancedObjects: [], migratesAccounts: false }, ['view']);
    const left = leftToCarry(everything, listed).filter(
      ({ object }) => object.kind !== 'account' || /carried/.test(object.name),
    );
    assert.deepEqual(named(left), [
      ...['account carried_app@%', 'function f', 'procedure p', 'view odd `view', 'trigger g', 'event e'],
    ]);
    const script = carryOverScript(left, '--', texts);
    assert.doesNotMatch(script, /planted|IDENTIFIED/);
    assert.match(script, /GRANT SELECT, INSERT ON `carried`\.\* TO [`']carried_app/);
    const some = taskOf('carried', { advancedObjects: ['trigger', 'procedure'], migratesAccounts: true }, []);
    assert.deepEqual(named(leftToCarry(some, listed)), ['function f', 'event e']);

    await server.run('DROP DATABASE carried');
    await server.run("DROP USER carried_app@'%'");
    for (const sql of made.slice(0, 2)) await server.run(sql);
    const client = await server.client();
    for (const statement of statementsIn(script)) await client.query(statement);
    await client.end();
    const again = await connection.listCarryOver?.(['carried'], never);
    assert.deepEqual(
      leftToCarry(everything, again ?? [])
        .map(({ object }) => object.statement)
        .sort(),
      leftToCarry(everything, listed)
        .map(({ object }) => object.statement)
        .sort(),
    );
  });
});

/** As the client's shell reads it: up to the delimiter that is set. */
function statementsIn(script: string): string[] {
  const statements: string[] = [];
  let [delimiter, now] = [';', ''];
  for (const line of script.split('\n')) {
    const set = /^DELIMITER (\S+)$/.exec(line)?.[1];
    if (set) {
      delimiter = set;
      continue;
    }
    now += `${line.replace(/^-- .*$| -- set its password$/, '')}\n`;
    if (!now.trimEnd().endsWith(delimiter)) continue;
    statements.push(now.trimEnd().slice(0, -delimiter.length));
    now = '';
  }
  return statements;
}

const [newest] = SERVERS.slice(-1);
describe(`${newest?.name}: what a task leaves to be carried over by hand`, function () {
  this.timeout(60_000);
  let server: PostgresTestServer | undefined;
  before(async () => {
    server = await newest?.start();
  });
  after(() => server?.stop());

  it('is made again by the statements, without a password, and only what the options leave out', async () => {
    assert.ok(server);
    const { database } = server;
    await server.createRole('carried_app');
    await server.createRole('carried_group');
    const table = 'CREATE TABLE t (id int primary key, n int)';
    await server.run([
      'GRANT carried_group TO carried_app',
      table,
      'GRANT SELECT, INSERT ON t TO carried_app',
      'CREATE VIEW "odd ""view" AS SELECT id FROM t',
      `CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.n := 1; RETURN NEW; END$$`,
      'CREATE PROCEDURE p() LANGUAGE sql AS $$SELECT 1$$',
      'CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION touch()',
    ]);
    const connection = await server.connect();
    const listed = await connection.listCarryOver?.([database], never);
    assert.ok(listed);
    const everything = taskOf(database, {}, ['view', 'function', 'procedure', 'trigger', 'role']);
    const ours = ({ object }: { object: CarriedObject }) =>
      object.database === database || /^carried/.test(object.name);
    const left = leftToCarry(everything, listed).filter(ours);
    assert.deepEqual(named(left), [
      ...['role carried_app', 'role carried_group', 'function touch', 'procedure p', 'view odd "view', 'trigger g'],
      'grant t',
    ]);
    const script = carryOverScript(left, '--', texts);
    assert.doesNotMatch(script, /guest|PASSWORD|SCRAM/);
    assert.match(script, /GRANT carried_group TO carried_app;/);
    assert.match(script, /GRANT INSERT, SELECT ON TABLE public\.t TO carried_app;/);
    assert.deepEqual(named(leftToCarry(taskOf(database, {}, ['trigger']), listed).filter(ours)).slice(2), [
      'trigger g',
      'grant t',
    ]);

    const other = `${database}_again`;
    await server.createDatabase(other);
    await server.run([table, script.replaceAll(/^CREATE ROLE.*$/gm, '')], other);
    const again = await connection.listCarryOver?.([other], never);
    const statements = (objects: readonly CarriedObject[], of: string) =>
      objects.filter((object) => object.database === of).map(({ statement }) => statement);
    assert.deepEqual(statements(again ?? [], other), statements(listed, database));
  });
});
