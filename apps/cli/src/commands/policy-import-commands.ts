import { ExportPolicyDocument, ImportPolicyDocument } from '@sallyport/graphql-contract';
import type { Command } from 'commander';

import { example, type CommandKit } from '../command-kit.js';
import { refusal } from '../output/answers.js';
import { findingLines, plainFinding, rejected } from '../output/findings.js';
import { prettyJson } from '../output/pretty-json.js';
import { policySource, readPolicyFile } from './policy-source.js';

/** `policy import FILE`: a policy of the older YAML form as a document of this one; `policy export NAME|FILE`: one in the core form. */
export function addPolicyImportCommands(policy: Command, kit: CommandKit): void {
  const command = policy.command('import <file>').description('convert a policy of the older open-source YAML form, and print it');
  example(command, 'sallyport policy import old.yaml > refunds.json').action(
    kit.run(async (context, file: string) => {
      const { importPolicy: answer } = await context.admin().run(ImportPolicyDocument, { text: await readPolicyFile(file, context.terminal) });
      if (answer.__typename === 'TextRejected') return rejected(context, answer);
      const notes = answer.notes.map(plainFinding);
      if (notes.length > 0) context.note(findingLines(notes).trimEnd());
      context.print({ document: answer.document, notes }, await prettyText(answer.document));
    }),
  );
  const out = policy.command('export <policy>').description('print a policy, NAME, NAME@N or a file, in the core form that other products share');
  example(out, 'sallyport policy export refunds@3 > core.json').action(
    kit.run(async (context, given: string) => {
      const { exportPolicy: answer } = await context.admin().run(ExportPolicyDocument, { policy: await policySource(given, context.terminal) });
      if (answer.__typename === 'Refusal') return refusal(context, answer);
      if (answer.__typename === 'PolicyRejected') return rejected(context, answer);
      context.print({ document: answer.document }, await prettyText(answer.document));
    }),
  );
}

async function prettyText(text: string): Promise<string> {
  const { readJson } = await import('@sallyport/policy-engine');
  const read = readJson(text);
  return read.ok ? prettyJson(read.value) : text;
}
