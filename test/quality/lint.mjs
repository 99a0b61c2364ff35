// ESLint with the project graph that its boundary rule reads. `node test/quality/lint.mjs [path…]`
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ESLint } from 'eslint';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const paths = process.argv.length > 2 ? process.argv.slice(2) : ['apps', 'libs', 'test'];

/** Writes the workspace's project graph to nx's cache, without its daemon and without its cloud. */
export function writeProjectGraph() {
  const env = { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_SKIP_LOG_GROUPING: 'true' };
  execFileSync(process.execPath, [join(root, 'node_modules/nx/dist/bin/nx.js'), 'graph', '--print'], { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeProjectGraph();
  const eslint = new ESLint({ cwd: root, overrideConfigFile: join(here, 'eslint.config.mjs'), errorOnUnmatchedPattern: false });
  const results = await eslint.lintFiles(paths);
  const text = (await eslint.loadFormatter('stylish')).format(results);
  process.stderr.write(text);
  process.exitCode = results.some((result) => result.errorCount > 0) ? 1 : 0;
}
