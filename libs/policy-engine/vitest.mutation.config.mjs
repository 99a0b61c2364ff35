import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['sallyport-source'] },
  ssr: { resolve: { conditions: ['sallyport-source', 'module', 'node', 'development|production'] } },
  test: {
    // MUTATION_SPECS: the specs to judge by, where only a part is mutated.
    include: process.env['MUTATION_SPECS']?.split(',') ?? ['src/**/*.spec.ts'],
    exclude: ['reports/**', 'node_modules/**'],
    setupFiles: ['mutation.setup.mjs'],
    testTimeout: 120_000,
  },
});
