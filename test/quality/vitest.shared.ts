import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vitest/config';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const sources = {
  root,
  // graphql ships its modules twice; everything must use the copy that Node itself picks.
  resolve: { conditions: ['sallyport-source'], alias: [{ find: /^graphql$/, replacement: join(root, 'node_modules/graphql/index.js') }] },
  ssr: { resolve: { conditions: ['sallyport-source', 'node', 'development|production'] } },
};

/** Four tiers, told apart by file name and folder: pure, one real service, whole system, and real receivers of audit events, which take long to install. */
export default defineConfig({
  ...sources,
  test: {
    projects: [
      {
        ...sources,
        test: {
          name: 'unit',
          include: ['libs/*/src/**/*.spec.ts', 'apps/*/src/**/*.spec.ts', 'test/{architecture,pins,requirements,quality,siem,soak}/**/*.spec.ts'],
          exclude: ['**/*.int.spec.ts', '**/dist/**', '**/node_modules/**'],
        },
      },
      {
        ...sources,
        test: {
          name: 'int',
          globalSetup: ['test/quality/services.setup.ts'],
          include: ['libs/*/src/**/*.int.spec.ts', 'apps/*/src/**/*.int.spec.ts'],
          exclude: ['**/dist/**', '**/node_modules/**'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...sources,
        test: {
          name: 'e2e',
          globalSetup: ['test/quality/build.setup.ts', 'test/quality/services.setup.ts'],
          include: ['test/{e2e,distributed,hostile,conformance}/**/*.spec.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        ...sources,
        test: {
          name: 'receivers',
          globalSetup: ['test/quality/services.setup.ts'],
          include: ['test/receivers/**/*.recv.spec.ts'],
          testTimeout: 180_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
