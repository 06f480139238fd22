import type { Metafile } from 'esbuild';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { inRepository } from './paths.ts';

/** A package of which code, or a font, is in what we ship. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** as its package.json says, an SPDX expression; '' where it says nothing */
  readonly license: string;
  /** the licence's own words, and those of a NOTICE file; '' where the package brings none */
  readonly text: string;
}

/** Copied into the package as it is. */
const COPIED = ['@vscode/codicons'];

/** What we may ship: permissive licences, whose only wish is that their words go along. */
export const ALLOWED: ReadonlySet<string> = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'CC-BY-4.0',
  'BlueOak-1.0.0',
  '(MIT OR CC0-1.0)',
  'Unlicense',
  'WTFPL',
  'Python-2.0',
]);

/** Every package in the outputs, by name and version; nested copies of another version count apart. */
export async function bundledPackages(metafiles: readonly Metafile[]): Promise<BundledPackage[]> {
  const folders = new Set(COPIED.map((name) => `node_modules/${name}`));
  for (const { outputs } of metafiles) {
    for (const input of Object.values(outputs).flatMap((output) => Object.keys(output.inputs))) {
      const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
      if (folder) folders.add(folder.replace(/^[\w-]+:/, ''));
    }
  }
  const found = await Promise.all([...folders].map(readPackage));
  const named = new Map(found.map((each) => [`${each.name}@${each.version}`, each]));
  return [...named.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function readPackage(folder: string): Promise<BundledPackage> {
  const at = inRepository(folder);
  const { name, version, license } = JSON.parse(await readFile(path.join(at, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const files = (await readdir(at)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(path.join(at, file), 'utf8').catch(() => '')));
  return { name, version, license: license ?? '', text: texts.map((text) => text.trim()).join('\n\n') };
}

/** The file that goes into the package. */
export function noticesText(packages: readonly BundledPackage[]): string {
  const head = 'DTS Cutover contains code or fonts of these packages, each under its own licence.';
  const parts = packages.map(({ name, version, license, text }) => {
    return `${'-'.repeat(80)}\n${name} ${version}\nLicence: ${license}\n\n${text || 'The package brings no text of its own.'}\n`;
  });
  return `${head}\n\n${parts.join('\n')}`;
}
