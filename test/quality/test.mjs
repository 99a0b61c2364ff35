// Runs the tiers one after another and ends with the sum over all of them: `N passed, N failed`.
// `node test/quality/test.mjs [unit] [int] [e2e] [receivers]`, without a name the first three
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const tiers = process.argv.length > 2 ? process.argv.slice(2) : ['unit', 'int', 'e2e'];
const node = (args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });

if (node(['test/quality/build.mjs']).status !== 0) process.exit(1);

const reports = mkdtempSync(join(tmpdir(), 'sallyport-reports-'));
let passed = 0;
let failed = 0;
for (const tier of tiers) {
  const report = join(reports, `${tier}.json`);
  const run = node(['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/quality/vitest.shared.ts', '--project', tier, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
  const counts = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : { numPassedTests: 0, numFailedTests: 0 };
  passed += counts.numPassedTests;
  failed += counts.numFailedTests;
  if (run.status !== 0 && counts.numFailedTests === 0) failed += 1; // a suite that could not run at all
}
rmSync(reports, { recursive: true, force: true });
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
