import {
  DiffPoliciesDocument,
  ListPoliciesDocument,
  ListPolicyVersionsDocument,
  PublishPolicyDocument,
  RollbackPolicyDocument,
  ShowPolicyDocument,
  type PolicyVersionFieldsFragment,
} from '@sallyport/graphql-contract';
import type { Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { example, withWait, type CommandKit, type Wait } from '../command-kit.js';
import { enforcementPart, refusal } from '../output/answers.js';
import { findingLines, plainFinding, rejected } from '../output/findings.js';
import { moreLine, pageOf, pageVariables, withPaging, wholeNumber, type PageFlags } from '../output/paging.js';
import { fields, instant, oneLine, table } from '../output/table.js';
import { addPolicyImportCommands } from './policy-import-commands.js';
import { addPolicyLintCommand } from './policy-lint-command.js';
import { addPolicyShadowCommands } from './policy-shadow-commands.js';
import { addPolicySimulateCommand } from './policy-simulate-command.js';
import { nameAndVersion, policySource, readPolicyFile } from './policy-source.js';
import { addPolicyTestCommand } from './policy-test-command.js';
import { addPolicyTryCommand } from './policy-try-command.js';


/** `policy lint | publish | list | versions | show | diff | rollback | try | test | simulate | shadow | promote | import | export`. */
export function addPolicyCommands(program: Command, kit: CommandKit): void {
  const policy = program.command('policy').description('policies: what a grant allows');
  addPolicyLintCommand(policy, kit);
  addPublish(policy, kit);
  addReading(policy, kit);
  addDiff(policy, kit);
  addRollback(policy, kit);
  addPolicyTryCommand(policy, kit);
  addPolicyTestCommand(policy, kit);
  addPolicyShadowCommands(policy, kit);
  addPolicySimulateCommand(policy, kit);
  addPolicyImportCommands(policy, kit);
}

function addPublish(policy: Command, kit: CommandKit): void {
  const publish = withWait(
    policy
      .command('publish <name> <file>')
      .description('publish a version of a policy; a file of - is read from stdin')
      .option('--note <text>', 'why it changed')
      .option('--server <server>', "also check it against this server's tools")
      .option('--tests <file>', 'tests that stand beside the policy from now on')
      .option('--require-tests', 'publish this and later documents only where the tests pass')
      .option('--no-require-tests', 'publish whether the tests pass or not'),
  );
  example(publish, 'sallyport policy publish refunds refunds.json --note "cap at 100"').action(
    kit.run(async (context, name: string, file: string, flags: { note?: string; server?: string; tests?: string; requireTests?: boolean; wait: Wait }) => {
      const input = {
        name,
        document: await readPolicyFile(file, context.terminal),
        waitFor: flags.wait,
        ...(flags.note === undefined ? {} : { note: flags.note }),
        ...(flags.server === undefined ? {} : { server: flags.server }),
        ...(flags.tests === undefined ? {} : { tests: await readPolicyFile(flags.tests, context.terminal) }),
        ...(flags.requireTests === undefined ? {} : { requireTests: flags.requireTests }),
      };
      const { publishPolicy: answer } = await context.admin().run(PublishPolicyDocument, { input });
      if (answer.__typename === 'Refusal') return refusal(context, answer);
      if (answer.__typename === 'PolicyRejected') return rejected(context, answer);
      const { policyId, version, revision, unchanged } = answer;
      const findings = answer.findings.map(plainFinding);
      context.print(
        { policyId, version, revision, unchanged, findings, ...enforcementPart(context, answer.enforcement) },
        fields([['policy', policyId], ['version', unchanged ? `${version} (unchanged)` : version], ['revision', revision]]) + findingLines(findings),
      );
    }),
  );
}

function addReading(policy: Command, kit: CommandKit): void {
  example(withPaging(policy.command('list').description('list policies').option('--as-of <point>', 'as they were at a revision or a time')), 'sallyport policy list').action(
    kit.run(async (context, flags: PageFlags & { asOf?: string }) => {
      const { policies } = await context.admin().run(ListPoliciesDocument, { ...pageVariables(flags), asOf: flags.asOf ?? null });
      const page = pageOf(policies, ({ id, name, latestVersion, live, createdAt, revision }) => ({ policyId: id, name, latestVersion, liveVersion: live?.version ?? null, createdAt, revision }));
      const rows = page.items.map((item) => [item.name, item.liveVersion, item.latestVersion, item.policyId]);
      context.print(page, table(['name', 'live', 'latest', 'id'], rows, 'No policies.') + moreLine(page));
    }),
  );
  example(withPaging(policy.command('versions <policy>').description('list the versions of a policy')), 'sallyport policy versions refunds').action(
    kit.run(async (context, name: string, flags: PageFlags) => {
      const found = (await context.admin().run(ListPolicyVersionsDocument, { policy: name, ...pageVariables(flags) })).policy;
      if (found === null || found === undefined) throw cliFault.not_found(`There is no policy ${name}.`);
      const page = pageOf(found.versions, versionOf);
      const rows = page.items.map((item) => [item.version, statusOf(item), instant(item.publishedAt), item.note]);
      context.print(page, table(['version', 'status', 'published', 'note'], rows, 'No versions.') + moreLine(page));
    }),
  );
  const show = policy.command('show <policy>').description('show a policy, or one version of it as NAME@N').option('--as-of <point>', 'as it was at a revision or a time');
  example(show, 'sallyport policy show refunds@3').action(
    kit.run(async (context, given: string, flags: { asOf?: string }) => {
      const { name, version } = nameAndVersion(given);
      const variables = { policy: name, version: version ?? null, asOf: flags.asOf ?? null };
      const found = (await context.admin().run(ShowPolicyDocument, variables)).policy;
      if (found === null || found === undefined) throw cliFault.not_found(`There is no policy ${given}.`);
      const item = { ...versionOf(found.version), documentHash: found.version.documentHash, document: found.version.document };
      const head = fields([['policy', item.policyId], ['name', item.name], ['version', item.version], ['published', instant(item.publishedAt)], ['note', item.note]]);
      context.print(item, `${head}\n${item.document}`);
    }),
  );
}

function addDiff(policy: Command, kit: CommandKit): void {
  const diff = policy
    .command('diff <a> <b>')
    .description('say what changes from one version or file to another')
    .option('--server <server>', "leave aside tools that this server does not list and neither document names");
  example(diff, 'sallyport policy diff refunds@2 refunds@3', 'sallyport policy diff refunds draft.json').action(
    kit.run(async (context, a: string, b: string, flags: { server?: string }) => {
      const variables = { a: await policySource(a, context.terminal), b: await policySource(b, context.terminal), server: flags.server ?? null };
      const { diffPolicies } = await context.admin().run(DiffPoliciesDocument, variables);
      if (diffPolicies.__typename === 'Refusal') return refusal(context, diffPolicies);
      if (diffPolicies.__typename === 'PolicyRejected') return rejected(context, diffPolicies);
      const entries = diffPolicies.entries.map(({ kind, tool, pointer, side, ruleId, message }) => ({ kind, tool: tool ?? null, pointer, side, ruleId: ruleId ?? null, message }));
      const text = entries.length === 0 ? 'Both decide alike.' : entries.map((entry) => `${entry.kind.padEnd(11)} ${oneLine(entry.message)}`).join('\n');
      context.print({ entries }, text);
    }),
  );
}

function addRollback(policy: Command, kit: CommandKit): void {
  const rollback = withWait(
    policy.command('rollback <policy>').description("publish an older version's document again").requiredOption('--to <version>', 'the version to go back to', wholeNumber(1, 1_000_000)).option('--note <text>', 'why'),
  );
  example(rollback, 'sallyport policy rollback refunds --to 2 --wait enforced').action(
    kit.run(async (context, name: string, flags: { to: number; note?: string; wait: Wait }) => {
      const input = { policy: name, to: flags.to, waitFor: flags.wait, ...(flags.note === undefined ? {} : { note: flags.note }) };
      const { rollbackPolicy: answer } = await context.admin().run(RollbackPolicyDocument, { input });
      if (answer.__typename === 'Refusal') return refusal(context, answer);
      const { policyId, version, revision, unchanged } = answer;
      context.print({ policyId, version, revision, unchanged, ...enforcementPart(context, answer.enforcement) }, fields([['policy', policyId], ['version', version], ['revision', revision]]));
    }),
  );
}

/** `live`, `shadow` while it runs beside the live one, else `-`. */
function statusOf({ live, shadow }: PolicyVersionFieldsFragment): string {
  if (live) return 'live';
  return shadow ? 'shadow' : '–';
}

function versionOf(version: PolicyVersionFieldsFragment) {
  return { ...version, restoresVersion: version.restoresVersion ?? null };
}
