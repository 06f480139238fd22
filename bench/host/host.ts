/**
 * The extension as a user gets it: built for production, packed, installed into the real VS Code of the tests, against
 * the local DTS service with 1,000 tasks in five regions.
 */
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decorativeTasks, DECORATIVE_REGIONS } from '../../sandbox/dts/decorative.ts';
import { startDtsService, type DtsService } from '../../sandbox/dts/service.ts';
import { packagedFiles, packageExtension } from '../../scripts/package.ts';
import { inRepository } from '../../scripts/paths.ts';
import { readActivation, type Activation } from './activation.ts';
import { machine, table, type Row } from './figures.ts';
import { rowsOnScreen, treeTimes, watchPictures, watchTree, type PictureTimes } from './inPage.ts';
import { requireTimes, type Load } from './load.ts';
import type { HostMemory } from './probe.ts';
import { bundleProbe, openWindow, type Window, type WindowOptions } from './window.ts';

const MEASURED = 'dts-cutover.dts-cutover';
const STARTS = 5;
const LOADS = 15;
const TASKS = 1000;
const PICTURES = 12;

const account = {
  secretId: 'AKIDbenchmark0001',
  secretKey: 'benchmark-secret-key-0001',
  uin: '100000000001',
  permissions: 'full',
} as const;

