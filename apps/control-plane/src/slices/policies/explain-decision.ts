import { Inject, Injectable } from '@nestjs/common';
import { branded, canonicalJson, ok, refuse, type EpochMs, type JsonObject, type OrganisationId, type Result, type Revision } from '@sallyport/kernel';
import { compilePolicy, explain, parsePolicy, type ToolCall } from '@sallyport/policy-engine';
import type { KeyedHashes } from '@sallyport/secrets';

import type { Refusal } from '../../platform/commands/refusal.js';
import type { Caller } from '../../platform/identity/caller.js';
import { PART } from '../../platform/parts.js';
import { DecisionQueries, type DecisionNode } from '../decisions/read/decision-queries.js';
import { KeptArguments } from '../decisions/read/kept-arguments.js';
import { PastReader } from '../past/past-reader.js';
import type { PastState } from '../past/past-state.js';
import { argumentsFrom, BAD_ARGUMENTS } from './arguments-input.js';
import { labelsOfTool } from './declared-tools.js';
import { stepSentences, stepsToGraphql } from './explained-steps.js';
import { refusalMember } from './policy-refusals.js';

/** Tells of a recorded decision how it came about, by what held when it was made. */
@Injectable()
export class ExplainDecision {
  constructor(
    @Inject(DecisionQueries) private readonly decisions: DecisionQueries,
    @Inject(PastReader) private readonly pasts: PastReader,
    @Inject(KeptArguments) private readonly kept: KeptArguments,
    @Inject(PART.hashes) private readonly hashes: KeyedHashes,
  ) {}

  /**
   * @param given The call's arguments, where the reader has them: they are held against the digest on record. Else those that a
   *   policy keeps are used, and of their values types and sizes are shown: the values themselves are read by a reveal alone.
   */
  async run({ organisationId }: Pick<Caller, 'organisationId'>, id: string, given: unknown) {
    const decision = await this.decisions.find(organisationId, id);
    if (decision === null) return refusalMember(UNKNOWN);
    if (decision.tool === null || decision.policyId === null || decision.policyVersion === null) return refusalMember(NO_POLICY);
    const args = await this.argumentsOf(organisationId, decision, given);
    if (!args.ok) return refusalMember(args.refusal);
    const past = await this.pasts.at(organisationId, { revision: branded<Revision>(decision.revision) });
    const published = past.policyVersions.get(decision.policyId)?.[decision.policyVersion - 1];
    const document = published === undefined ? undefined : parsePolicy(published.document);
    if (document?.ok !== true) return refusalMember(NO_LONGER_READ);
    const { verdict, steps } = explain(compilePolicy(document.value), callOf(decision, decision.tool, { args: args.value, past }), isGiven(given));
    return {
      __typename: 'DecisionExplanation' as const,
      decisionId: decision.decisionId,
      recordedRuleId: decision.ruleId,
      recordedReasonCode: decision.reasonCode,
      effect: verdict.effect,
      ruleId: verdict.ruleId,
      reasonCode: verdict.effect === 'allow' ? null : verdict.reasonCode,
      policyVersion: decision.policyVersion,
      explanation: stepSentences(steps),
      steps: stepsToGraphql(steps),
    };
  }

  private async argumentsOf(organisationId: OrganisationId, { decisionId, argumentKeys, argumentsDigest }: DecisionNode, given: unknown): Promise<Result<JsonObject, Refusal>> {
    if (!isGiven(given)) {
      const kept = argumentKeys.length === 0 ? {} : await this.kept.of(organisationId, decisionId);
      return kept === undefined ? refuse(NOT_KEPT) : ok(kept);
    }
    const args = argumentsFrom(given);
    if (args === undefined) return refuse(BAD_ARGUMENTS);
    if (argumentsDigest === null) return Object.keys(args).length === 0 ? ok(args) : refuse(OTHERS);
    return this.hashes.digest(organisationId, canonicalJson(args)) === argumentsDigest ? ok(args) : refuse(OTHERS);
  }
}

function isGiven(args: unknown): boolean {
  return args !== null && args !== undefined;
}

const UNKNOWN: Refusal = { code: 'decision.unknown', message: 'There is no such decision.', pointer: '/id' };
const NO_POLICY: Refusal = { code: 'decision.no_policy', message: 'No policy was asked about a tool call here, so there is nothing to explain but the reason on record.', pointer: '/id' };
const NOT_KEPT: Refusal = { code: 'decision.arguments_needed', message: 'The values of its arguments were not kept whole. Give those of the call: they are held against the digest on record.', pointer: '/args' };
const OTHERS: Refusal = { code: 'decision.arguments_differ', message: 'These are not the arguments of that call: their digest is another.', pointer: '/args' };
const NO_LONGER_READ: Refusal = { code: 'policy_invalid', message: 'This version of Sallyport cannot read the document that decided then.', pointer: '/id' };

function callOf(decision: DecisionNode, tool: string, { args, past }: { readonly args: JsonObject; readonly past: PastState }): ToolCall {
  const { at, grantId, identityId, serverId, server, clientName } = decision;
  const identity = past.identities.get(identityId);
  const row = past.servers.get(serverId);
  const listing = past.listings.get(serverId) ?? null;
  return {
    tool,
    args,
    atMs: branded<EpochMs>(at.getTime()),
    grant: { id: grantId, labels: past.grants.get(grantId)?.labels ?? {} },
    identity: { id: identityId, kind: identity?.kind ?? 'agent', name: identity?.name ?? '', labels: identity?.labels ?? {}, groups: identity?.groups },
    server: { slug: server },
    session: { id: '' },
    client: { name: clientName },
    labels: row === undefined ? undefined : labelsOfTool(tool, row, listing),
  };
}
