import { readFileSync } from 'node:fs';
import { inRepository } from '../../scripts/paths.ts';

/** What these tests read of package.json. */
export interface Manifest {
  readonly main: string;
  readonly icon?: string;
  readonly engines: { readonly vscode: string; readonly node: string };
  readonly activationEvents: readonly string[];
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly contributes: Contributions;
}

export interface Contributions {
  readonly commands?: readonly Command[];
  readonly menus?: Readonly<Record<string, readonly MenuItem[]>>;
  readonly keybindings?: readonly { readonly command: string; readonly when?: string }[];
  readonly views?: Readonly<Record<string, readonly { readonly id: string; readonly name: string }[]>>;
  readonly viewsContainers?: Readonly<Record<string, readonly { readonly id: string; readonly icon: string }[]>>;
  readonly viewsWelcome?: readonly { readonly view: string; readonly contents: string; readonly when?: string }[];
  readonly configuration?: { readonly properties: Readonly<Record<string, Setting>> };
  readonly walkthroughs?: readonly { readonly steps: readonly WalkthroughStep[] }[];
}

export interface Command {
  readonly command: string;
  readonly title: string;
  readonly category?: string;
  readonly icon?: string;
  readonly enablement?: string;
}

export interface MenuItem {
  readonly command?: string;
  readonly submenu?: string;
  readonly when?: string;
}

export interface Setting {
  readonly type: string | readonly string[];
  readonly description?: string;
  readonly markdownDescription?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly unknown[];
  readonly enumDescriptions?: readonly string[];
}

export interface WalkthroughStep {
  readonly id: string;
  readonly description: string;
  readonly media: { readonly svg?: string; readonly image?: string; readonly markdown?: string };
}

const readJson = (file: string) => JSON.parse(readFileSync(inRepository(file), 'utf8')) as unknown;

export const manifest = readJson('package.json') as Manifest;

/** The texts of the manifest in a language: key → text. */
export const nls = (file: 'package.nls.json' | 'package.nls.zh-cn.json') => readJson(file) as Record<string, string>;

/** Every string inside a JSON value. */
export function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}

/** The commands that a text links to: `[Sign in](command:dtsCutover.signIn)`. */
export const commandLinks = (text: string) => [...text.matchAll(/\(command:([\w.]+)/g)].map(([, id]) => id ?? '');
