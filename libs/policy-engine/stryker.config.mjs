// Mutation testing of the engine: `npm run mutation`, or one part: `npm run mutation -- --mutate 'src/limits/*.ts'`.
export default {
  testRunner: 'specs',
  plugins: ['./mutation/runner.mjs'],
  buildCommand: 'node mutation/transpile.mjs',
  mutate: ['src/**/*.ts', '!src/**/*.spec.ts', '!src/testing/**', '!src/index.ts'],
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  concurrency: Number(process.env['MUTATION_CONCURRENCY'] ?? 1),
  // Given by test/quality/mutation.mjs.
  tempDirName: process.env['MUTATION_FOLDER'],
  ignorePatterns: ['dist', 'reports', 'bench'],
  reporters: ['clear-text', 'progress-append-only', 'json'],
  jsonReporter: { fileName: 'reports/mutation.json' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 90, low: 85, break: 85 },
  // What a busy machine may need. A mutant that never ends is told by how often it is reached.
  timeoutMS: 60_000,
};
