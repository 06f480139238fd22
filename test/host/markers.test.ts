import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { DtsService } from '../../sandbox/dts/service.ts';
import { createCloud } from '../../src/host/cloud/cloud.ts';
import { TaskList } from '../../src/host/cloud/taskList.ts';
import { keyOf } from '../../src/host/connections/connect.ts';
import { passwordVariable } from '../../src/host/connections/passwordVariable.ts';
import { passwords } from '../../src/host/connections/passwords.ts';
import { testConnection } from '../../src/host/connections/test.ts';
import { reportText } from '../../src/host/commands/report.ts';
import { credentialStore } from '../../src/host/credentials/store.ts';
import { Pictures } from '../../src/host/cutoverPanel/pictures.ts';
import { showFailure } from '../../src/host/errors.ts';
import { createLog } from '../../src/host/log.ts';
import { RunRegistry } from '../../src/host/runs/registry.ts';
import { moveSecrets } from '../../src/host/settings/struckAddresses.ts';
import { watchSettings } from '../../src/host/settings/watch.ts';
import { TasksProvider } from '../../src/host/tasksView/provider.ts';
import { makeCertificates } from '../support/certificate.ts';
import { account, mementoInMemory, region, secretsInMemory, settingsFor, startService, task } from './support/parts.ts';
import { next, withSettings } from './support/parts.ts';

const ref = { region, jobId: 'dts-marked' };
const PLACES = [
  ...['key typed in', 'key of the environment', 'token of the environment', 'key of a profile', 'token of a profile'],
  ...['key of the file', 'token of the file', 'password kept', 'password of the environment', 'password in a URL'],
  ...['password in pairs', 'passphrase kept', 'passphrase of the environment', 'password in an unreadable address'],
  ...['source in DTS', 'target in DTS', 'key in DTS', 'token in DTS', 'proxy'],
] as const;
type Place = (typeof PLACES)[number];