export async function benchHost(): Promise<void> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  say(machine());
  const folder = await mkdtemp(path.join(tmpdir(), 'dts-cutover-bench-'));
  const service = await startDtsService({ accounts: [account], tasks: decorativeTasks(TASKS) });
  try {
    say('Building and packing …');
    const vsix = await packageExtension(path.join(folder, 'dts-cutover.vsix'));
    const sizes = await measureSizes(vsix);
    const loads = await measureLoads();
    const options = await windowOptions(folder, service);
    say('Starting VS Code without the extension …');
    const alone = { ...options, dataFolder: path.join(folder, 'without') };
    await measureWithout(alone); // the first start of an installation does more than any later one
    const without = await measureWithout(alone);
    const starts: Start[] = [];
    for (let start = 1; start <= STARTS; start++) {
      say(`Starting VS Code with it, ${start} of ${STARTS} …`);
      const install = start === 1 ? { install: vsix } : {};
      starts.push(await measureStart({ ...options, ...install }, service, start === STARTS));
    }
    say(`\nVS Code ${starts[0]?.vscode}, ${machine()}\n`);
    say(table([...activationRows(starts, loads), ...treeRows(starts), ...memoryRows(starts, without)]));
    say(`\n${table(sizes)}\n`);
    for (const { activation, requests, reloaded } of starts) {
      say(`activated by ${activation.event}; requests ${text(requests)}; after a reload by ${reloaded.event}`);
    }
  } finally {
    await service.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function windowOptions(folder: string, service: DtsService): Promise<WindowOptions> {
  const dataFolder = path.join(folder, 'with');
  for (const name of ['with', 'without']) await mkdir(path.join(folder, name));
  return {
    dataFolder,
    probe: await bundleProbe(path.join(folder, 'probe')),
    settings: {
      'dtsCutover.endpoint': 'custom',
      'dtsCutover.endpointUrl': service.url,
      'dtsCutover.regions': DECORATIVE_REGIONS,
      'dtsCutover.credentials': 'environment',
    },
    env: { TENCENTCLOUD_SECRET_ID: account.secretId, TENCENTCLOUD_SECRET_KEY: account.secretKey },
  };
}

// ------------------------------------------------------------ measuring

async function measureSizes(vsix: string): Promise<Row[]> {
  const kilobytes = async (file: string) => (await stat(file)).size / 1024;
  const rows: Row[] = [{ what: 'the .vsix', unit: 'KB', values: [await kilobytes(vsix)], target: 3 * 1024 }];
  for (const file of (await packagedFiles()).filter((name) => /^dist\/.*\.(cjs|js|css|ttf)$/.test(name)).sort()) {
    rows.push({ what: file, unit: 'KB', values: [await kilobytes(inRepository(file))] });
  }
  return rows;
}

const LOADED = ['extension.cjs', 'credentials.cjs', 'dts.cjs'] as const;
type Loads = Readonly<Record<(typeof LOADED)[number], readonly Load[]>>;

async function measureLoads(): Promise<Loads> {
  const [extension, credentials, dts] = [
    await requireTimes('extension.cjs', LOADS),
    await requireTimes('credentials.cjs', LOADS),
    await requireTimes('dts.cjs', LOADS),
  ];
  return { 'extension.cjs': extension, 'credentials.cjs': credentials, 'dts.cjs': dts };
}

/** The extension host with nothing of ours in it but the probe. */
async function measureWithout(options: WindowOptions): Promise<HostMemory> {
  const window = await openWindow(options);
  try {
    await window.performance(); // as with it, so that the same parts of VS Code are loaded
    return await window.memory();
  } finally {
    await window.stop();
  }
}

interface Requests {
  readonly list: number;
  readonly detail: number;
  readonly other: number;
}

interface Start {
  readonly vscode: string;
  readonly activation: Activation;
  /** from the press on the icon to the first row, the first task, the answer of the last page; milliseconds */
  readonly firstRow: number;
  readonly firstTask: number;
  readonly lastPage: number;
  readonly rows: number;
  readonly requests: Requests;
  readonly closed: HostMemory;
  readonly opened: HostMemory;
  /** the window loaded again with the view open: from the start of loading to the first task */
  readonly reloadedTask: number;
  readonly reloaded: Activation;
  readonly pictures: readonly PictureTimes[];
}

async function measureStart(options: WindowOptions, service: DtsService, withPanel: boolean): Promise<Start> {
  const window = await openWindow(options);
  try {
    await window.active();
    const activation = await readActivationOf(window);
    const closed = await window.memory();
    const before = service.control.calls.length;
    await watchTree(window.page);
    await window.page.locator('.activitybar').getByRole('tab', { name: 'DTS Cutover' }).click();
    const { pressedAt, firstRowAt, firstTaskAt } = await treeTimes(window.page);
    const pressed = pressedAt ?? NaN;
    await quiet(service);
    const calls = service.control.calls.slice(before);
    const rows = await rowsOnScreen(window.page);
    const opened = await window.memory();

    await window.reload();
    const again = await treeTimes(window.page);
    await window.active();
    const reloaded = await readActivationOf(window);
    const pictures = withPanel ? await measurePanel(window) : [];
    return {
      vscode: window.vscode,
      activation,
      firstRow: firstRowAt - pressed,
      firstTask: firstTaskAt - pressed,
      lastPage: Math.max(...calls.filter(({ action }) => action === LIST).map(({ at }) => at)) - pressed,
      rows,
      requests: count(calls),
      closed,
      opened,
      reloadedTask: again.firstTaskAt - again.loadedAt,
      reloaded,
      pictures,
    };
  } finally {
    await window.stop();
  }
}

async function readActivationOf(window: Window): Promise<Activation> {
  return readActivation(await window.performance(), MEASURED);
}

async function measurePanel(window: Window): Promise<PictureTimes[]> {
  await window.openPanel();
  return watchPictures(window.page, PICTURES);
}

const LIST = 'DescribeMigrationJobs';

function count(calls: DtsService['control']['calls']): Requests {
  const of = (wanted: string) => calls.filter(({ action }) => action === wanted).length;
  const [list, detail] = [of(LIST), of('DescribeMigrationDetail')];
  return { list, detail, other: calls.length - list - detail };
}

/** Resolves when the service has not been asked for a second: the reading is over, the next one is not due yet. */
async function quiet(service: DtsService): Promise<void> {
  for (let seen = -1; seen !== service.control.calls.length;) {
    seen = service.control.calls.length;
    await new Promise((wake) => setTimeout(wake, 1000));
  }
}

// ------------------------------------------------------------ printing

function activationRows(starts: readonly Start[], loads: Loads): Row[] {
  const of = (read: (activation: Activation) => number) => starts.map(({ activation }) => read(activation));
  return [
    { what: 'activation in VS Code, all of it', unit: 'ms', values: of(({ total }) => total), target: 50 },
    { what: '… loading extension.cjs', unit: 'ms', values: of(({ load }) => load) },
    { what: '… activate()', unit: 'ms', values: of(({ call, finish }) => call + finish) },
    {
      what: 'the same in a window that is loaded again',
      unit: 'ms',
      values: starts.map(({ reloaded }) => reloaded.total),
    },
    ...LOADED.flatMap((bundle): Row[] => [
      { what: `require() of ${bundle} in plain Node.js`, unit: 'ms', values: loads[bundle].map(({ wall }) => wall) },
      { what: '… processor time', unit: 'ms', values: loads[bundle].map(({ processor }) => processor) },
    ]),
  ];
}

function treeRows(starts: readonly Start[]): Row[] {
  const of = (read: (start: Start) => number) => starts.map(read);
  return [
    { what: 'view opened → first row', unit: 'ms', values: of(({ firstRow }) => firstRow) },
    {
      what: `view opened → first of ${TASKS} tasks`,
      unit: 'ms',
      values: of(({ firstTask }) => firstTask),
      target: 1000,
    },
    { what: 'view opened → last page asked for', unit: 'ms', values: of(({ lastPage }) => lastPage) },
    { what: 'window loaded again → first task', unit: 'ms', values: of(({ reloadedTask }) => reloadedTask) },
    { what: 'requests for list pages', unit: '', values: of(({ requests }) => requests.list) },
    {
      what: 'requests for details (beside: rows on screen)',
      unit: '',
      values: of(({ requests }) => requests.detail),
      beside: starts[0]?.rows,
    },
    { what: 'other requests', unit: '', values: of(({ requests }) => requests.other) },
  ];
}

function memoryRows(starts: readonly Start[], without: HostMemory): Row[] {
  const rows = starts.flatMap(({ pictures }) => pictures);
  const times = (what: string, read: (times: PictureTimes) => number): Row[] =>
    rows.length > 0 ? [{ what, unit: 'ms', values: rows.map(read) }] : [];
  return [
    {
      what: 'heap of the extension host, view closed (beside: without us)',
      unit: 'MB',
      values: starts.map(({ closed }) => closed.heapMb),
      beside: without.heapMb,
    },
    {
      what: 'heap of the extension host, view open',
      unit: 'MB',
      values: starts.map(({ opened }) => opened.heapMb),
      beside: without.heapMb,
    },
    {
      what: 'resident size, view open',
      unit: 'MB',
      values: starts.map(({ opened }) => opened.residentMb),
      beside: without.residentMb,
    },
    ...times('5,000 sessions: picture made → in the panel', ({ takenAt, arrivedAt }) => arrivedAt - takenAt),
    ...times('5,000 sessions: … → checked and rendered', ({ takenAt, renderedAt }) => renderedAt - takenAt),
    ...times('5,000 sessions: … → drawn', ({ takenAt, drawnAt }) => drawnAt - takenAt),
  ];
}

const text = ({ list, detail, other }: Requests) => `${list} list, ${detail} detail, ${other} other`;
