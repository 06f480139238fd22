import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { build, context, type BuildOptions, type Metafile } from 'esbuild';
import { bundles, copyCodicons, type BundleSettings } from './bundles.ts';
import { bundledPackages, noticesText } from './notices.ts';
import { inRepository } from './paths.ts';

/** Every bundle into dist/, and a table of their sizes. Rejects when one does not build. */
export async function buildAll(settings: BundleSettings & { quiet?: boolean }): Promise<void> {
  const results = await Promise.all(presentBundles(settings).map((options) => build(options)));
  await copyCodicons();
  const metafiles = results.flatMap(({ metafile }) => metafile ?? []);
  if (settings.production) {
    await writeFile(inRepository('dist/THIRD_PARTY_NOTICES.txt'), noticesText(await bundledPackages(metafiles)));
  }
  if (!settings.quiet) printSizes(metafiles);
}

/** The same, again after each change. Runs until interrupted. */
async function watchAll(): Promise<void> {
  await copyCodicons();
  for (const options of presentBundles({ production: false })) {
    await (await context({ ...options, logLevel: 'info' })).watch();
  }
}

/** Entry points that do not exist are named and skipped. */
function presentBundles(settings: BundleSettings): BuildOptions[] {
  return [...bundles(settings)].flatMap(([entry, options]) => {
    if (existsSync(inRepository(entry))) return [options];
    process.stderr.write(`skipped ${entry}: not there\n`);
    return [];
  });
}

function printSizes(metafiles: readonly Metafile[]): void {
  const outputs = metafiles.flatMap((metafile) => Object.entries(metafile.outputs));
  const code = outputs.filter(([file]) => !file.endsWith('.map'));
  for (const [file, { bytes }] of code.sort(([, a], [, b]) => b.bytes - a.bytes)) {
    process.stdout.write(`${(bytes / 1024).toFixed(1).padStart(9)} KB  ${file}\n`);
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: { watch: { type: 'boolean', default: false }, production: { type: 'boolean', default: false } },
  });
  try {
    await (values.watch ? watchAll() : buildAll({ production: values.production }));
  } catch {
    process.exitCode = 1; // esbuild has said what and where
  }
}