/** What a PostgreSQL server answers that says our own password back to us. */
function saying(text: string): Buffer {
  const fields = Buffer.from(`SERROR\0CXX000\0M${text}\0\0`);
  const head = Buffer.from('E0000');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** Every place a secret may be in, one of its own each; then what the extension leaves anywhere is searched for them. */
describe('secrets planted everywhere', function () {
  this.timeout(60_000);
  const secret = Object.fromEntries(PLACES.map((place) => [place, `mark-${randomBytes(9).toString('hex')}`])) as Record<
    Place,
    string
  >;
  const seen = new Map<string, string[]>();
  const saw = (where: string, ...texts: unknown[]) =>
    void seen.set(where, [...(seen.get(where) ?? []), ...texts.map((text) => JSON.stringify(text) ?? '')]);
  const undo: (() => unknown)[] = [];
  let service: DtsService;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'cutover-marks-'));
    const { window } = vscode;
    const { showErrorMessage, showWarningMessage, showInformationMessage, createOutputChannel } = window;
    const before = { showErrorMessage, showWarningMessage, showInformationMessage, createOutputChannel };
    undo.push(() => Object.assign(window, before));
    const tell = (...said: unknown[]) => Promise.resolve(saw('messages', ...said));
    const write = (text: string) => saw('log', text);
    const done = () => undefined;
    const channel = { debug: write, info: write, warn: write, error: write, show: done, dispose: done };
    Object.assign(window, {
      ...{ showErrorMessage: tell, showWarningMessage: tell, showInformationMessage: tell },
      createOutputChannel: () => channel,
    });
    await plantOnDisk();
    const node = (place: Place) => ({ host: '127.0.0.1', port: 1, user: 'dts', password: secret[place] });
    const keys = { tmpSecretKey: secret['key in DTS'], tmpToken: secret['token in DTS'] };
    const end = { databaseType: 'postgresql', accessType: 'extranet', region };
    const source = { ...end, nodes: [{ ...node('source in DTS'), ...keys }] };
    const target = { ...end, nodes: [{ ...node('target in DTS'), ...keys }] };
    service = await startService([
      task(ref.jobId, { phase: 'incremental', gapMb: 1, lagSeconds: 1 }, { source, target }),
    ]);
  });
  after(async () => {
    for (const step of undo.reverse()) await step();
    await service.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const environment = (values: Record<string, string>) => {
    const before = Object.keys(values).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, values);
    undo.push(() => {
      for (const [name, value] of before) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
    });
  };

  async function plantOnDisk(): Promise<void> {
    const file = path.join(folder, 'credentials');
    environment({
      HOME: folder,
      TENCENTCLOUD_CREDENTIALS_FILE: file,
      TENCENTCLOUD_SECRET_ID: account.secretId,
      TENCENTCLOUD_SECRET_KEY: secret['key of the environment'],
      TENCENTCLOUD_TOKEN: secret['token of the environment'],
      [passwordVariable('outside')]: secret['password of the environment'],
      [passwordVariable('keyed key')]: secret['passphrase of the environment'],
    });
    assert.equal(homedir(), folder);
    await mkdir(path.join(folder, '.tccli'));
    const profile = {
      secretId: account.secretId,
      secretKey: secret['key of a profile'],
      token: secret['token of a profile'],
    };
    await writeFile(path.join(folder, '.tccli', 'default.credential'), JSON.stringify(profile));
    await writeFile(
      file,
      `[default]\nsecret_id = ${account.secretId}\nsecret_key = ${secret['key of the file']}\ntoken = ${secret['token of the file']}\n`,
    );
  }

  it('are in no setting, record, report, message, log, storage, page or process', async () => {
    // one server that says back to each account the password that is its own
    const known = {
      kept: 'password kept',
      outside: 'password of the environment',
      url: 'password in a URL',
      pairs: 'password in pairs',
    } as const;
    const parrot = createServer((socket) => {
      socket
        .on('error', () => undefined)
        .once('data', (startup) => {
          const user = /user\0(\w+)\0/.exec(startup.toString('latin1'))?.[1] ?? '';
          const place = Object.entries(known).find(([name]) => name === user)?.[1];
          socket.end(saying(`no entry for ${place ? secret[place] : 'nobody'}`));
        });
    });
    parrot.listen(0, '127.0.0.1');
    await once(parrot, 'listening');
    undo.push(() => parrot.close());
    const { port } = parrot.address() as AddressInfo;
    const at = (user: string) => ({ engine: 'postgres', address: `127.0.0.1:${port}`, user, tls: 'off' });
    const certificates = makeCertificates(folder, 'watch');
    const keyed = { certFile: certificates.clientCert, keyFile: certificates.clientKey };
    undo.push(
      await withSettings({
        ...settingsFor(service),
        connections: {
          kept: at('kept'),
          outside: at('outside'),
          url: { ...at('url'), address: `postgres://url:${secret['password in a URL']}@127.0.0.1:${port}` },
          pairs: { ...at('pairs'), address: `host=127.0.0.1 port=${port} password=${secret['password in pairs']}` },
          keyed: { ...at('keyed'), tls: 'required', ...keyed },
        },
        taskConnections: { [ref.jobId]: { source: 'url', target: 'outside' } },
      }),
    );
    const storage = { secrets: secretsInMemory(), memento: mementoInMemory() };
    const log = createLog();
    const settings = watchSettings(storage.memento);
    const credentials = credentialStore(storage.secrets, settings, log);
    const kept = passwords(storage.secrets, storage.memento, log);
    const cloud = createCloud(settings, credentials, log);
    const list = new TaskList(cloud, settings, log);
    const place = { storage: vscode.Uri.file(path.join(folder, 'storage')), memento: storage.memento };
    const runs = new RunRegistry({ cloud, settings, passwords: kept }, place, log);
    const tree = new TasksProvider({ list, runs, settings, cloud, memento: storage.memento });
    const moving = moveSecrets(settings, kept, (id) => runs.reconnect(id), log);
    const connection = (id: string) => settings.current().connections.get(id) ?? assert.fail(id);
    const never = new AbortController().signal;
    const failing = async (doing: string, work: () => Promise<unknown>) => {
      const error: unknown = await work().then(
        () => null,
        (thrown: unknown) => thrown,
      );
      assert.ok(error, `${doing} should have failed`);
      showFailure(error, log, doing);
    };
    undo.push(async () => {
      moving.dispose();
      tree.dispose();
      list.dispose();
      await runs.dispose();
      settings.dispose();
    });

    await kept.keep(connection('kept'), secret['password kept']);
    await kept.keep(keyOf(connection('keyed')), secret['passphrase kept']);
    while (settings.current().secrets.length > 0) await next(settings.onDidChange);
    for (const id of ['kept', 'outside', 'url', 'pairs', 'keyed']) {
      await failing(`trying ${id}`, () => testConnection(connection(id), kept, never));
    }
    await kept.forget('keyed key');
    await failing('trying the passphrase of the environment', () => testConnection(connection('keyed'), kept, never));

    // every source of keys, answered by a service that repeats the key it got, and through a proxy that is not there
    const keysOf = {
      stored: 'key typed in',
      environment: 'key of the environment',
      profile: 'key of a profile',
      file: 'key of the file',
    } as const;
    await credentials.keep({ secretId: account.secretId, secretKey: secret['key typed in'] });
    for (const [source, key] of Object.entries(keysOf)) {
      const restore = await withSettings({ credentials: source });
      const repeating = { kind: 'error', code: 'InternalError', message: `bad key ${secret[key]}` } as const;
      const stop = service.control.faults.add({ action: 'DescribeMigrationJobs', fault: repeating });
      await failing(`keys ${source}`, async () => (await cloud.client()).listTasks(region, {}, never));
      stop();
      await restore();
    }
    const proxy = `http://me:${secret.proxy}@127.0.0.1:1`;
    environment({ HTTPS_PROXY: proxy, NO_PROXY: '' });
    const far = await withSettings({ endpointUrl: 'https://dts.invalid' });
    await credentials.keep({ secretId: account.secretId, secretKey: secret['key typed in'] });
    await failing('a proxy', async () => (await cloud.client()).listTasks(region, {}, never));
    await far();
    undo.push(await withSettings(settingsFor(service)));

    // a run with right keys over the same servers, the panel's pictures, the tree, the report
    await credentials.keep(account);
    const run = await runs.open(ref);
    const pictures = new Pictures();
    run.onChange((snapshot) => saw('page', pictures.next(snapshot)));
    const stopWatching = run.watch();
    while (run.snapshot().task === null) await next(runs.onDidChange);
    saw('answers', await run.perform({ kind: 'start' }, never));
    const failed = () =>
      (['source', 'target'] as const).every((side) => run.snapshot()[side].connection.state === 'failed');
    while (!failed()) await next(runs.onDidChange);
    saw('page', pictures.next(run.snapshot()), run.raw('source'), run.raw('target'));
    saw('answers', await run.perform({ kind: 'note', text: 'about this cutover' }, never));
    list.watch(() => [ref]);
    while (list.regions().every(({ tasks }) => tasks.size === 0)) await next(list.onDidChange);
    for (const group of tree.getChildren()) {
      for (const node of [group, ...tree.getChildren(group)]) {
        const { label, description, tooltip } = tree.getTreeItem(node);
        saw('tree', label, description, tooltip);
      }
    }
    for (const format of ['md', 'json'] as const) saw('report', await reportText(run, format));
    stopWatching();

    // an address that cannot be taken apart stays where the user wrote it, and is nowhere else
    const unreadable = `postgres://watch:${secret['password in an unreadable address']}@h/d?gssencmode=require`;
    const still = await withSettings({ connections: { odd: { ...at('odd'), address: unreadable } } });
    saw('messages', settings.current().problems, [...settings.current().connections]);
    await still();

    const config = vscode.workspace.getConfiguration('dtsCutover');
    saw('settings', config.inspect('connections'), config.inspect('taskConnections'));
    saw(
      'storage',
      storage.memento.keys().map((key) => [key, storage.memento.get(key)]),
    );
    for (const file of await filesBelow(path.join(folder, 'storage'))) saw('record', await readFile(file, 'utf8'));
    saw('processes', process.argv, process.execArgv, await commandLines());

    for (const where of [
      'messages',
      'log',
      'page',
      'answers',
      'tree',
      'report',
      'settings',
      'storage',
      'record',
      'processes',
    ]) {
      const texts = (seen.get(where) ?? []).join('\n');
      assert.ok(texts.length > 2, `nothing was searched in ${where}`);
      const found = PLACES.filter(
        (name) => texts.includes(secret[name]) || texts.includes(encodeURIComponent(secret[name])),
      );
      assert.deepEqual(found, [], `in ${where}`);
    }
    assert.match((seen.get('messages') ?? []).join(' '), /no entry for …/, 'the server’s words are shown without them');
  });

  async function filesBelow(root: string): Promise<string[]> {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  }

  /** Of every process of this machine that may be looked at. */
  async function commandLines(): Promise<string[]> {
    const ids = (await readdir('/proc').catch((): string[] => [])).filter((name) => /^\d+$/.test(name));
    return Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  }
});
