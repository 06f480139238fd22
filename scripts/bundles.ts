import { cp, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';
import { inRepository } from './paths.ts';

/**
 * Modules that are loaded on first use, each with what it alone needs (a driver, the SDK): a dynamic import of one of
 * them stays an import, of a bundle of its own, so that activation pays for none of it. Module → bundle under dist/.
 */
const lazyBundles: Readonly<Record<string, string>> = {
  'src/engines/postgres/index.ts': 'engines/postgres',
  'src/engines/mysql/index.ts': 'engines/mysql',
  'src/engines/sqlserver/index.ts': 'engines/sqlserver',
  'src/engines/mongodb/index.ts': 'engines/mongodb',
  'src/dts/client.ts': 'dts',
  'src/dts/credentials.ts': 'credentials',
};

/** Optional natives and extras of the drivers: they ask for them in a try block and do without. */
const absent = [
  'pg-native',
  'kerberos',
  'snappy',
  'mongodb-client-encryption',
  '@mongodb-js/zstd',
  'gcp-metadata',
  '@aws-sdk/credential-providers',
  'socks',
  'aws4',
  'cardinal',
  'encoding',
];

/**
 * Logins through Microsoft Entra and column keys in Azure's vault are not offered, yet tedious requires their packages
 * when it is loaded (a megabyte). An empty module satisfies it.
 */
const unused = ['@azure/identity', '@azure/keyvault-keys', '@azure/core-auth'];

/**
 * The same below the SDK, for 400 KB, but of use to others (MongoDB's addresses): package → who does without. node-fetch
 * wants a URL for a Node.js that has none, mime-types the types of files to be uploaded.
 */
const unusedBy: ReadonlyMap<string, string> = new Map([
  ['whatwg-url', 'node-fetch'],
  ['mime-db', 'mime-types'],
]);

const dist = inRepository('dist');

/** `bundle` is where the importing code ends up: the import is written as seen from there. */
const lazyImports = (bundle: string): Plugin => ({
  name: 'lazy-imports',
  setup(build) {
    build.onResolve({ filter: /^\.{1,2}\// }, ({ kind, path: request, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const module = path.relative(inRepository(), path.resolve(resolveDir, request));
      const wanted = lazyBundles[posix(module)];
      if (!wanted) return undefined;
      const relative = posix(path.relative(path.dirname(bundle), wanted));
      return { path: `${relative.startsWith('.') ? '' : './'}${relative}.cjs`, external: true };
    });
  },
});

const posix = (file: string) => file.split(path.sep).join('/');

const unusedPackages: Plugin = {
  name: 'unused-packages',
  setup(build) {
    const filter = new RegExp(`^(${unused.join('|')})$`);
    const empty = (name: string) => ({ path: name, namespace: 'unused' });
    build.onResolve({ filter }, ({ path: name }) => empty(name));
    build.onResolve({ filter: new RegExp(`^(${[...unusedBy.keys()].join('|')})$`) }, ({ path: name, importer }) =>
      posix(importer).includes(`/node_modules/${unusedBy.get(name)}/`) ? empty(name) : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};

/**
 * An import of a CommonJS module becomes a copy of it, name by name, in every file that has one: of VS Code's API, with
 * its hundreds of names, that was half of what loading the extension cost. A plain require takes the API as it is.
 */
const plainVsCode: Plugin = {
  name: 'plain-vscode',
  setup(build) {
    const filter = /[\\/]src[\\/](host[\\/].*|extension)\.ts$/;
    build.onLoad({ filter }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8');
      const wanted = "import * as vscode from 'vscode';";
      return { contents: source.replace(wanted, "import vscode = require('vscode');"), loader: 'ts' };
    });
  },
};

export interface BundleSettings {
  /** minified, without source maps: what is packaged */
  readonly production: boolean;
}

/** Every bundle by its entry point, given from the root of the repository. */
export function bundles(settings: BundleSettings): Map<string, BuildOptions> {
  const host = Object.entries({ 'src/extension.ts': 'extension', ...lazyBundles });
  return new Map([
    ...host.map(([entry, bundle]): [string, BuildOptions] => [entry, hostBundle(entry, bundle, settings)]),
    ['src/webview/panel.ts', webviewBundle('src/webview/panel.ts', settings)],
    ['src/webview/panel.css', webviewBundle('src/webview/panel.css', settings)],
  ]);
}

/** What runs in the extension host. */
function hostBundle(entry: string, bundle: string, { production }: BundleSettings): BuildOptions {
  return {
    entryPoints: [inRepository(entry)],
    outfile: path.join(dist, `${bundle}.cjs`),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    // A lazy bundle is require()d: the extension host answers `vscode` and `dist/*.cjs` to require alike.
    supported: { 'dynamic-import': false },
    external: ['vscode', ...absent],
    plugins: [lazyImports(bundle), unusedPackages, plainVsCode],
    minify: production,
    keepNames: true, // a failure in the log names the class it came from
    sourcemap: production ? false : 'linked',
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  };
}

/** What runs in the panel: a script or a style sheet. */
function webviewBundle(entry: string, { production }: BundleSettings): BuildOptions {
  return {
    entryPoints: [inRepository(entry)],
    outdir: path.join(dist, 'webview'),
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    external: ['*.ttf', '*.woff2', '*.svg', '*.png'],
    minify: production,
    sourcemap: production ? false : 'inline', // the panel's content policy lets it fetch nothing
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  };
}

/** VS Code's icon font, which the panel's elements draw with. */
export async function copyCodicons(): Promise<void> {
  await mkdir(path.join(dist, 'webview'), { recursive: true });
  for (const name of ['codicon.css', 'codicon.ttf']) {
    await cp(inRepository('node_modules/@vscode/codicons/dist', name), path.join(dist, 'webview', name));
  }
}
