import assert from 'node:assert/strict';
import { build, type Metafile } from 'esbuild';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { bundles } from '../../scripts/bundles.ts';
import { ALLOWED, bundledPackages } from '../../scripts/notices.ts';
import { packagedFiles, packageExtension } from '../../scripts/package.ts';
import { inRepository, repository } from '../../scripts/paths.ts';
import { manifest } from './manifest.ts';

describe('the bundles', () => {
  const all = bundles({ production: true });

  /** The packages whose code is in a bundle. */
  async function packagesIn(entry: string): Promise<Set<string>> {
    const options = all.get(entry);
    assert.ok(options, `${entry} is no bundle`);
    const { metafile } = await build({ ...options, write: false, metafile: true });
    return new Set(inputs(metafile).flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []));
  }
  const inputs = ({ outputs }: Metafile) => Object.values(outputs).flatMap((output) => Object.keys(output.inputs));

  it('activation carries no driver, no SDK and nothing of the panel', async () => {
    const found = await packagesIn('src/extension.ts');
    const lazy = ['pg', 'mysql2', 'mssql', 'tedious', 'mongodb', 'bson', 'tencentcloud-sdk-nodejs', 'lit', 'uplot'];
    assert.deepEqual(
      lazy.filter((name) => found.has(name)),
      [],
    );
  });

  const carriers = {
    'src/engines/postgres/index.ts': 'pg',
    'src/engines/mysql/index.ts': 'mysql2',
    'src/engines/sqlserver/index.ts': 'mssql',
    'src/engines/mongodb/index.ts': 'mongodb',
    'src/dts/client.ts': 'tencentcloud-sdk-nodejs',
  };
  for (const [entry, name] of Object.entries(carriers)) {
    it(`${name} comes in the bundle of ${entry}, if there is one`, async () => {
      if (existsSync(inRepository(entry))) return assert.ok((await packagesIn(entry)).has(name));
      // Nobody may load what is not there.
      const load = await readFile(inRepository('src/engines/load.ts'), 'utf8');
      assert.doesNotMatch(load, new RegExp(entry.replace('src/engines/', '')));
    });
  }
});

describe('the package', () => {
  let folder: string;
  let size: number;
  let files: string[];
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dts-cutover-vsix-'));
    size = (await stat(await packageExtension(path.join(folder, 'test.vsix')))).size;
    files = await packagedFiles();
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('is under 3 MB', () => {
    assert.ok(size < 3 * 1024 * 1024, `${size} bytes`);
  });

  it('holds what it needs', () => {
    const main = path.posix.normalize(manifest.main);
    const texts = ['package.nls.json', 'package.nls.zh-cn.json', 'l10n/bundle.l10n.zh-cn.json'];
    const needed = [
      'package.json',
      'README.md',
      'LICENSE',
      'dist/THIRD_PARTY_NOTICES.txt',
      'media/icon.png',
      main,
      'dist/webview/codicon.ttf',
      ...texts,
    ];
    const panel = existsSync(inRepository('src/webview/panel.ts')) ? ['dist/webview/panel.js'] : [];
    assert.deepEqual(
      [...needed, ...panel].filter((file) => !files.includes(file)),
      [],
    );
  });

  it('holds nothing else: no source, no test, no map, no key', () => {
    const expected =
      /^(package(\.nls(\.zh-cn)?)?\.json|README\.md|CHANGELOG\.md|LICENSE|l10n\/bundle\.l10n\.[\w-]+\.json|media\/.+\.(svg|png|md)|dist\/(engines\/)?\w+\.cjs|dist\/THIRD_PARTY_NOTICES\.txt|dist\/webview\/\w+\.(js|css|ttf))$/;
    assert.deepEqual(
      files.filter((file) => !expected.test(file)),
      [],
    );
  });

  it('brings the licence of every package that is in it, and none that we may not ship', async () => {
    const built = await Promise.all(
      [...bundles({ production: true }).values()].map((options) => build({ ...options, write: false, metafile: true })),
    );
    const packages = await bundledPackages(built.map(({ metafile }) => metafile));
    assert.ok(packages.length > 50, `${packages.length} packages`);
    const refused = packages.filter(({ license }) => !ALLOWED.has(license));
    assert.deepEqual(
      refused.map(({ name, license }) => `${name}: ${license || 'says nothing'}`),
      [],
    );
    const notices = await readFile(inRepository('dist/THIRD_PARTY_NOTICES.txt'), 'utf8');
    for (const { name, version, text } of packages) {
      assert.ok(notices.includes(`\n${name} ${version}\n`), `${name} ${version} is not named`);
      assert.ok(notices.includes(text), `the words of ${name}'s licence are missing`);
    }
  });

  it('tells nothing of the machine it was built on', async () => {
    for (const file of files.filter((name) => /\.(cjs|js|json|css|md)$/.test(name))) {
      const text = await readFile(inRepository(file), 'utf8');
      assert.ok(!text.includes(repository), `${file} names ${repository}`);
      if (homedir().length > '/root'.length) assert.ok(!text.includes(homedir()), `${file} names ${homedir()}`);
      assert.doesNotMatch(text, /\bAKID[0-9A-Za-z]{32}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----[\r\n]+[\w+/=]{40}/, file);
    }
  });
});
