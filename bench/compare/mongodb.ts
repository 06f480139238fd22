/**
 * Comparing documents, measured at the host, which does the hashing: its processor time, memory and event loop. The
 * servers are the sandbox's own, two processes on this machine, so seconds say nothing about a mongod.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Binary, Double, type Db, type Document } from 'mongodb';
import { startMongod, type Mongod } from '../../sandbox/mongod.ts';
import type { Outcome, Task } from './mongodbHost.ts';

const HOST = fileURLToPath(new URL('./mongodbHost.ts', import.meta.url));
const DATABASE = 'lab';
const BYTES_AT_A_TIME = 8_000_000;

export async function benchMongodb(rows: number): Promise<void> {
  const servers = await Promise.all([startMongod(), startMongod()]);
  try {
    const [source, target] = await Promise.all(servers.map(async (server) => (await server.client()).db(DATABASE)));
    if (!source || !target) return;
    const [mine = '', theirs = ''] = servers.map(urlOf);
    await measure({ source, target, urls: { source: mine, target: theirs } }, rows);
    await Promise.all([source.client.close(), target.client.close()]);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

interface Lab {
  readonly source: Db;
  readonly target: Db;
  readonly urls: { readonly source: string; readonly target: string };
}

const urlOf = ({ host, port }: Mongod) => `mongodb://root:sandbox@${host}:${port}/${DATABASE}?authSource=admin`;

async function measure(lab: Lab, rows: number): Promise<void> {
  print(`\nThe sandbox's own MongoDB servers; load ${loadavg()[0]?.toFixed(1) ?? ''}\n`);
  print('| | documents/s of processor time | MB more | longest turn, ms | late, ms | s on the wall |');
  print('|---|---:|---:|---:|---:|---:|');
  await fill(lab.source, 'orders', rows, (i) => order(i, 0));
  await fill(lab.target, 'orders', rows, (i) => order(i, 0));
  const size = rows.toLocaleString('en');
  await show(lab, `${size} of 300 bytes, equal, 1 worker`, { workers: 1 }, 0);
  await show(lab, `${size}, equal, 2 workers`, {}, 0);
  await show(lab, `${size}, cancelled half way`, { cancelAfter: rows / 2 }, null);
  for (const differing of [100, 10_000]) {
    if (differing > rows) continue;
    await plant(lab.target, rows, differing, 1);
    await show(lab, `${size}, ${differing.toLocaleString('en')} differ`, {}, differing);
    await plant(lab.target, rows, differing, 0);
  }
  await lab.target.dropCollection('orders');
  await fill(lab.target, 'orders', rows, (i) => order(i, 1));
  await show(lab, `${size}, all differ`, {}, rows);
  await Promise.all([lab.source.dropCollection('orders'), lab.target.dropCollection('orders')]);
  for (const [name, { about, count, make }] of Object.entries(UNUSUAL)) {
    await fill(lab.source, name, count, (i) => make(i, 0));
    await fill(lab.target, name, count, (i) => make(i, 1));
    await show(lab, `${count.toLocaleString('en')} ${about}, all differ`, { collection: name }, count);
    await Promise.all([lab.source.dropCollection(name), lab.target.dropCollection(name)]);
  }
}

/** About 300 bytes. */
const order = (i: number, version: number): Document => ({
  _id: i,
  customer: `customer ${(i * 7919) % 100_003}`,
  at: new Date(1_600_000_000_000 + i * 1000),
  lines: [...Array(1 + (i % 4)).keys()].map((n) => ({ sku: `sku-${(i + n) % 1000}`, count: n + 1, price: i * 0.01 })),
  address: { street: `street ${i % 977}`, city: ['上海', 'Wien', 'Lima'][i % 3], floor: i % 13 },
  note: i % 3 === 0 ? null : 'n'.repeat(40),
  version,
});

interface Unusual {
  readonly about: string;
  readonly count: number;
  readonly make: (i: number, version: number) => Document;
}

const UNUSUAL: Readonly<Record<string, Unusual>> = {
  large: {
    about: 'of 1 to 15 MB',
    count: 30,
    make: (i, version) => ({ _id: i, body: new Binary(Buffer.alloc((1 + (i % 15)) * 1_000_000, i)), version }),
  },
  texts: {
    about: 'with 20 texts of 0.5 MB',
    count: 20,
    make: (_id, version) => ({
      _id,
      ...Object.fromEntries([...Array(20).keys()].map((i) => [`text${i}`, '字'.repeat(170_000)])),
      version,
    }),
  },
  sudden: {
    about: 'small, but 20 of 10 MB one after the other',
    count: 10_000,
    make: (_id, version) => ({
      ...{ _id, version },
      ...(_id >= 5_000 && _id < 5_020 ? { body: new Binary(Buffer.alloc(10_000_000, _id % 250)) } : {}),
    }),
  },
  arrays: {
    about: 'with 100,000 numbers',
    count: 20,
    make: (i, version) => ({ _id: i, numbers: [...Array(100_000).keys()].map((n) => new Double(n + i)), version }),
  },
  fields: {
    about: 'with 50,000 fields',
    count: 10,
    make: (_id, version) => ({
      _id,
      ...Object.fromEntries([...Array(50_000).keys()].map((i) => [`f${i}`, i])),
      version,
    }),
  },
  nested: {
    about: '100 levels deep',
    count: 2_000,
    make: (_id, version) => ({
      _id,
      v: [...Array(100).keys()].reduce<Document>((inner, level) => ({ inner, list: [level, 'x'] }), { version }),
    }),
  },
};

async function show(lab: Lab, what: string, change: Partial<Task>, expected: number | null): Promise<void> {
  const { usage, documents, differences, cancelled, why } = await inAProcess({
    ...{ ...lab.urls, collection: 'orders', workers: 2, cancelAfter: null },
    ...change,
  });
  if (expected !== null && differences !== expected) {
    throw new Error(`${what}: ${String(differences)} differences found, ${expected} planted${why}`);
  }
  const cells = [
    what + (cancelled === null ? '' : `: over after ${cancelled.toFixed(0)} ms`),
    (documents / usage.spent).toLocaleString('en', { maximumSignificantDigits: 3 }),
    usage.grown.toFixed(0),
    usage.longestTurn.toFixed(0),
    usage.late.toFixed(0),
    usage.seconds.toFixed(1),
  ];
  print(`| ${cells.join(' | ')} |`);
}

async function inAProcess(task: Task): Promise<Outcome> {
  const args = ['--import=tsx', HOST, JSON.stringify(task)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const said = await text(child.stdout);
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`The comparing process ended with ${String(code)}.`);
  return JSON.parse(said) as Outcome;
}

async function fill(db: Db, name: string, count: number, make: (i: number) => Document): Promise<void> {
  const collection = db.collection(name);
  let some: Document[] = [];
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    const document = make(i);
    some.push(document);
    bytes += document['body'] instanceof Binary ? document['body'].length() : 300 * Object.keys(document).length;
    if (bytes < BYTES_AT_A_TIME && some.length < 5_000 && i < count - 1) continue;
    await collection.insertMany(some);
    [some, bytes] = [[], 0];
  }
}

/** Gives about `count` orders, spread evenly, another version. */
async function plant(db: Db, rows: number, count: number, version: number): Promise<void> {
  const ids = [...Array(count).keys()].map((i) => Math.floor((i * rows) / count));
  await db.collection('orders').bulkWrite(
    ids.map((_id) => ({ updateOne: { filter: { _id: _id as never }, update: { $set: { version } } } })),
    { ordered: false },
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
