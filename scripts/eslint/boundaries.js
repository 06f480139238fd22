import { isBuiltin } from 'node:module';
import path from 'node:path';

/** Packages with one home: the only folder (or file) that may import them, even as types. */
const homes = [
  { packages: ['vscode'], home: ['src/extension.ts', 'src/host/'], why: 'the rest runs without VS Code' },
  { packages: ['pg', 'pg-*'], home: ['src/engines/postgres/'], why: 'a driver belongs to its engine' },
  { packages: ['mysql2'], home: ['src/engines/mysql/'], why: 'a driver belongs to its engine' },
  { packages: ['mssql', 'tedious'], home: ['src/engines/sqlserver/'], why: 'a driver belongs to its engine' },
  { packages: ['mongodb', 'bson'], home: ['src/engines/mongodb/'], why: 'a driver belongs to its engine' },
  { packages: ['tencentcloud-sdk-nodejs'], home: ['src/dts/'], why: 'the rest knows our own types of the service' },
  {
    packages: ['lit', 'lit-*', '@lit/*', '@vscode-elements/*', '@vscode/codicons', 'uplot'],
    home: ['src/webview/'],
    why: 'it needs a document',
  },
];

/** What stays free of input and output, so that a run can be driven anywhere. */
const pure = ['src/cutover/', 'src/comparison/', 'src/protocol/', 'src/util/'];
const harmlessBuiltins = ['node:crypto'];

/** What the panel's script may import besides its own folder. */
const webviewMayImport = ['src/webview/', 'src/protocol/', 'src/util/sentence.ts', 'src/util/visible.ts'];
const webviewPackages = [...(homes.find(({ home }) => home.includes('src/webview/'))?.packages ?? []), 'zod'];

/** The port between the core and the adapters: it is not an adapter. */
const enginePort = 'src/engines/engine.ts';

/**
 * Why a file of src/ may not make this import; null if it may.
 * @param {string} file the importing file, from the root of the repository, with forward slashes
 * @param {string} request what stands in the import
 * @param {boolean} typeOnly nothing of it is left at run time
 */
export function objection(file, request, typeOnly) {
  return request.startsWith('.')
    ? objectionToModule(file, path.posix.join(path.posix.dirname(file), request), typeOnly)
    : objectionToPackage(file, request);
}

function objectionToPackage(file, request) {
  const name = packageName(request);
  for (const { packages, home, why } of homes) {
    if (matches(name, packages) && !startsWithOne(file, home)) {
      return `'${name}' is imported in ${home.join(' and ')} only: ${why}.`;
    }
  }
  if (isBuiltin(request)) {
    const builtin = request.startsWith('node:') ? request : `node:${request}`;
    if (file.startsWith('src/webview/')) return `'${request}' does not exist in a browser.`;
    if (startsWithOne(file, pure) && !harmlessBuiltins.includes(builtin)) {
      return `'${request}' is input or output, and this folder has none.`;
    }
  } else if (file.startsWith('src/webview/') && !matches(name, webviewPackages)) {
    return `'${name}' does not belong in the panel's bundle.`;
  }
  return null;
}

function objectionToModule(file, target, typeOnly) {
  if (!target.startsWith('src/')) return 'src/ is what users install: it imports nothing from outside.';
  if (file.startsWith('src/webview/')) {
    return startsWithOne(target, webviewMayImport)
      ? null
      : `The panel's script imports ${webviewMayImport.join(', ')} only.`;
  }
  if (target.startsWith('src/webview/')) return 'The webview runs in a browser: talk to it through src/protocol/.';
  if (
    startsWithOne(target, ['src/host/', 'src/extension.ts']) &&
    !startsWithOne(file, ['src/host/', 'src/extension.ts'])
  ) {
    return 'src/host/ needs VS Code, and this folder runs without it.';
  }
  const engine = engineOf(target);
  if (engine && engineOf(file) && engine !== engineOf(file)) return `The engines know nothing of each other.`;
  if (!typeOnly && startsWithOne(file, pure)) return objectionFromPure(file, target);
  return null;
}

/** Types may come from anywhere above; code may not. */
function objectionFromPure(file, target) {
  if (target.startsWith('src/dts/')) return 'The core knows the cloud service by its types only.';
  if (target.startsWith('src/engines/') && target !== enginePort)
    return `The core knows engines by ${enginePort} only.`;
  if (file.startsWith('src/cutover/') && target.startsWith('src/comparison/')) {
    return 'A cutover knows the comparison by its types only.';
  }
  return null;
}

/** `src/engines/mysql/position.ts` → `mysql`; undefined for what engines share */
const engineOf = (file) => /^src\/engines\/(mysql|postgres|sqlserver|mongodb)\//.exec(file)?.[1];

const startsWithOne = (file, starts) => starts.some((start) => file.startsWith(start));

const matches = (name, patterns) =>
  patterns.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));

const packageName = (request) => request.split('/', request.startsWith('@') ? 2 : 1).join('/');

/** What a literal, or a template without places, says; null for what only running it would tell. */
function textOf(node) {
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0].value.cooked;
  return typeof node?.value === 'string' ? node.value : null;
}

/** @type {import('eslint').Rule.RuleModule} */
const rule = {
  meta: { type: 'problem', schema: [], messages: { boundary: '{{why}}' } },
  create(context) {
    const file = path.relative(context.cwd, context.filename).split(path.sep).join('/');
    const check = (node, source, typeOnly) => {
      const request = textOf(source);
      const why = request === null ? null : objection(file, request, typeOnly);
      if (why) context.report({ node, messageId: 'boundary', data: { why } });
    };
    const isTypeOnly = ({ importKind, exportKind, specifiers = [] }) =>
      importKind === 'type' ||
      exportKind === 'type' ||
      (specifiers.length > 0 && specifiers.every((each) => (each.importKind ?? each.exportKind) === 'type'));
    const checkRequire = (node) => {
      const { callee } = node;
      const direct = callee.type === 'Identifier' && callee.name === 'require';
      const resolve = callee.type === 'MemberExpression' && callee.object.name === 'require';
      if (direct || resolve) check(node, node.arguments[0], false);
    };
    return {
      ImportDeclaration: (node) => check(node, node.source, isTypeOnly(node)),
      ExportNamedDeclaration: (node) => check(node, node.source, isTypeOnly(node)),
      ExportAllDeclaration: (node) => check(node, node.source, isTypeOnly(node)),
      ImportExpression: (node) => check(node, node.source, false),
      TSImportType: (node) => check(node, node.source, true),
      TSExternalModuleReference: (node) => check(node, node.expression, false),
      CallExpression: checkRequire,
    };
  },
};

export const boundaries = { rules: { imports: rule } };
