// Mutation testing of the policy engine. `node test/quality/mutation.mjs [--mutate 'src/limits/*.ts']`; see its stryker.config.mjs.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
// The mutated copies stand outside the checkout, where other tests would find them, and take their packages from it.
const copies = mkdtempSync(join(tmpdir(), 'sallyport-mutation-'));
mkdirSync(join(copies, 'runs'));
symlinkSync(join(root, 'node_modules'), join(copies, 'node_modules'), 'dir');
symlinkSync(join(root, 'libs/test-support'), join(copies, 'runs/test-support'), 'dir');
try {
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js'), 'run', ...process.argv.slice(2)], {
    cwd: join(root, 'libs/policy-engine'),
    env: { ...process.env, MUTATION_FOLDER: join(copies, 'runs') },
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(copies, { recursive: true, force: true });
}
