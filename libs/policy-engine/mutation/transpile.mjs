// Writes a sandbox's mutated TypeScript as JavaScript beside it, its specs without vitest and fast-check. Run in the sandbox's folder.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { transformSync } from '@swc/core';

for (const entry of readdirSync('src', { recursive: true })) {
  if (!entry.endsWith('.ts')) continue;
  const path = join('src', entry);
  const { code } = transformSync(readFileSync(path, 'utf8'), { filename: path, swcrc: false, module: { type: 'es6' }, jsc: { target: 'es2022', parser: { syntax: 'typescript' } } });
  const specs = relative(dirname(path), 'mutation/specs.mjs');
  writeFileSync(path.replace(/\.ts$/, '.js'), code.replace(/from ['"](?:vitest|fast-check)['"]/g, `from '${specs}'`));
}
