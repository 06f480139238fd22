import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { inRepository } from '../../scripts/paths.ts';

/** Every way of writing an import that the rules must see. */
const forms: Readonly<Record<string, (request: string) => string>> = {
  import: (request) => `import * as x from '${request}';\nvoid x;`,
  'import for effect': (request) => `import '${request}';`,
  'import of a type': (request) => `import type { X } from '${request}';\nexport type Y = X;`,
  'inline type': (request) => `export type Y = import('${request}').X;`,
  'export from': (request) => `export { x } from '${request}';`,
  'export all': (request) => `export * from '${request}';`,
  'dynamic import': (request) => `export const x = () => import('${request}');`,
  'dynamic import of a template': (request) => `export const x = () => import(\`${request}\`);`,
  require: (request) => `export const x = () => require('${request}') as object;`,
  'require.resolve': (request) => `export const x = () => require.resolve('${request}');`,
};
const typeForms = ['import of a type', 'inline type'];

interface Case {
  readonly file: string;
  readonly request: string;
}

/** One violation of each rule; every form of it must be seen. */
const forbidden: readonly Case[] = [
  ...['cutover', 'dts', 'engines', 'engines/mysql', 'comparison', 'protocol', 'webview', 'util'].map((folder) => {
    return { file: `src/${folder}/planted.ts`, request: 'vscode' };
  }),
  { file: 'src/engines/mysql/planted.ts', request: 'pg' },
  { file: 'src/engines/mysql/planted.ts', request: 'pg-types' },
  { file: 'src/engines/postgres/planted.ts', request: 'mysql2/promise' },
  { file: 'src/engines/mongodb/planted.ts', request: 'mssql' },
  { file: 'src/engines/mongodb/planted.ts', request: 'tedious' },
  { file: 'src/engines/sqlserver/planted.ts', request: 'mongodb' },
  { file: 'src/comparison/planted.ts', request: 'bson' },
  { file: 'src/engines/load.ts', request: 'pg' },
  { file: 'src/host/planted.ts', request: 'mysql2' },
  { file: 'src/extension.ts', request: 'mongodb' },
  { file: 'src/host/planted.ts', request: 'tencentcloud-sdk-nodejs' },
  { file: 'src/cutover/planted.ts', request: 'tencentcloud-sdk-nodejs/tencentcloud/services/dts/v20211206/dts_models' },
  { file: 'src/host/planted.ts', request: 'lit' },
  { file: 'src/host/cutoverPanel/planted.ts', request: '@vscode-elements/elements/dist/vscode-button/index.js' },
  { file: 'src/protocol/planted.ts', request: 'uplot' },
  { file: 'src/webview/planted.ts', request: '../cutover/facts.ts' },
  { file: 'src/webview/planted.ts', request: '../host/log.ts' },
  { file: 'src/webview/planted.ts', request: '../util/failure.ts' },
  { file: 'src/webview/planted.ts', request: 'node:fs' },
  { file: 'src/webview/planted.ts', request: 'pg' },
  { file: 'src/webview/planted.ts', request: 'esbuild' },
  { file: 'src/host/planted.ts', request: '../webview/panel.ts' },
  { file: 'src/cutover/planted.ts', request: '../host/log.ts' },
  { file: 'src/dts/planted.ts', request: '../host/log.ts' },
  { file: 'src/engines/postgres/planted.ts', request: '../../extension.ts' },
  { file: 'src/engines/postgres/planted.ts', request: '../mysql/link.ts' },
  ...['cutover', 'comparison', 'protocol', 'util'].flatMap((folder) => [
    { file: `src/${folder}/planted.ts`, request: 'node:fs' },
    { file: `src/${folder}/planted.ts`, request: 'net' },
  ]),
  { file: 'src/host/planted.ts', request: '../../sandbox/start.ts' },
];

/** Code may not come this way, types may. */
const typesOnly: readonly Case[] = [
  { file: 'src/cutover/planted.ts', request: '../dts/client.ts' },
  { file: 'src/cutover/planted.ts', request: '../engines/load.ts' },
  { file: 'src/cutover/deep/planted.ts', request: '../../engines/mysql/index.ts' },
  { file: 'src/cutover/planted.ts', request: '../comparison/plan.ts' },
  { file: 'src/comparison/planted.ts', request: '../engines/postgres/digest.ts' },
  { file: 'src/protocol/planted.ts', request: '../dts/client.ts' },
];

