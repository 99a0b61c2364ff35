import { readFileSync } from 'node:fs';

import { buildSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType, isUnionType, type GraphQLField, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import { describe, expect, it } from 'vitest';

/** As `npm run check` holds it to the slices. */
const schema = buildSchema(readFileSync(new URL('../../libs/graphql-contract/schema.graphql', import.meta.url), 'utf8'));
const ours = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__') && !['Boolean', 'Float', 'ID', 'Int', 'String'].includes(name));

function signatures(type: GraphQLObjectType | null | undefined): readonly string[] {
  return Object.values(type?.getFields() ?? {}).map(signature);
}

function signature({ name, args, type }: GraphQLField<unknown, unknown>): string {
  return `${name}(${args.map((argument) => `${argument.name}: ${String(argument.type)}`).join(', ')}): ${String(type)}`;
}

/** Names of types, fields, arguments and values without a description. */
function silent(of: GraphQLSchema): readonly string[] {
  const places = Object.values(of.getTypeMap()).filter(({ name }) => !name.startsWith('__')).flatMap((type) => {
    const own = [{ place: type.name, description: type.description }];
    if (isEnumType(type)) return [...own, ...type.getValues().map((value) => ({ place: `${type.name}.${value.name}`, description: value.description }))];
    if (isInputObjectType(type)) return [...own, ...Object.values(type.getFields()).map((field) => ({ place: `${type.name}.${field.name}`, description: field.description }))];
    if (!isObjectType(type) && !isInterfaceType(type)) return own;
    return [...own, ...Object.values(type.getFields()).map((field) => ({ place: `${type.name}.${field.name}`, description: field.description }))];
  });
  return places.filter(({ description }) => (description ?? '').trim() === '').map(({ place }) => place);
}

describe('the admin API', () => {
  it('says what every type, field, input and value is', () => {
    expect(silent(schema)).toEqual([]);
    expect(silent(buildSchema('"A." type Query { "B." spoken: Int quiet: Mute } enum Mute { "C." LOUD LOW }'))).toEqual(expect.arrayContaining(['Query.quiet', 'Mute', 'Mute.LOW']));
  });

  it('keeps the queries and subscriptions that clients were written for', () => {
    expect([...signatures(schema.getQueryType()), ...signatures(schema.getSubscriptionType())]).toEqual(expect.arrayContaining([
      'decision(id: ID!): Decision',
      'decisions(after: String, filter: DecisionFilter, first: Int): DecisionConnection!',
      'diffPolicies(a: PolicySource!, b: PolicySource!, server: ID): DiffPoliciesResult!',
      'enforcement(revision: Int!, waitFor: WaitFor): Enforcement!',
      'events(after: String, asOf: AsOf, first: Int, object: String): EventConnection!',
      'grant(asOf: AsOf, id: ID!): Grant',
      'grants(after: String, asOf: AsOf, first: Int, identity: ID, server: ID, status: GrantStatus): GrantConnection!',
      'identities(after: String, asOf: AsOf, first: Int): IdentityConnection!',
      'identity(asOf: AsOf, identity: ID!): Identity',
      'lintPolicy(document: JSON!, server: ID): LintPolicyResult!',
      'member(id: ID!): Member',
      'members(after: String, first: Int): MemberConnection!',
      'organisation(): Organisation!',
      'organisations(after: String, first: Int): OrganisationConnection!',
      'ping(): Boolean!',
      'policies(after: String, asOf: AsOf, first: Int): PolicyConnection!',
      'policy(asOf: AsOf, name: String!, version: Int): Policy',
      'revision(): Int!',
      'server(asOf: AsOf, server: ID!): Server',
      'servers(after: String, asOf: AsOf, first: Int): ServerConnection!',
      'tokens(after: String, first: Int, member: ID): AdminTokenConnection!',
      'tryPolicy(input: TryPolicyInput!): TryPolicyResult!',
      'whoami(): Whoami!',
      'workers(): [Worker!]!',
      'decisionStream(filter: DecisionFilter): Decision!',
    ]));
  });

  it('keeps the mutations that clients were written for', () => {
    expect(signatures(schema.getMutationType())).toEqual(expect.arrayContaining([
      'addMember(input: AddMemberInput!): AddMemberResult!',
      'attachPolicy(input: AttachPolicyInput!): AttachPolicyResult!',
      'changeMemberRole(input: ChangeMemberRoleInput!): ChangeMemberRoleResult!',
      'createIdentity(input: CreateIdentityInput!): CreateIdentityResult!',
      'createOrganisation(input: CreateOrganisationInput!): CreateOrganisationResult!',
      'createToken(input: CreateTokenInput!): CreateTokenResult!',
      'disableIdentity(input: DisableIdentityInput!): DisableIdentityResult!',
      'disableServer(input: DisableServerInput!): DisableServerResult!',
      'enableIdentity(input: EnableIdentityInput!): EnableIdentityResult!',
      'enableServer(input: EnableServerInput!): EnableServerResult!',
      'issueGrant(input: IssueGrantInput!): IssueGrantResult!',
      'publishPolicy(input: PublishPolicyInput!): PublishPolicyResult!',
      'rebuildProjections(): RebuildPayload!',
      'refreshServer(input: RefreshServerInput!): RefreshServerResult!',
      'regroupIdentity(input: RegroupIdentityInput!): RegroupIdentityResult!',
      'registerServer(input: RegisterServerInput!): RegisterServerResult!',
      'relabelIdentity(input: RelabelIdentityInput!): RelabelIdentityResult!',
      'removeMember(input: RemoveMemberInput!): RemoveMemberResult!',
      'revokeFoundToken(input: RevokeFoundTokenInput!): RevokeFoundTokenPayload!',
      'revokeGrant(input: RevokeGrantInput!): RevokeGrantResult!',
      'revokeToken(input: RevokeTokenInput!): RevokeTokenResult!',
      'rollbackPolicy(input: RollbackPolicyInput!): RollbackPolicyResult!',
      'rotateGrantToken(input: RotateGrantTokenInput!): RotateGrantTokenResult!',
      'updateOrganisation(input: UpdateOrganisationInput!): UpdateOrganisationResult!',
      'updateServer(input: UpdateServerInput!): UpdateServerResult!',
    ]));
  });

  it('takes one input and answers with a payload or a refusal', () => {
    const WITHOUT_INPUT = ['rebuildProjections', 'rebuildSnapshots'];
    const ALWAYS_ANSWERED = ['rebuildProjections', 'rebuildSnapshots', 'revokeFoundToken'];
    for (const { name, args, type } of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      if (!WITHOUT_INPUT.includes(name)) expect(args.map((argument) => argument.name), name).toEqual(['input']);
      if (ALWAYS_ANSWERED.includes(name)) continue;
      const answer = schema.getType(String(type).replace('!', ''));
      expect(isUnionType(answer) && answer.getTypes().map((one) => one.name), name).toContain('Refusal');
    }
  });

  it('says the revision of every change', () => {
    const payloads = ours.filter(isObjectType).filter(({ name }) => name.endsWith('Payload') && !['RebuildPayload', 'RebuildSnapshotsPayload', 'RevokeFoundTokenPayload'].includes(name));
    expect(payloads.length).toBeGreaterThan(15);
    for (const payload of payloads) expect(Object.keys(payload.getFields()), payload.name).toContain('revision');
  });

  it('refuses in one shape', () => {
    expect(signatures(schema.getType('Refusal') as GraphQLObjectType)).toEqual(['code(): String!', 'message(): String!', 'pointer(): String']);
  });

  it('keeps the words of its sets', () => {
    const words = Object.fromEntries(ours.filter(isEnumType).map((type) => [type.name, type.getValues().map(({ name }) => name)]));
    expect(words).toEqual(expect.objectContaining({
      AuditDurability: ['bus', 'disk', 'process'],
      FindingSeverity: ['error', 'warning'],
      FreshnessMode: ['fail_static', 'strict'],
      GrantStatus: ['active', 'expired', 'revoked'],
      IdentityKind: ['agent', 'human', 'service'],
      IdentityStatus: ['active', 'disabled'],
      Outcome: ['abandoned', 'allowed', 'approval_required', 'denied', 'error', 'limited'],
      PolicyDiffKind: ['changed', 'gained', 'loosened', 'lost', 'tightened', 'undecidable'],
      PolicyDiffSide: ['after', 'before'],
      PolicyMode: ['enforce', 'shadow'],
      ProtocolEra: ['legacy', 'modern'],
      Role: ['admin', 'auditor', 'policy_manager', 'viewer'],
      ServerStatus: ['active', 'disabled'],
      ServerTransport: ['http', 'stdio'],
      TokenStatus: ['active', 'expired', 'revoked'],
      ToolCategory: ['Destructive', 'Execute', 'Financial', 'Read', 'Write'],
      ToolRisk: ['Critical', 'High', 'Low', 'Medium'],
      ToolStatus: ['approved', 'changed'],
      TrialEffect: ['allow', 'deny'],
      WaitFor: ['COMMITTED', 'ENFORCED', 'PUBLISHED'],
      WorkerState: ['ready', 'stale', 'starting', 'stopped'],
    }));
  });
});
