// Runs the tiers one after another, names every test that failed and ends with the sum over all of them: `N passed, N failed`.
// `node test/quality/test.mjs [unit] [int] [e2e] [receivers]`, without a name the first three
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const tiers = process.argv.length > 2 ? process.argv.slice(2) : ['unit', 'int', 'e2e'];
const node = (args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });

if (node(['test/quality/build.mjs']).status !== 0) process.exit(1);

const reports = mkdtempSync(join(tmpdir(), 'sallyport-reports-'));
let passed = 0;
const failures = [];
for (const tier of tiers) {
  const report = join(reports, `${tier}.json`);
  const run = node(['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/quality/vitest.shared.ts', '--project', tier, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
  const counts = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : { numPassedTests: 0, testResults: [] };
  passed += counts.numPassedTests;
  const failed = failuresOf(counts.testResults);
  if (run.status !== 0 && failed.length === 0) failed.push(`${tier}: the suite could not run`);
  failures.push(...failed);
}
rmSync(reports, { recursive: true, force: true });
for (const failure of failures) process.stdout.write(`FAILED ${failure}\n`);
process.stdout.write(`${passed} passed, ${failures.length} failed\n`);
process.exitCode = failures.length === 0 && passed > 0 ? 0 : 1;

/** One line for each test that failed, and for each file that could not run: its path, its title, the first line of why. */
function failuresOf(files) {
  return files.flatMap((file) => {
    const path = relative(root, file.name);
    const tests = file.assertionResults.filter((test) => test.status === 'failed').map((test) => `${path} > ${test.fullName}: ${firstLine(test.failureMessages[0])}`);
    return tests.length > 0 || file.status !== 'failed' ? tests : [`${path}: ${firstLine(file.message)}`];
  });
}

function firstLine(text) {
  return (text ?? '').split('\n', 1)[0];
}
