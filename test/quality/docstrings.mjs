// Exported names without a docstring. `node test/quality/docstrings.mjs` prints them and exits 1 when there are any.
import { readFileSync, readdirSync } from 'node:fs';
import { join, dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const skipped = /(\.spec|\.contract|\.bench)\.ts$|\/(generated|dist|node_modules|testing|migrations)\/|\/index\.ts$|generated\.ts$/;

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules' && entry.name !== 'dist') yield* sources(path);
    } else if (path.endsWith('.ts') && !skipped.test(path)) yield path;
  }
}

const isExported = (node) => node.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword) ?? false;
const isDeclaration = (node) =>
  ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isVariableStatement(node);
const nameOf = (node) => (ts.isVariableStatement(node) ? node.declarationList.declarations[0]?.name.getText() : node.name?.text) ?? '(unnamed)';

/** One docstring covers an overload, a type derived from the value above it, and a block of one-line type aliases without a blank line. */
const isCoveredByAbove = (node, before, file) =>
  before !== undefined &&
  ((ts.isTypeAliasDeclaration(node) && (ts.isVariableStatement(before) || isNextLine(node, before, file))) ||
    (ts.isFunctionDeclaration(node) && ts.isFunctionDeclaration(before) && before.name?.text === node.name?.text));
const lineOf = (position, file) => file.getLineAndCharacterOfPosition(position).line;
const isNextLine = (node, before, file) => ts.isTypeAliasDeclaration(before) && lineOf(node.getStart(), file) === lineOf(before.end, file) + 1;

/** @returns {string[]} `file:line name` of each exported declaration without a docstring. */
export function undocumented(path, text = readFileSync(path, 'utf8')) {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const missing = [];
  const covered = new Set();
  file.statements.forEach((node, at) => {
    const before = file.statements[at - 1];
    if (!isExported(node) || !isDeclaration(node)) return;
    if (ts.getJSDocCommentsAndTags(node).length > 0 || (covered.has(before) && isCoveredByAbove(node, before, file))) {
      covered.add(node);
      return;
    }
    missing.push(`${relative(root, path)}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${nameOf(node)}`);
  });
  return missing;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const missing = ['apps', 'libs'].flatMap((group) => [...sources(join(root, group))]).flatMap((path) => undocumented(path));
  for (const line of missing) process.stderr.write(`no docstring: ${line}\n`);
  process.exitCode = missing.length === 0 ? 0 : 1;
}
