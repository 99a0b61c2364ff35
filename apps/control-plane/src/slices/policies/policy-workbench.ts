import { Inject, Injectable } from '@nestjs/common';
import { branded, ok, refuse, type EpochMs, type OrganisationId, type Result } from '@sallyport/kernel';
import { compilePolicy, diffPolicies, explain, lintPolicy, type PolicyFinding, type ToolCall } from '@sallyport/policy-engine';

import type { Refusal } from '../../platform/commands/refusal.js';
import { refusalAt } from '../../platform/commands/refusal-at.js';
import { findIdentity } from '../identities/read/identity-queries.js';
import { identityRefusals } from '../identities/identity-refusals.js';
import { ReadPoints, type ReadPoint } from '../past/read-point.js';
import { serverRefusals } from '../servers/server-refusals.js';
import { argumentsFrom, BAD_ARGUMENTS } from './arguments-input.js';
import { checkDocument } from './check-document.js';
import { findDeclaringServer, type DeclaringServer } from './declared-tools.js';
import { refusalMember } from './policy-refusals.js';
import { sourceAt, type PolicySourceInput } from './policy-source.js';
import { trialToGraphql } from './trial-to-graphql.js';

/** Two documents to be compared, for the tools of a server by id or slug. */
export interface DiffPoliciesInput {
  readonly a: PolicySourceInput;
  readonly b: PolicySourceInput;
  readonly server?: string | null;
}

/** A call to be tried. `at` is RFC 3339. */
export interface TryPolicyInput {
  readonly policy: PolicySourceInput;
  readonly server: string;
  readonly tool: string;
  readonly args?: unknown;
  readonly identity?: string | null;
  readonly at?: string | null;
}

/** Looks at documents without changing anything: nothing is published, counted, recorded or sent. */
@Injectable()
export class PolicyWorkbench {
  constructor(@Inject(ReadPoints) private readonly points: ReadPoints) {}

  /** What publishing would find: every error, or else the warnings. Refused for a server that is not there. */
  async lint(organisationId: OrganisationId, text: string, server: string | null | undefined): Promise<Result<readonly PolicyFinding[], Refusal>> {
    const point = await this.points.at(organisationId, null);
    const declaring = typeof server === 'string' ? await declaringServer(point, server) : ok(undefined);
    if (!declaring.ok) return declaring;
    const checked = checkDocument(text);
    return ok(checked.ok ? lintPolicy(checked.value.document, declaring.value?.tools) : checked.refusal);
  }

  /** What differs between two documents, for a server's tools where one is named. */
  async diff(organisationId: OrganisationId, { a, b, server }: DiffPoliciesInput) {
    const point = await this.points.at(organisationId, null);
    const before = await sourceAt(point, a, '/a');
    if (!before.ok) return before.refusal;
    const after = await sourceAt(point, b, '/b');
    if (!after.ok) return after.refusal;
    const declaring = typeof server === 'string' ? await declaringServer(point, server) : ok(undefined);
    if (!declaring.ok) return refusalMember(declaring.refusal);
    const { entries } = diffPolicies(before.value.document, after.value.document, declaring.value?.tools);
    return {
      __typename: 'PolicyDiff' as const,
      entries: entries.map(({ tool, sentence, ...entry }) => ({ ...entry, tool: tool === '*' ? null : tool, message: sentence })),
    };
  }

  /** Decides a call and says how the verdict came about. */
  async try(organisationId: OrganisationId, input: TryPolicyInput) {
    const point = await this.points.at(organisationId, null);
    const source = await sourceAt(point, input.policy, '/policy');
    if (!source.ok) return source.refusal;
    const declaring = await declaringServer(point, input.server);
    if (!declaring.ok) return refusalMember(declaring.refusal);
    const call = await callFrom(point, input, declaring.value);
    if (!call.ok) return refusalMember(call.refusal);
    const isListed = declaring.value.tools.some((tool) => tool.name === input.tool);
    // Whoever tries a call has given its values.
    return trialToGraphql(explain(compilePolicy(source.value.document), call.value, true), { version: source.value.published?.version ?? null, isListed });
  }
}

async function declaringServer(point: ReadPoint, named: string): Promise<Result<DeclaringServer, Refusal>> {
  const found = await point.read((manager) => findDeclaringServer(manager, point.organisationId, named));
  return found === null ? refuse(refusalAt(serverRefusals, { code: 'server.unknown', pointer: '/server' })) : ok(found);
}

async function callFrom(point: ReadPoint, input: TryPolicyInput, { server, tools }: DeclaringServer): Promise<Result<ToolCall, Refusal>> {
  const args = argumentsFrom(input.args);
  if (args === undefined) return refuse(BAD_ARGUMENTS);
  const identity = await identityFrom(point, input.identity);
  if (identity === undefined) return refuse(refusalAt(identityRefusals, { code: 'identity.unknown', pointer: '/identity' }));
  const atMs = typeof input.at === 'string' ? branded<EpochMs>(Date.parse(input.at)) : point.atMs;
  return ok({
    tool: input.tool,
    args,
    atMs,
    grant: { id: '', labels: {} },
    identity,
    server: { slug: server.slug },
    session: { id: '' },
    client: { name: null },
    labels: tools.find((tool) => tool.name === input.tool)?.labels,
  });
}

async function identityFrom(point: ReadPoint, named: string | null | undefined): Promise<ToolCall['identity'] | undefined> {
  if (named === null || named === undefined) return { id: '', kind: 'agent', name: '', labels: {}, groups: [] };
  const row = await point.read((manager) => findIdentity(manager, point.organisationId, named));
  return row === null ? undefined : { id: row.identityId, kind: row.kind, name: row.name, labels: row.labels, groups: row.groups };
}
