import { PromotePolicyDocument, ShadowPolicyDocument, ShadowReportDocument, type PromotePolicyInput } from '@sallyport/graphql-contract';
import type { Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { example, withWait, type CommandKit } from '../command-kit.js';
import { enforcementPart, refusal } from '../output/answers.js';
import { instantBefore } from '../output/durations.js';
import { wholeNumber } from '../output/paging.js';
import { fields, instant, table } from '../output/table.js';
import type { CommandContext } from '../session/command-context.js';
import { nameAndVersion } from './policy-source.js';

type Wait = PromotePolicyInput['waitFor'];

interface ShadowFlags {
  readonly off?: boolean;
  readonly since?: string;
  readonly limit: number;
  readonly wait: Wait;
}

/** `policy shadow NAME[@N] | promote NAME@N`. */
export function addPolicyShadowCommands(policy: Command, kit: CommandKit): void {
  const shadow = withWait(
    policy
      .command('shadow <policy>')
      .description('run a version, NAME@N, beside the live one: it decides and blocks nothing; NAME alone tells where they disagreed')
      .option('--off', 'run none beside it any more')
      .option('--since <time>', 'disagreements from then on, such as 24h or a time', instantBefore(kit.nowMs))
      .option('--limit <n>', 'list at most this many, up to 100', wholeNumber(0, 100), 20),
  );
  example(shadow, 'sallyport policy shadow refunds@4', 'sallyport policy shadow refunds --since 24h', 'sallyport policy shadow refunds --off').action(
    kit.run(async (context, given: string, flags: ShadowFlags) => {
      const { name, version } = nameAndVersion(given);
      if (version !== undefined && flags.off === true) throw cliFault.usage('Name a version, as refunds@4, or say --off.');
      if (version === undefined && flags.off !== true) return tellDisagreements(context, name, flags);
      const { shadowPolicy: answer } = await context.admin().run(ShadowPolicyDocument, { input: { policy: name, version: version ?? null, waitFor: flags.wait } });
      if (answer.__typename === 'Refusal') return refusal(context, answer);
      const { policyId, shadowVersion, revision } = answer;
      context.print(
        { policyId, version: shadowVersion ?? null, revision, ...enforcementPart(context, answer.enforcement) },
        fields([['policy', policyId], ['in shadow', shadowVersion ?? 'none'], ['revision', revision]]),
      );
    }),
  );
  const promote = withWait(
    policy.command('promote <policy>').description('publish a version, NAME@N, in force; without @N the one in shadow').option('--note <text>', 'why'),
  );
  example(promote, 'sallyport policy promote refunds@4 --wait enforced').action(
    kit.run(async (context, given: string, flags: { note?: string; wait: Wait }) => {
      const { name, version } = nameAndVersion(given);
      const input = { policy: name, version: version ?? null, waitFor: flags.wait, ...(flags.note === undefined ? {} : { note: flags.note }) };
      const { promotePolicy: answer } = await context.admin().run(PromotePolicyDocument, { input });
      if (answer.__typename === 'Refusal') return refusal(context, answer);
      const { policyId, version: published, revision, unchanged } = answer;
      context.print(
        { policyId, version: published, revision, unchanged, ...enforcementPart(context, answer.enforcement) },
        fields([['policy', policyId], ['version', unchanged ? `${published} (unchanged)` : published], ['revision', revision]]),
      );
    }),
  );
}

async function tellDisagreements(context: CommandContext, policy: string, { since, limit }: ShadowFlags): Promise<void> {
  const { shadowReport: report } = await context.admin().run(ShadowReportDocument, { policy, since: since ?? null, first: limit });
  if (report.__typename === 'Refusal') return refusal(context, report);
  const { policyId, version, calls, stricter, looser, otherReason } = report;
  const items = report.disagreements.map(({ decisionId, at, server, tool, identity, ruleId, reasonCode, outcome, shadow }) => ({ decisionId, at, server, tool, identity, outcome, ruleId, reasonCode, shadow }));
  const rows = items.map((item) => [instant(item.at), item.tool, item.ruleId ?? item.reasonCode, item.shadow?.relation, item.shadow?.ruleId, item.decisionId]);
  context.print(
    { policyId, version, since: report.since, calls, stricter, looser, otherReason, items },
    `${fields([['in shadow', version], ['calls', calls], ['stricter', stricter], ['looser', looser], ['other reason', otherReason]])}\n${table(['at', 'tool', 'in force', 'in shadow', 'by rule', 'decision'], rows, 'They agreed on every call.')}`,
  );
}
