// Transpiles every project's src/ into its dist/, only what is newer than its output. `node test/quality/build.mjs [--force]`
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync, copyFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const force = process.argv.includes('--force');
const isTest = /\.(spec|contract|bench)\.ts$/;
const copied = /\.(graphql|sql|html|json|css)$/;

const swcOptions = {
  swcrc: false,
  sourceMaps: 'inline',
  jsc: {
    target: 'es2023',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    keepClassNames: true,
  },
  module: { type: 'es6' },
};

function* filesUnder(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesUnder(path);
    else yield path;
  }
}

function* projects() {
  for (const group of ['libs', 'apps']) {
    for (const name of readdirSync(join(root, group))) {
      const project = join(root, group, name);
      if (existsSync(join(project, 'src'))) yield project;
    }
  }
}

const isStale = (source, output) => force || !existsSync(output) || statSync(output).mtimeMs < statSync(source).mtimeMs;

async function build(project) {
  const src = join(project, 'src');
  const wanted = new Set();
  let written = 0;
  for (const source of filesUnder(src)) {
    if (isTest.test(source)) continue;
    const asIs = copied.test(source);
    if (!asIs && !source.endsWith('.ts')) continue;
    const output = join(project, 'dist', relative(src, source)).replace(/\.ts$/, '.js');
    wanted.add(output);
    if (!isStale(source, output)) continue;
    mkdirSync(dirname(output), { recursive: true });
    if (asIs) copyFileSync(source, output);
    else await transpile(source, output);
    written += 1;
  }
  removeOrphans(join(project, 'dist'), wanted);
  return written;
}

async function transpile(source, output) {
  const { transformFile } = await import('@swc/core');
  const { code } = await transformFile(source, { ...swcOptions, sourceFileName: relative(dirname(output), source) });
  writeFileSync(output, code);
}

function removeOrphans(dist, wanted) {
  if (!existsSync(dist)) return;
  for (const output of filesUnder(dist)) if (!wanted.has(output)) rmSync(output);
}

let written = 0;
for (const project of projects()) written += await build(project);
if (written > 0) process.stderr.write(`built ${written} files\n`);
