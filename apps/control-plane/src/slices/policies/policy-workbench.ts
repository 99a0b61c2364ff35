import { Inject, Injectable } from '@nestjs/common';
import { branded, isJsonObject, ok, refuse, type EpochMs, type JsonObject, type OrganisationId, type Result } from '@sallyport/kernel';
import { readJson } from '@sallyport/mcp-protocol';
import { compilePolicy, diffPolicies, explain, lintPolicy, type PolicyDocument, type PolicyFinding, type ToolCall } from '@sallyport/policy-engine';

import type { Refusal } from '../../platform/commands/refusal.js';
import { refusalAt } from '../../platform/commands/refusal-at.js';
import { findIdentity } from '../identities/read/identity-queries.js';
import { identityRefusals } from '../identities/identity-refusals.js';
import { ReadPoints, type ReadPoint } from '../past/read-point.js';
import { serverRefusals } from '../servers/server-refusals.js';
import { checkDocument, documentText } from './check-document.js';
import { findDeclaringServer, type DeclaringServer } from './declared-tools.js';
import { policyRefusals, policyRejected, refusalMember, type PolicyRejected } from './policy-refusals.js';
import { readVersion } from './policy-to-graphql.js';
import { policyAt } from './read/policy-queries.js';
import { trialToGraphql } from './trial-to-graphql.js';

/** A document by the name of a policy, or itself; exactly one. */
export interface PolicySourceInput {
  readonly policy?: string | null;
  readonly document?: unknown;
}

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

interface Source {
  readonly document: PolicyDocument;
  readonly version: number | null;
}

type NoSource = PolicyRejected | ReturnType<typeof refusalMember>;

const NAME_AND_VERSION = /^(.+)@(\d{1,9})$/;

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
    return trialToGraphql(explain(compilePolicy(source.value.document), call.value), { version: source.value.version, isListed });
  }
}

async function declaringServer(point: ReadPoint, named: string): Promise<Result<DeclaringServer, Refusal>> {
  const found = await point.read((manager) => findDeclaringServer(manager, point.organisationId, named));
  return found === null ? refuse(refusalAt(serverRefusals, { code: 'server.unknown', pointer: '/server' })) : ok(found);
}

async function sourceAt(point: ReadPoint, source: PolicySourceInput, pointer: string): Promise<Result<Source, NoSource>> {
  const hasDocument = source.document !== undefined && source.document !== null;
  if (typeof source.policy === 'string' && !hasDocument) return publishedSource(point, source.policy, pointer);
  if (!hasDocument || typeof source.policy === 'string') return refuse(refusalMember({ code: 'policy.source_invalid', message: 'Name either a policy or a document.', pointer }));
  const checked = checkDocument(documentText(source.document));
  return checked.ok ? ok({ document: checked.value.document, version: null }) : refuse(policyRejected(checked.refusal));
}

async function publishedSource(point: ReadPoint, named: string, pointer: string): Promise<Result<Source, NoSource>> {
  const [, name = named, versionText] = NAME_AND_VERSION.exec(named) ?? [];
  const row = await policyAt(point, name);
  if (row === null) return refuse(refusalMember(refusalAt(policyRefusals, { code: 'policy.unknown', pointer: `${pointer}/policy` })));
  const version = versionText === undefined ? (row.liveVersion ?? row.latestVersion) : Number(versionText);
  const found = await readVersion(row, point, version);
  if (found === null) return refuse(refusalMember(refusalAt(policyRefusals, { code: 'policy.version_unknown', pointer: `${pointer}/policy` })));
  const checked = checkDocument(found.document);
  return checked.ok ? ok({ document: checked.value.document, version }) : refuse(policyRejected(checked.refusal));
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

const BAD_ARGUMENTS: Refusal = { code: 'policy.args_invalid', message: 'Arguments are one JSON object without repeated keys.', pointer: '/args' };

function argumentsFrom(input: unknown): JsonObject | undefined {
  const text = typeof input === 'string' ? input : JSON.stringify(input ?? {});
  const read = readJson(Buffer.from(text, 'utf8'));
  return read.ok && isJsonObject(read.value) ? read.value : undefined;
}

async function identityFrom(point: ReadPoint, named: string | null | undefined): Promise<ToolCall['identity'] | undefined> {
  if (named === null || named === undefined) return { id: '', kind: 'agent', name: '', labels: {} };
  const row = await point.read((manager) => findIdentity(manager, point.organisationId, named));
  return row === null ? undefined : { id: row.identityId, kind: row.kind, name: row.name, labels: row.labels };
}
