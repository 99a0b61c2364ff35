// Import cycles between files, type imports included. `node test/quality/cycles.mjs [folder…]` prints them and exits 1 when there are any.
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { cruise } from 'dependency-cruiser';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** @returns {Promise<string[]>} one line a cycle: the files in order, joined by arrows. */
export async function findCycles(folders, baseDir = root) {
  const { output } = await cruise(folders, {
    baseDir,
    ruleSet: { forbidden: [{ name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } }] },
    validate: true,
    tsPreCompilationDeps: true,
    tsConfig: { fileName: join(root, 'tsconfig.json') },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|generated|node_modules)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['sallyport-source', 'import', 'node', 'default'] },
  });
  const cycles = output.summary.violations.map((violation) => violation.cycle.map((step) => step.name).sort().join(' → '));
  return [...new Set(cycles)];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const cycles = await findCycles(process.argv.length > 2 ? process.argv.slice(2) : ['apps', 'libs']);
  for (const cycle of cycles) process.stderr.write(`import cycle: ${cycle}\n`);
  process.stderr.write(cycles.length === 0 ? 'no import cycles\n' : 'Move what both need into a file of its own.\n');
  process.exitCode = cycles.length === 0 ? 0 : 1;
}
