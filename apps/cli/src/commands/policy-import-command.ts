import { ImportPolicyDocument } from '@sallyport/graphql-contract';
import { readJson } from '@sallyport/policy-engine';
import type { Command } from 'commander';

import { example, type CommandKit } from '../command-kit.js';
import { findingLines, plainFinding, rejected } from '../output/findings.js';
import { prettyJson } from '../output/pretty-json.js';
import { readPolicyFile } from './policy-source.js';

/** `policy import FILE`: a policy of the older YAML form as a document of this one. */
export function addPolicyImportCommand(policy: Command, kit: CommandKit): void {
  const command = policy.command('import <file>').description('convert a policy of the older open-source YAML form, and print it');
  example(command, 'sallyport policy import old.yaml > refunds.json').action(
    kit.run(async (context, file: string) => {
      const { importPolicy: answer } = await context.admin().run(ImportPolicyDocument, { text: await readPolicyFile(file, context.terminal) });
      if (answer.__typename === 'TextRejected') return rejected(context, answer);
      const notes = answer.notes.map(plainFinding);
      const document = readJson(answer.document);
      if (notes.length > 0) context.note(findingLines(notes).trimEnd());
      context.print({ document: answer.document, notes }, document.ok ? prettyJson(document.value) : answer.document);
    }),
  );
}