/** The allowed twins: a rule that forbids everything would pass the tests above. */
const allowed: readonly Case[] = [
  { file: 'src/extension.ts', request: 'vscode' },
  { file: 'src/host/tasksView/planted.ts', request: 'vscode' },
  { file: 'src/host/planted.ts', request: 'node:fs' },
  { file: 'src/engines/postgres/planted.ts', request: 'pg' },
  { file: 'src/engines/mysql/planted.ts', request: 'mysql2/promise' },
  { file: 'src/engines/sqlserver/planted.ts', request: 'mssql' },
  { file: 'src/engines/mongodb/planted.ts', request: 'bson' },
  { file: 'src/engines/load.ts', request: './postgres/index.ts' },
  { file: 'src/engines/mysql/planted.ts', request: '../engine.ts' },
  { file: 'src/dts/planted.ts', request: 'tencentcloud-sdk-nodejs/tencentcloud/services/dts/v20211206/dts_client' },
  { file: 'src/webview/planted.ts', request: 'lit' },
  { file: 'src/webview/planted.ts', request: '@vscode-elements/elements/dist/vscode-button/index.js' },
  { file: 'src/webview/planted.ts', request: 'zod' },
  { file: 'src/webview/parts/planted.ts', request: '../../protocol/messages.ts' },
  { file: 'src/webview/planted.ts', request: '../util/sentence.ts' },
  { file: 'src/cutover/planted.ts', request: 'node:crypto' },
  { file: 'src/cutover/planted.ts', request: '../engines/engine.ts' },
  { file: 'src/cutover/planted.ts', request: '../util/wait.ts' },
  { file: 'src/protocol/planted.ts', request: 'zod' },
  { file: 'src/host/planted.ts', request: '../cutover/run.ts' },
];

describe('the boundaries between the folders', () => {
  const eslint = new ESLint({
    cwd: inRepository(),
    // The project's own configuration. Planted files are in no TypeScript project: rules that need types are off.
    overrideConfig: [
      { files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked },
      { files: ['**/*.ts'], languageOptions: { parserOptions: { project: false } } },
    ],
  });

  async function complaints(file: string, code: string, ruleId: string): Promise<string[]> {
    const [result] = await eslint.lintText(code, { filePath: inRepository(file) });
    assert.ok(result, 'the linter ignores the file');
    const broken = result.messages.filter(({ fatal }) => fatal);
    assert.deepEqual(broken, [], 'the planted text does not parse');
    return result.messages.filter((message) => message.ruleId === ruleId).map(({ message }) => message);
  }
  const seen = async ({ file, request }: Case, form: string) =>
    (await complaints(file, (forms[form] ?? String)(request), 'boundaries/imports')).length;

  for (const planted of forbidden) {
    it(`${planted.file} may not import ${planted.request}`, async () => {
      for (const form of Object.keys(forms)) assert.equal(await seen(planted, form), 1, form);
    });
  }

  for (const planted of typesOnly) {
    it(`${planted.file} may import types from ${planted.request}, and no code`, async () => {
      for (const form of Object.keys(forms)) {
        assert.equal(await seen(planted, form), typeForms.includes(form) ? 0 : 1, form);
      }
    });
  }

  for (const planted of allowed) {
    it(`${planted.file} may import ${planted.request}`, async () => {
      for (const form of Object.keys(forms)) assert.equal(await seen(planted, form), 0, form);
    });
  }

  it('knows every folder of src/ by its present name', () => {
    const entries = readdirSync(inRepository('src'), { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const known = ['comparison', 'cutover', 'dts', 'engines', 'host', 'protocol', 'util', 'webview'];
    assert.deepEqual(folders.sort(), known);
  });

  it('a type among code does not make an import of types', async () => {
    const code = `import { type X, y } from '../dts/client.ts';\nexport const z: X = y;`;
    assert.equal((await complaints('src/cutover/planted.ts', code, 'boundaries/imports')).length, 1);
    const types = `import { type X, type Y } from '../dts/client.ts';\nexport type Z = X | Y;`;
    assert.equal((await complaints('src/cutover/planted.ts', types, 'boundaries/imports')).length, 0);
  });

  it('the document exists in the webview only', async () => {
    const code = `export const width = () => document.body.clientWidth + globalThis.window.innerWidth;`;
    for (const folder of ['host', 'cutover', 'dts', 'engines/mysql', 'comparison', 'protocol', 'util']) {
      const found = await complaints(`src/${folder}/planted.ts`, code, 'no-restricted-globals');
      assert.equal(found.length, 2, folder);
    }
    assert.deepEqual(await complaints('src/webview/planted.ts', code, 'no-restricted-globals'), []);
  });

  it('a comment cannot switch a rule off', async () => {
    const code = `// eslint-disable-next-line\nimport * as vscode from 'vscode';\nvoid vscode;`;
    assert.equal((await complaints('src/cutover/planted.ts', code, 'boundaries/imports')).length, 1);
  });

  it('nothing is written to the console, and nothing is cast through unknown', async () => {
    const code = `console.log({} as unknown as string);`;
    assert.equal((await complaints('src/host/planted.ts', code, 'no-console')).length, 1);
    assert.equal((await complaints('src/host/planted.ts', code, 'no-restricted-syntax')).length, 1);
    assert.deepEqual(await complaints('scripts/planted.ts', code, 'no-console'), []);
  });
});
