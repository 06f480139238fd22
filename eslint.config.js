import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { boundaries } from './scripts/eslint/boundaries.js';

const typescript = ['**/*.ts'];
const javascript = ['**/*.{js,cjs,mjs}'];

/** What only a document has. TypeScript knows them in every file that some dependency's types pull them into. */
const documentGlobals = [
  'document',
  'window',
  'localStorage',
  'sessionStorage',
  'customElements',
  'navigator',
  'HTMLElement',
  'Element',
  'Node',
  'DOMParser',
  'MutationObserver',
  'ResizeObserver',
  'IntersectionObserver',
  'requestAnimationFrame',
  'getComputedStyle',
  'matchMedia',
  'acquireVsCodeApi',
];

export default defineConfig(
  globalIgnores(['dist/', 'out/', '.vscode-test/', '.sandbox/', '.servers/', 'test-results/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true } },
  js.configs.recommended,
  {
    files: typescript,
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './src/webview/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // A port's methods answer with promises; not every implementation has something to wait for.
      '@typescript-eslint/require-await': 'off',
      // SQL and its servers do speak in control characters.
      'no-control-regex': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'TSAsExpression > TSAsExpression[typeAnnotation.type="TSUnknownKeyword"]',
          message: 'A cast through unknown hides a wrong type: parse or narrow instead.',
        },
      ],
    },
  },
  {
    // In a test a thing that is not there is a failing test, which is what the mark says.
    files: ['test/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: javascript,
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { process: 'readonly', Buffer: 'readonly', setInterval: 'readonly' } },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs' },
  },
  {
    files: ['src/**'],
    plugins: { boundaries },
    rules: {
      'boundaries/imports': 'error',
      'max-lines': ['error', 400],
      'no-console': 'error',
    },
  },
  {
    files: ['src/**'],
    ignores: ['src/webview/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        {
          globals: documentGlobals.map((name) => ({ name, message: 'There is a document in src/webview/ only.' })),
          checkGlobalObject: true,
        },
      ],
    },
  },
  {
    // Templates bind their handlers to the element, and tests hand methods to assertions.
    files: ['src/webview/**/*.ts', 'test/**/*.ts'],
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
  {
    // Runs in the page, and the harness appends the call to its one function.
    files: ['scripts/vscode/shims/page.js'],
    languageOptions: { sourceType: 'script', globals: { window: 'readonly', Element: 'readonly' } },
    rules: { 'no-unused-vars': 'off' },
  },
);
