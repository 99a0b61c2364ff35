import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { LintPolicyDocument, type FindingFieldsFragment, type LintPolicyQuery } from '@sallyport/graphql-contract';
import type { PolicyEdit } from '@sallyport/policy-engine';
import type { Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { example, type CommandKit } from '../command-kit.js';
import { EXIT } from '../exit-codes.js';
import { refusal } from '../output/answers.js';
import { findingLines, plainFinding } from '../output/findings.js';
import { prettyJson } from '../output/pretty-json.js';
import type { CommandContext } from '../session/command-context.js';
import { readPolicyFile } from './policy-source.js';

interface LintFlags {
  readonly server?: string;
  readonly fix?: boolean;
}

/** `policy lint FILE`: what publishing would find; with `--fix`, what can be set right by a program is. */
export function addPolicyLintCommand(policy: Command, kit: CommandKit): void {
  const lint = policy
    .command('lint <file>')
    .description('check a policy file; with --server against its tools')
    .option('--server <server>', "check names and paths against this server's tools")
    .option('--fix', 'write certain fixes into the file, and tell what is left');
  example(lint, 'sallyport policy lint refunds.json --server payments', 'sallyport policy lint refunds.json --server payments --fix').action(
    kit.run(async (context, file: string, flags: LintFlags) => {
      if (flags.fix === true && file === '-') throw cliFault.usage('--fix writes into the file: name one.');
      const document = await readPolicyFile(file, context.terminal);
      const linted = await lintOf(context, document, flags.server);
      if (linted.__typename === 'Refusal') return refusal(context, linted);
      const fixed = flags.fix === true ? await fixedText(document, linted.findings) : undefined;
      if (fixed === undefined) return tell(context, linted.findings, flags.fix === true ? 0 : undefined);
      writeFileSync(resolve(context.terminal.folder, file), fixed.text);
      const left = await lintOf(context, fixed.text, flags.server);
      if (left.__typename === 'Refusal') return refusal(context, left);
      tell(context, left.findings, fixed.count);
    }),
  );
}

async function lintOf(context: CommandContext, document: string, server: string | undefined): Promise<LintPolicyQuery['lintPolicy']> {
  return (await context.admin().run(LintPolicyDocument, { document, server: server ?? null })).lintPolicy;
}

/** @param fixed How many findings were fixed; absent where nobody asked for it. */
function tell(context: CommandContext, found: readonly FindingFieldsFragment[], fixed: number | undefined): void {
  const findings = found.map(plainFinding);
  if (findings.some(({ severity }) => severity === 'error')) context.exitCode = EXIT.failed;
  const head = fixed === undefined ? '' : `Fixed ${fixed}.\n`;
  context.print({ findings, ...(fixed === undefined ? {} : { fixed }) }, head + (findings.length === 0 ? 'No findings.' : findingLines(findings)));
}

/** The document with its edits carried out, the last finding's first, so that none moves what another points to. */
async function fixedText(text: string, findings: readonly FindingFieldsFragment[]): Promise<{ readonly text: string; readonly count: number } | undefined> {
  const { applyPolicyEdit, readJson } = await import('@sallyport/policy-engine');
  const read = readJson(text);
  if (!read.ok) return undefined;
  let document = read.value;
  let count = 0;
  for (const { edit } of findings.toReversed()) {
    const next = edit === null || edit === undefined ? undefined : applyPolicyEdit(document, edit as PolicyEdit);
    if (next === undefined) continue;
    document = next;
    count += 1;
  }
  return count === 0 ? undefined : { text: `${prettyJson(document)}\n`, count };
}
