import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

import { DEP_CONSTRAINTS, TEST_DEP_CONSTRAINTS } from './layers.mjs';

const SPECS = ['**/*.spec.ts', '**/*.contract.ts', '**/*.bench.ts', '**/testing/**/*.ts', 'test/**/*.ts', 'libs/test-support/**/*.ts'];
const GENERATED = ['**/generated/**', '**/generated.ts', '**/dist/**', '**/node_modules/**', 'test/quality/samples/**', '**/spec/**', '**/*.mjs'];

const boundaries = (depConstraints, allow = []) => ['error', { depConstraints, enforceBuildableLibDependency: false, allow }];

const pureGlobals = [
  { name: 'process', message: 'The domain does not know its process: take what you need as an argument.' },
  { name: 'setTimeout', message: 'The domain has no timers: time comes in as an argument.' },
  { name: 'setInterval', message: 'The domain has no timers: time comes in as an argument.' },
  { name: 'fetch', message: 'The domain does no I/O: define a port and let an adapter do it.' },
  { name: 'crypto', message: 'The domain has no randomness: identifiers and secrets come in as arguments.' },
];
const pureProperties = [
  { object: 'Date', property: 'now', message: 'The domain has no clock: take the instant as an argument.' },
  { object: 'Math', property: 'random', message: 'The domain has no randomness: take it as an argument.' },
];

/** Projects whose layer is kernel or domain: pure. */
export const PURE = ['kernel', 'policy-engine', 'mcp-protocol', 'domain-events', 'control-domain', 'organisation-state', 'tokens', 'audit-event', 'audit-admin', 'audit-chain', 'audit-formats'].map((name) => `libs/${name}/src/**/*.ts`);

export default tseslint.config(
  { ignores: GENERATED },
  {
    files: ['apps/**/*.ts', 'libs/**/*.ts', 'test/**/*.ts'],
    plugins: { '@nx': nx, '@typescript-eslint': tseslint.plugin },
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true, tsconfigRootDir: new URL('../..', import.meta.url).pathname } },
    linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(DEP_CONSTRAINTS),
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'no-console': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      eqeqeq: 'error',
      'prefer-const': 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      'max-params': 'off',
      '@typescript-eslint/max-params': ['error', { max: 5 }],
      'max-depth': ['error', 4],
    },
  },
  {
    files: PURE,
    ignores: SPECS,
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: ['node:*', 'fs', 'path', 'crypto', 'http', 'net'], message: 'The domain is pure: no Node built-ins. Put I/O behind a port.' }] }],
      'no-restricted-globals': ['error', ...pureGlobals],
      'no-restricted-properties': ['error', ...pureProperties],
    },
  },
  {
    files: ['apps/cli/src/**/*.ts'],
    ignores: [...SPECS, 'apps/cli/src/session/gateway-call.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['@sallyport/policy-engine', '@sallyport/sinks-*', '@modelcontextprotocol/*', '**/gateway-call.js'],
              allowTypeImports: true,
              message: 'Every command would wait for it: load it with `await import()` in the one that needs it.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['apps/standalone/src/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries(DEP_CONSTRAINTS, ['@sallyport/cli', '@sallyport/control-plane', '@sallyport/gateway']) },
  },
  {
    files: SPECS,
    rules: {
      '@nx/enforce-module-boundaries': boundaries(TEST_DEP_CONSTRAINTS),
      'max-lines-per-function': 'off',
      'max-lines': ['error', { max: 600 }],
    },
  },
);
