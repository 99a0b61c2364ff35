import { readdirSync, readFileSync } from 'node:fs';

import type { DecisionRecord } from '@sallyport/audit';
import type { MarkStore } from '@sallyport/counter-store';
import { IDENTITY_KINDS, type IdentityKind } from '@sallyport/domain-events';
import { canonicalJson, compareDecimals } from '@sallyport/kernel';
import { compilePolicy, decide, parsePolicy, type LimitAsk, type ToolCall } from '@sallyport/policy-engine';
import { policyCase } from '@sallyport/policy-engine/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { postFrame, type PostTarget } from './testing/post-frame.js';
import { ScriptedUpstream, legacyServer } from './testing/scripted-upstream.js';
import { TestGateway } from './testing/test-gateway.js';

const folder = new URL('../../../libs/policy-engine/cases/', import.meta.url);

/** Cases about facts that a gateway makes itself, or does not have. */
const ENGINE_ONLY: Readonly<Record<string, string>> = {
  'context-paths.yaml': 'compares ids, which are made at random',
  'huge-numbers.yaml': 'holds numbers that a request may not hold: it is refused before',
  'increment-from-invalid.yaml': 'likewise',
  'shadow-and-description.yaml': 'is a document that is never in force',
  'label-paths.yaml': 'counts the calls of a session, of which a gateway sees the first here',
};

const cases = readdirSync(folder)
  .filter((file) => !(file in ENGINE_ONLY))
  .map((file) => ({ file, case: policyCase(parse(readFileSync(new URL(file, folder), 'utf8'))) }));

/** Marks as a case gives them: borne by everyone, and nothing is left. */
class GivenMarks implements MarkStore {
  constructor(private readonly given: readonly string[]) {}

  borne(): readonly string[] {
    return this.given;
  }

  leave(): void {}
}

/** Makes all that a call stands on, sends it, and answers the decision on record. */
async function recorded(call: ToolCall, document: string, upstream: string): Promise<DecisionRecord | undefined> {
  const marks = new GivenMarks(call.marks ?? []);
  const gateway = await TestGateway.start({ wallMs: call.atMs, parts: { marks } });
  try {
    const organisation = await gateway.organisation();
    const serverId = await organisation.registerHttp(call.server.slug, upstream);
    await organisation.approve(serverId, [{ name: call.tool, inputSchema: { type: 'object' }, annotations: { ...call.labels?.annotations } }]);
    if (call.labels !== undefined) await organisation.label(serverId, call.tool, call.labels);
    const identityId = await organisation.createIdentity(call.identity.name, { labels: call.identity.labels, kind: kindOf(call), groups: call.identity.groups ?? [] });
    const policyId = await organisation.publish(document);
    const { token } = await organisation.grant({ identityId, serverId, policyId, labels: call.grant.labels });
    await send(call, { url: gateway.urlOf(call.server.slug), token });
    return gateway.records.findLast((record) => record.kind === 'decided');
  } finally {
    await gateway.stop();
  }
}

async function send(call: ToolCall, target: PostTarget): Promise<void> {
  const clientInfo = { name: call.client.name ?? '', version: '1' };
  const begun = await postFrame(target, JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } }));
  const frame = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":${JSON.stringify(call.tool)},"arguments":${canonicalJson(call.args)}}}`;
  await postFrame(target, frame, { 'mcp-session-id': begun.headers.get('mcp-session-id') });
}

describe('the gateway decides as the engine does', () => {
  let upstream: ScriptedUpstream;

  beforeAll(async () => {
    upstream = await ScriptedUpstream.start(legacyServer());
  });

  afterAll(async () => {
    await upstream.stop();
  });

  it.each(cases)('in $file', async ({ case: { policy, steps } }) => {
    const parsed = parsePolicy(policy);
    if (!parsed.ok) throw new Error('the policy of a case must be one');
    const compiled = compilePolicy(parsed.value);
    for (const { call } of steps) {
      const wanted = decide(compiled, call);
      const record = await recorded(call, policy, upstream.url);
      if (wanted.effect === 'deny') expect(record).toMatchObject({ effect: 'deny', ruleId: wanted.ruleId, reasonCode: wanted.reasonCode, tool: call.tool });
      else if (wanted.asks.some(isTooMuch)) expect(record).toMatchObject({ effect: 'deny', reasonCode: 'limit_exceeded' });
      else expect(record).toMatchObject({ effect: 'allow', ruleId: wanted.ruleId, reasonCode: null, tool: call.tool });
    }
  });
});

/** Whether one call alone is more than the counter admits. */
function isTooMuch({ units, max }: LimitAsk): boolean {
  return compareDecimals(units, max) > 0;
}

function kindOf({ identity }: ToolCall): IdentityKind {
  const kind = IDENTITY_KINDS.find((one) => one === identity.kind);
  if (kind === undefined) throw new Error('the identity of a case must be of a kind that there is');
  return kind;
}
