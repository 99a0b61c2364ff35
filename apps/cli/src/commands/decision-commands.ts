import { ListDecisionsDocument, ShowDecisionDocument, type DecisionFieldsFragment, type DecisionFilter, type Outcome, type ShowDecisionQuery } from '@sallyport/graphql-contract';
import { OUTCOMES } from '@sallyport/audit';
import { InvalidArgumentError, type Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { example, type CommandKit } from '../command-kit.js';
import { instantBefore } from '../output/durations.js';
import { moreLine, pageOf, pageVariables, withPaging, type PageFlags } from '../output/paging.js';
import { fields, instant, oneLine, table } from '../output/table.js';
import { followDecisions } from '../session/follow-decisions.js';
import { explainDecision } from './explain-decision.js';

type ShownDecision = NonNullable<ShowDecisionQuery['decision']>;

interface FilterFlags {
  readonly identity?: string;
  readonly server?: string;
  readonly tool?: string;
  readonly grant?: string;
  readonly outcome?: readonly Outcome[];
  readonly rule?: string;
  readonly reason?: string;
  readonly since?: string;
  readonly until?: string;
}

/** `decisions list | tail | show`. */
export function addDecisionCommands(program: Command, kit: CommandKit): void {
  const decisions = program.command('decisions').description('decisions: what was allowed and denied, and by which rule');
  const list = withPaging(withFilter(decisions.command('list').description('search decisions, newest first'), kit));
  example(list, 'sallyport decisions list --outcome denied --since 24h').action(
    kit.run(async (context, flags: FilterFlags & PageFlags) => {
      const answer = await context.during('Searching', context.admin().run(ListDecisionsDocument, { ...pageVariables(flags), filter: filterOf(flags) }));
      const page = pageOf(answer.decisions, itemOf);
      const rows = page.items.map((item) => [instant(item.at), item.outcome, item.identity, item.server, item.tool ?? item.method, item.ruleId ?? item.reasonCode, item.decisionId]);
      context.print(page, table(['at', 'outcome', 'identity', 'server', 'tool', 'rule', 'id'], rows, 'No decisions.') + moreLine(page));
    }),
  );
  example(withFilter(decisions.command('tail').description('show decisions as they happen, until Ctrl-C'), kit), 'sallyport decisions tail --server payments').action(
    kit.run(async (context, flags: FilterFlags) => {
      await followDecisions(context, filterOf(flags), (decision) => {
        const item = itemOf(decision);
        context.print(item, `${instant(item.at)}  ${(item.outcome ?? '–').padEnd(9)} ${oneLine(item.identity)}  ${oneLine(item.server)}/${oneLine(item.tool ?? item.method)}  ${item.ruleId ?? item.reasonCode ?? ''}`);
      });
    }),
  );
  const show = decisions
    .command('show <id>')
    .description('show one decision; with --explain how it came about')
    .option('--explain', 'which rules were looked at, and what each condition saw')
    .option('--args <json>', 'with --explain: the arguments of the call as JSON, or @FILE; their values are not kept');
  example(show, 'sallyport decisions show 0199…', `sallyport decisions show 0199… --explain --args '{"amount":250}'`).action(
    kit.run(async (context, id: string, flags: { explain?: boolean; args?: string }) => {
      if (flags.explain === true) return explainDecision(context, id, flags.args);
      const { decision } = await context.admin().run(ShowDecisionDocument, { id });
      if (decision === null || decision === undefined) throw cliFault.not_found(`There is no decision ${id}.`);
      const { serverId, identityId, policyId, argumentsDigest, argumentsBytes, responseStatus, resultBytes, upstreamMs, clientName, protocolVersion } = decision;
      const item = { ...itemOf(decision), serverId, identityId, policyId, argumentsDigest, argumentsBytes, responseStatus, resultBytes, upstreamMs, clientName, protocolVersion };
      const details = detailsOf(decision);
      context.print({ ...item, ...details }, fields([...Object.entries(item).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value as string | number | null)] as const), ...detailLines(details)]));
    }),
  );
}

/** What a decision says beyond the call itself. */
function detailsOf({ shadow, approvals, answerRuleId, removed, removedCount }: ShownDecision) {
  return {
    shadow: shadow === null || shadow === undefined ? null : { policyVersion: shadow.policyVersion, relation: shadow.relation, effect: shadow.effect, ruleId: shadow.ruleId, reasonCode: shadow.reasonCode ?? null },
    approvals: approvals.map(({ ruleId, approvers, quorum, message }) => ({ ruleId, approvers, quorum, message })),
    answerRuleId: answerRuleId ?? null,
    removed: removed.map(({ pointer, ruleId, action }) => ({ pointer, ruleId, action })),
    removedCount,
  };
}

function detailLines({ shadow, approvals, answerRuleId, removed, removedCount }: ReturnType<typeof detailsOf>): readonly (readonly [string, string])[] {
  return [
    ...(shadow === null ? [] : [['shadow', `version ${shadow.policyVersion} is ${shadow.relation}: ${shadow.effect} by ${shadow.ruleId}`] as const]),
    ...approvals.map(({ ruleId, quorum, approvers }) => ['needs approval', `${quorum} of ${approvers.join(', ') || 'whoever may'}, by ${ruleId}`] as const),
    ...(answerRuleId === null ? [] : [['answer withheld', answerRuleId] as const]),
    ...removed.map(({ pointer, action, ruleId }) => ['taken out', `${pointer} (${action}, ${ruleId})`] as const),
    ...(removedCount > removed.length ? [['taken out', `${removedCount - removed.length} more`] as const] : []),
  ];
}

function withFilter(command: Command, kit: CommandKit): Command {
  return command
    .option('--identity <identity>', 'of one identity')
    .option('--server <server>', 'for one server')
    .option('--tool <tool>', 'for one tool')
    .option('--grant <id>', 'of one grant')
    .option('--outcome <outcome>', `only ${OUTCOMES.join(', ')}; may be given again`, collectOutcome)
    .option('--rule <rule>', 'settled by this rule')
    .option('--reason <code>', 'with this reason code')
    .option('--since <time>', 'from then on, such as 24h or a time', instantBefore(kit.nowMs))
    .option('--until <time>', 'before then', instantBefore(kit.nowMs));
}

function collectOutcome(text: string, before: readonly Outcome[] = []): readonly Outcome[] {
  const outcome = OUTCOMES.find((known) => known === text);
  if (outcome === undefined) throw new InvalidArgumentError(`Allowed are ${OUTCOMES.join(', ')}.`);
  return [...before, outcome];
}

function filterOf(flags: FilterFlags): DecisionFilter {
  const { identity, server, tool, grant, rule, reason, since, until, outcome } = flags;
  const given = Object.entries({ identity, server, tool, grant, rule, reason, since, until }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), ...(outcome === undefined ? {} : { outcome: [...outcome] }) };
}

function itemOf(decision: DecisionFieldsFragment) {
  const { decisionId, at, outcome, reasonCode, server, method, tool, identity, grantId, ruleId, policyVersion, revision, argumentKeys, durationMs } = decision;
  return { decisionId, at, outcome, reasonCode, server, tool, identity, grantId, ruleId, policyVersion, revision, argumentKeys, durationMs, method };
}
