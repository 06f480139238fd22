import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import type { DtsService } from '../../sandbox/dts/service.ts';
import type { Node } from '../../src/host/tasksView/nodes.ts';
import { viewState } from '../../src/host/tasksView/welcome.ts';
import {
  account,
  next,
  powerless,
  region,
  settingsFor,
  startService,
  task,
  viewParts,
  withSettings,
} from './support/parts.ts';
import type { ViewParts } from './support/parts.ts';

const ready = { phase: 'incremental', gapMb: 0, lagSeconds: 0 } as const;

describe('the Tasks view', () => {
  let service: DtsService;
  let parts: ViewParts;
  let restore: () => Promise<void>;
  const cleanUps: (() => Promise<void>)[] = [];

  async function open(tasks: Parameters<typeof startService>[0], keys = account, regions = [region]) {
    service = await startService(tasks);
    restore = await withSettings(settingsFor(service, regions));
    parts = viewParts(keys);
    cleanUps.push(async () => {
      await parts.dispose();
      await restore();
      await service.stop();
    });
  }
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  });

  const roots = () => parts.provider.getChildren();
  const group = (label: string) => {
    const found = roots().find((node) => node.kind === 'group' && node.label === label);
    assert.ok(found?.kind === 'group', `there is no group ${label}`);
    return found;
  };
  const item = (node: Node | undefined): vscode.TreeItem => {
    assert.ok(node);
    return parts.provider.getTreeItem(node);
  };
  const groupLabels = () => roots().flatMap((node) => (node.kind === 'group' ? [node.label] : []));
  const rowsOf = (label: string) => parts.provider.getChildren(group(label));
  const calls = (action: string) => service.control.calls.filter((call) => call.action === action);
  const state = () => viewState(parts.list.regions());

  it('puts what needs the user first, with gap and lag of a task that can be completed', async () => {
    await open([
      task('dts-done', { phase: 'finished' }),
      task('dts-ready', ready),
      task('dts-copy', { phase: 'full', percent: 40 }),
      task(
        'dts-broken',
        { phase: 'failed', error: { message: 'it *broke*', solution: 'mend it' } },
        { status: 'failed' },
      ),
    ]);
    const watch = parts.list.watch(() => parts.provider.wanted());
    await parts.list.refresh();
    assert.deepEqual(groupLabels(), ['Needs you', 'Migrating', 'Done', 'Failed']);
    const row = item(rowsOf('Needs you')[0]);
    assert.equal(row.label, 'name of dts-ready');
    assert.equal(row.description, 'mysql → mysql · gap 0 MB · lag 0 s');
    assert.equal(row.contextValue, 'task:readyComplete:mysql');
    watch.dispose();
  });

  it('never shows a missing gap as zero', async () => {
    await open([
      task('dts-ready', { phase: 'incremental', gapMb: null, lagSeconds: null }, { status: 'readyComplete' }),
    ]);
    parts.list.watch(() => parts.provider.wanted());
    await parts.list.refresh();
    assert.equal(item(rowsOf('Needs you')[0]).description, 'mysql → mysql · gap: no valid value · lag: no valid value');
  });

  it('shows names and messages from outside as plain text', async () => {
    await open([
      task(
        'dts-evil',
        { phase: 'failed', error: { message: '[x](command:evil) $(flame)', solution: '' } },
        { name: '**b** | <img src=x>', status: 'failed' },
      ),
    ]);
    await parts.list.refresh();
    const [node] = rowsOf('Failed');
    assert.ok(node);
    const { tooltip } = parts.provider.resolveTreeItem(item(node), node);
    assert.ok(tooltip && typeof tooltip === 'object');
    assert.equal(tooltip.isTrusted, undefined);
    assert.ok(tooltip.value.includes('\\*\\*b\\*\\*'), tooltip.value);
    assert.ok(!tooltip.value.includes('](command:'), tooltip.value);
  });

  it('asks for the detail of no task that nobody looks at', async () => {
    await open([
      ...Array.from({ length: 300 }, (_, index) => task(`dts-copy${index}`)),
      task('dts-ready1', ready),
      task('dts-ready2', ready),
    ]);
    parts.list.watch(() => parts.provider.wanted());
    await parts.list.refresh();
    assert.deepEqual(
      new Set(calls('DescribeMigrationDetail').map(({ jobId }) => jobId)),
      new Set(['dts-ready1', 'dts-ready2']),
    );
    assert.equal(calls('DescribeMigrationJobs').length, 4);
  });

  it('reads the steps of a task whose row is opened, once', async () => {
    await open([task('dts-copy', { phase: 'full', percent: 40 })]);
    await parts.list.refresh();
    const [row] = rowsOf('Migrating');
    assert.ok(row);
    parts.provider.toggled(row, true);
    assert.ok(parts.provider.getChildren(row).some(({ kind }) => kind === 'loading'));
    parts.provider.getChildren(row);
    await next(parts.list.onDidChange);
    while (parts.provider.getChildren(row).some(({ kind }) => kind === 'loading')) await next(parts.list.onDidChange);
    const steps = parts.provider.getChildren(row).filter(({ kind }) => kind === 'step');
    assert.ok(steps.length > 0);
    assert.equal(calls('DescribeMigrationDetail').length, 1);
  });

  it('does not ask again and again for a detail that fails', async () => {
    await open([task('dts-copy')]);
    await parts.list.refresh();
    service.control.faults.add({
      action: 'DescribeMigrationDetail',
      fault: { kind: 'error', code: 'ResourceNotFound.JobNotExist', message: 'gone' },
    });
    const [row] = rowsOf('Migrating');
    assert.ok(row);
    parts.provider.getChildren(row);
    while (!parts.list.detailFailure({ region, jobId: 'dts-copy' })) await next(parts.list.onDidChange);
    const asked = calls('DescribeMigrationDetail').length;
    const loading = parts.provider.getChildren(row).find(({ kind }) => kind === 'loading');
    const { label } = item(loading);
    assert.match(typeof label === 'string' ? label : '', /dts-copy/);
    assert.equal(calls('DescribeMigrationDetail').length, asked);
  });

  it('shows a screenful of a long group and the rest on demand', async () => {
    await open(Array.from({ length: 450 }, (_, index) => task(`dts-copy${index}`)));
    await parts.list.refresh();
    assert.equal(rowsOf('Migrating').length, 201);
    assert.deepEqual(rowsOf('Migrating').at(-1), { kind: 'more', group: 'migrating', left: 250 });
    parts.provider.showMore('migrating');
    assert.equal(rowsOf('Migrating').length, 401);
    parts.provider.showMore('migrating');
    assert.equal(rowsOf('Migrating').length, 450);
  });

  it('filters by every word, and groups by region or engine', async () => {
    const postgres = { databaseType: 'postgresql', accessType: 'extranet', region, nodes: [{ host: 'pg.example' }] };
    await open([task('dts-a'), task('dts-b', ready, { source: postgres, target: postgres })]);
    await parts.list.refresh();
    parts.provider.filter = 'dts-b  PG.EXAMPLE';
    assert.deepEqual(groupLabels(), ['Needs you']);
    parts.provider.filter = 'no such thing';
    assert.deepEqual(groupLabels(), []);
    parts.provider.filter = '';
    await parts.provider.setGrouping('engine');
    assert.deepEqual(groupLabels(), ['mysql', 'postgresql']);
    await parts.provider.setGrouping('region');
    assert.deepEqual(groupLabels(), [region]);
  });

  it('shows a status it has never seen as itself, among what needs the user', async () => {
    await open([task('dts-new', {}, { status: 'hibernating' })]);
    await parts.list.refresh();
    assert.match(String(item(rowsOf('Needs you')[0]).description), /hibernating/);
  });

  for (const [what, keys, expected] of [
    ['an unknown key', { ...account, secretId: 'AKIDnobody' }, 'badKeys'],
    ['a key that does not fit', { ...account, secretKey: 'wrong' }, 'badKeys'],
    ['a key without the right', powerless, 'denied'],
  ] as const) {
    it(`welcomes ${what} with the way out`, async () => {
      await open([task('dts-a')], keys);
      await parts.list.refresh();
      assert.equal(state(), expected);
      assert.deepEqual(roots(), []);
    });
  }

  it('says that there is no task, or no region, or no service', async () => {
    await open([]);
    await parts.list.refresh();
    assert.equal(state(), 'noTasks');
    const url = service.url;
    await service.stop();
    parts.list.reset();
    await parts.list.refresh();
    assert.equal(state(), 'unreachable');
    cleanUps.push(await withSettings({ endpointUrl: url, regions: [] }));
    assert.equal(state(), 'noRegions');
  });

  it('shows a throttled service as a row with the sentence', async () => {
    await open([task('dts-a')]);
    service.control.faults.add({ fault: { kind: 'error', code: 'RequestLimitExceeded', message: 'slow down' } });
    await parts.list.refresh();
    assert.equal(state(), 'rows');
    const failure = roots().find(({ kind }) => kind === 'failure');
    assert.equal(item(failure).label, region);
    assert.match(String(item(failure).description), /limits how often/);
  });

  it('keeps the other regions, and marks what is from an earlier reading', async () => {
    const elsewhere = 'ap-beijing';
    await open([task('dts-a'), task('dts-b', {}, { region: elsewhere })], account, [region, elsewhere]);
    await parts.list.refresh();
    service.control.faults.add({
      region: elsewhere,
      fault: { kind: 'error', code: 'InternalError.InternalError', message: 'no' },
    });
    await parts.list.refresh();
    const failures = roots().flatMap((node) => (node.kind === 'failure' ? [node.region] : []));
    assert.deepEqual(failures, [elsewhere]);
    const descriptions = new Map(
      parts.list
        .regions()
        .flatMap(({ tasks }) => [...tasks.values()])
        .map(({ ref }) => [ref.jobId, String(item({ kind: 'task', ref }).description)]),
    );
    assert.match(descriptions.get('dts-b') ?? '', /as of \d/);
    assert.doesNotMatch(descriptions.get('dts-a') ?? '', /as of/);
  });

  it('lets a task go that has vanished', async () => {
    await open([task('dts-a'), task('dts-b')]);
    await parts.list.refresh();
    service.control.removeTask('dts-a');
    await parts.list.refresh();
    assert.deepEqual(
      rowsOf('Migrating').map((node) => (node.kind === 'task' ? node.ref.jobId : node.kind)),
      ['dts-b'],
    );
  });

  it('asks nothing once nobody watches, and leaves no connection', async () => {
    await open([task('dts-a')]);
    cleanUps.push(await withSettings({ refreshInterval: 5 }));
    const watch = parts.list.watch(() => []);
    await parts.list.refresh();
    watch.dispose();
    const asked = service.control.calls.length;
    await parts.list.refresh();
    assert.equal(service.control.calls.length, asked + 1, 'a refresh by hand still works');
    await parts.dispose();
    await service.control.disconnected();
    assert.equal(service.control.openConnections(), 0);
  });
});
