import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Builds what is stale: whole-system tests run the programs as they are shipped, from `dist/`. */
export default function buildPrograms(): void {
  const build = spawnSync(process.execPath, [fileURLToPath(new URL('./build.mjs', import.meta.url))], { stdio: 'inherit' });
  if (build.status !== 0) throw new Error('the build failed');
}
