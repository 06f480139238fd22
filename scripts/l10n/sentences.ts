import { readFile } from 'node:fs/promises';
import path from 'node:path';
import ts from 'typescript';
import { inRepository, repository } from '../paths.ts';
import { filesBelow } from '../testing/files.ts';

/** A text for users in the source: the key of its translation. */
export interface UserText {
  readonly text: string;
  /** `src/dts/errors.ts:12` */
  readonly at: string;
  /** the names that its call fills in; null where only running it would tell */
  readonly filled: readonly string[] | null;
}

export interface UserTexts {
  readonly texts: readonly UserText[];
  /** calls whose text is not a literal, so that nobody can translate it: `src/host/errors.ts:7` */
  readonly computed: readonly string[];
}

/** Every text in `sentence('…')` and `l10n.t('…')` under src/. */
export async function collectUserTexts(folder = 'src'): Promise<UserTexts> {
  const found = [];
  for (const file of await filesBelow(folder, '.ts')) found.push(textsOf(file, await readFile(file, 'utf8')));
  return { texts: found.flatMap(({ texts }) => texts), computed: found.flatMap(({ computed }) => computed) };
}

/** The same for one file's source. */
export function textsOf(file: string, source: string): UserTexts {
  const texts: UserText[] = [];
  const computed: string[] = [];
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isUserText(node.expression)) {
      const line = tree.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      const at = `${path.relative(repository, path.resolve(repository, file)).split(path.sep).join('/')}:${line}`;
      const literals = literalsOf(node.arguments[0]);
      if (literals)
        texts.push(...literals.map((text) => ({ text, at, filled: filledBy(text, node.arguments.slice(1)) })));
      else if (!forwards(node)) computed.push(at);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { texts, computed };
}

/** `{name}` and `{0}` in a text */
export const placesIn = (text: string): string[] => [
  ...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')),
];

/** The translations into a language: text → translation. */
export async function readBundle(language: string): Promise<Record<string, string>> {
  return JSON.parse(await readFile(inRepository(`l10n/bundle.l10n.${language}.json`), 'utf8')) as Record<
    string,
    string
  >;
}

function isUserText(called: ts.Expression): boolean {
  if (ts.isIdentifier(called)) return called.text === 'sentence';
  if (!ts.isPropertyAccessExpression(called) || called.name.text !== 't') return false;
  const owner = called.expression;
  return ts.isIdentifier(owner)
    ? owner.text === 'l10n'
    : ts.isPropertyAccessExpression(owner) && owner.name.text === 'l10n';
}

/** `(text, args) => vscode.l10n.t(text, args)`: the translator of texts that are literals elsewhere. */
function forwards({ parent, arguments: given }: ts.CallExpression): boolean {
  if (!ts.isArrowFunction(parent) || parent.parameters.length !== given.length) return false;
  return parent.parameters.every(({ name }, index) => name.getText() === given[index]?.getText());
}

/** All the texts an argument can be: a literal, joined literals, a choice of them, or `{ message: … }`. */
function literalsOf(argument: ts.Expression | undefined): string[] | null {
  if (!argument) return null;
  if (ts.isStringLiteralLike(argument)) return [argument.text];
  if (ts.isParenthesizedExpression(argument)) return literalsOf(argument.expression);
  if (ts.isConditionalExpression(argument)) {
    const either = literalsOf(argument.whenTrue);
    const or = literalsOf(argument.whenFalse);
    return either && or && [...either, ...or];
  }
  if (ts.isBinaryExpression(argument) && argument.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, ...moreLeft] = literalsOf(argument.left) ?? [];
    const [right, ...moreRight] = literalsOf(argument.right) ?? [];
    return left === undefined || right === undefined || moreLeft.length + moreRight.length > 0 ? null : [left + right];
  }
  if (ts.isObjectLiteralExpression(argument)) {
    const message = argument.properties.find((property) => property.name?.getText() === 'message');
    return message && ts.isPropertyAssignment(message) ? literalsOf(message.initializer) : null;
  }
  return null;
}

function filledBy(text: string, rest: readonly ts.Expression[]): string[] | null {
  const [first] = rest;
  if (!first) return [];
  if (!ts.isObjectLiteralExpression(first)) {
    // `l10n.t('{0} of {1}', a, b)`, or a record made elsewhere
    return placesIn(text).every((place) => /^\d+$/.test(place)) ? rest.map((_, index) => String(index)) : null;
  }
  const names = first.properties.map((property) => (ts.isSpreadAssignment(property) ? null : property.name.getText()));
  return names.includes(null) ? null : names.filter((name) => name !== null);
}
