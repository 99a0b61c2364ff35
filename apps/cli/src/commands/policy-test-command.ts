import { existsSync } from 'node:fs';
import { basename, join, resolve, dirname } from 'node:path';

import { TestPolicyDocument, type TestPolicyQuery } from '@sallyport/graphql-contract';
import type { Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { example, type CommandKit } from '../command-kit.js';
import { EXIT } from '../exit-codes.js';
import { refusal } from '../output/answers.js';
import { rejected } from '../output/findings.js';
import { oneLine } from '../output/table.js';
import type { CommandContext } from '../session/command-context.js';
import type { Terminal } from '../terminal.js';
import { policySource, readPolicyFile } from './policy-source.js';

type Report = Extract<TestPolicyQuery['testPolicy'], { readonly __typename: 'PolicyTestReport' }>;
type Outcome = Report['outcomes'][number];

interface Pair {
  readonly tests: string;
  readonly policy: string;
}

const TESTS_FILE = /^(.+)\.tests\.(?:ya?ml|json)$/;
const SUFFIXES = ['yaml', 'yml', 'json'];

/** `policy test FILE…`: runs the tests that stand beside policies. */
export function addPolicyTestCommand(policy: Command, kit: CommandKit): void {
  const command = policy
    .command('test <file...>')
    .description('run tests of policies: NAME.tests.yaml beside NAME.json, either of the two, or any tests with --policy')
    .option('--policy <policy>', 'the policy they are about: a file, or a published one as NAME or NAME@N');
  example(command, 'sallyport policy test refunds.tests.yaml', 'sallyport policy test refunds.tests.yaml --policy refunds@3').action(
    kit.run(async (context, files: readonly string[], flags: { policy?: string }) => {
      const reports = [];
      for (const file of files) {
        const pair = flags.policy === undefined ? pairOf(file, context.terminal) : { tests: file, policy: flags.policy };
        const report = await run(context, pair);
        if (report === undefined) return;
        reports.push({ file: pair.tests, policy: pair.policy, passed: report.passed, failed: report.failed, outcomes: report.outcomes.map(plainOutcome) });
      }
      const [passed, failed] = [sum(reports.map((report) => report.passed)), sum(reports.map((report) => report.failed))];
      if (failed > 0) context.exitCode = EXIT.failed;
      const lines = reports.flatMap(({ file, outcomes }) => [`${file}\n`, ...outcomes.map(outcomeLine)]).join('');
      context.print({ passed, failed, files: reports }, `${lines}${passed} passed, ${failed} failed`);
    }),
  );
}

/** Answers nothing where the command has ended with an error. */
async function run(context: CommandContext, { tests, policy }: Pair): Promise<Report | undefined> {
  const input = { policy: await policySource(policy, context.terminal), tests: await readPolicyFile(tests, context.terminal) };
  const { testPolicy } = await context.admin().run(TestPolicyDocument, { input });
  switch (testPolicy.__typename) {
    case 'PolicyTestReport':
      return testPolicy;
    case 'TextRejected':
      rejected(context, { ...testPolicy, findings: testPolicy.placed });
      return undefined;
    case 'PolicyRejected':
      rejected(context, testPolicy);
      return undefined;
    case 'Refusal':
      refusal(context, testPolicy);
      return undefined;
  }
}

/** The tests and the policy they stand beside, from the name of either; a policy that is no file is taken as published. */
function pairOf(file: string, terminal: Terminal): Pair {
  const folder = dirname(file);
  const [, name] = TESTS_FILE.exec(basename(file)) ?? [];
  if (name !== undefined) {
    const document = join(folder, `${name}.json`);
    return { tests: file, policy: existsSync(resolve(terminal.folder, document)) ? document : name };
  }
  const stem = basename(file).replace(/\.json$/, '');
  const tests = SUFFIXES.map((suffix) => join(folder, `${stem}.tests.${suffix}`)).find((path) => existsSync(resolve(terminal.folder, path)));
  if (tests === undefined) throw cliFault.usage(`There are no tests beside ${file}: name the file ${stem}.tests.yaml, or the policy with --policy.`);
  return { tests, policy: file };
}

function plainOutcome({ name, passed, want, seen, deniedBefore }: Outcome) {
  return { name, passed, want: { ...want, __typename: undefined }, seen: { ...seen, __typename: undefined }, deniedBefore };
}

function outcomeLine({ name, passed, want, seen, deniedBefore }: ReturnType<typeof plainOutcome>): string {
  if (passed) return `  ok    ${oneLine(name)}\n`;
  const wanted = [want.effect, want.rule, want.reason, want.message].filter((part) => part !== null && part !== undefined).join(', ');
  const before = deniedBefore === 0 ? '' : `\n        ${deniedBefore} of its earlier calls were denied`;
  return `  FAIL  ${oneLine(name)}\n        wanted ${oneLine(wanted)}\n        saw    ${oneLine([seen.effect, seen.rule, seen.reason, seen.message].filter((part) => part !== null && part !== undefined).join(', '))}${before}\n`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
