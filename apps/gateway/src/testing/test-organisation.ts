import { createHash, randomBytes } from 'node:crypto';

import type { DomainFact, IdentityKind, Labels, ListedTool, ObjectRef, OrganisationSettings, ProtocolEra, Upstream } from '@sallyport/domain-events';
import type { EventLog } from '@sallyport/event-log';
import { branded, canonicalJson, type Clock, type EventId, type GrantId, type IdentityId, type JsonValue, type OrganisationId, type PolicyId, type Revision, type ServerId, type Sha256Hex, type TokenId } from '@sallyport/kernel';
import type { ToolCategory, ToolRisk } from '@sallyport/policy-engine';
import type { KeyedHashes, SecretBox } from '@sallyport/secrets';
import { MINT_RANDOM_BYTES, mintToken } from '@sallyport/tokens';
import { v7 as uuid } from 'uuid';

/** What a test organisation writes to and seals with. */
export interface TestOrganisationParts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly hashes: KeyedHashes;
  readonly secretBox: SecretBox;
}

/** A grant as a client gets it. */
export interface IssuedGrant {
  readonly grantId: GrantId;
  readonly token: string;
  readonly revision: Revision;
}

const SETTINGS: OrganisationSettings = { name: 'Acme', auditDurability: 'process', freshnessMode: 'strict', failStaticMaxAgeSeconds: 60 };
const DAY_MS = 86_400_000;
const SHA256_OF_NOTHING = branded<Sha256Hex>(createHash('sha256').digest('hex'));

/** Writes the facts that a control plane would, so that a gateway can be tested without one. */
export class TestOrganisation {
  readonly id = branded<OrganisationId>(uuid());
  readonly wrappedKey: string;
  private readonly versions = new Map<PolicyId, number>();

  constructor(private readonly parts: TestOrganisationParts) {
    this.wrappedKey = parts.secretBox.newOrganisationKey(this.id);
  }

  /** Creates the organisation; settings not named are strict, with `process` durability. */
  async create(slug = 'acme', settings: Partial<OrganisationSettings> = {}): Promise<this> {
    await this.append({ kind: 'organisation', id: this.id }, { type: 'organisation.created', version: 1, data: { slug, settings: { ...SETTINGS, ...settings }, wrappedKey: this.wrappedKey } });
    return this;
  }

  /** Replaces the settings named. */
  changeSettings(settings: Partial<OrganisationSettings>): Promise<Revision> {
    return this.append({ kind: 'organisation', id: this.id }, { type: 'organisation.settings_changed', version: 1, data: { settings: { ...SETTINGS, ...settings } } });
  }

  /** Registers a server over HTTP; header values are sealed on the way in. */
  async registerHttp(slug: string, url: string, other: { readonly headers?: Readonly<Record<string, string>>; readonly timeoutMs?: number } = {}): Promise<ServerId> {
    const serverId = branded<ServerId>(uuid());
    const headers = Object.entries(other.headers ?? {}).map(([name, value]) => ({ name, sealedValue: this.seal(serverId, name, value) }));
    return this.register(serverId, slug, { kind: 'http', url, headers }, other.timeoutMs);
  }

  /** Registers a server of the operator's file. */
  registerStdio(slug: string, timeoutMs?: number): Promise<ServerId> {
    return this.register(branded<ServerId>(uuid()), slug, { kind: 'stdio' }, timeoutMs);
  }

  /** Approves a tool list as it would be listed. */
  approve(serverId: ServerId, tools: readonly JsonValue[], eras: readonly ProtocolEra[] = ['legacy'], protocolVersions: readonly string[] = ['2025-11-25']): Promise<Revision> {
    return this.append({ kind: 'server', id: serverId }, { type: 'server.tools_approved', version: 1, data: { serverId, eras, protocolVersions, serverInfo: '{"name":"test","version":"1"}', tools: tools.map(listed), rejected: [] } });
  }

  /** Notices that definitions differ from what was approved. */
  quarantine(serverId: ServerId, names: readonly string[]): Promise<Revision> {
    const tools = names.map((name) => ({ name, hash: SHA256_OF_NOTHING }));
    return this.append({ kind: 'server', id: serverId }, { type: 'server.tools_changed', version: 1, data: { serverId, tools } });
  }

  /** Says what a tool is. */
  label(serverId: ServerId, tool: string, { category = null, risk = null }: { readonly category?: ToolCategory | null; readonly risk?: ToolRisk | null }): Promise<Revision> {
    return this.append({ kind: 'server', id: serverId }, { type: 'server.tool_labelled', version: 1, data: { serverId, tool, category, risk } });
  }

  /** Creates an identity. */
  async createIdentity(name = 'ci-runner', other: { readonly labels?: Labels; readonly kind?: IdentityKind; readonly groups?: readonly string[] } = {}): Promise<IdentityId> {
    const identityId = branded<IdentityId>(uuid());
    const { labels = {}, kind = 'agent', groups = [] } = other;
    await this.append({ kind: 'identity', id: identityId }, { type: 'identity.created', version: 2, data: { identityId, name, kind, labels, groups } });
    return identityId;
  }

  /** Puts an identity into these groups and no others. */
  regroup(identityId: IdentityId, groups: readonly string[]): Promise<Revision> {
    return this.append({ kind: 'identity', id: identityId }, { type: 'identity.regrouped', version: 1, data: { identityId, groups } });
  }

  /** Publishes the next version of a policy; the document as an object or as text. */
  async publish(document: object | string, policyId: PolicyId = branded<PolicyId>(uuid())): Promise<PolicyId> {
    const version = (this.versions.get(policyId) ?? 0) + 1;
    this.versions.set(policyId, version);
    const text = typeof document === 'string' ? document : JSON.stringify(document);
    await this.append({ kind: 'policy', id: policyId }, { type: 'policy.version_published', version: 1, data: { policyId, name: 'test', version, document: text, documentHash: SHA256_OF_NOTHING, note: '', restoresVersion: 0 } });
    return policyId;
  }

  /** Runs a document beside the enforced version of a policy, as version 99. */
  shadow(policyId: PolicyId, document: object): Promise<Revision> {
    return this.append({ kind: 'policy', id: policyId }, { type: 'policy.shadow_started', version: 1, data: { policyId, name: 'test', version: 99, document: JSON.stringify(document) } });
  }

  /** Ends what `shadow` began. */
  unshadow(policyId: PolicyId): Promise<Revision> {
    return this.append({ kind: 'policy', id: policyId }, { type: 'policy.shadow_stopped', version: 1, data: { policyId } });
  }

  /** Issues a grant with a fresh token. */
  async grant(to: { readonly identityId: IdentityId; readonly serverId: ServerId; readonly policyId: PolicyId; readonly labels?: Labels; readonly expiresInMs?: number }): Promise<IssuedGrant> {
    const grantId = branded<GrantId>(uuid());
    const { token, atRest } = this.mint();
    const expiresAt = new Date(this.parts.clock.now() + (to.expiresInMs ?? DAY_MS)).toISOString();
    const { identityId, serverId, policyId, labels = {} } = to;
    const revision = await this.append({ kind: 'grant', id: grantId }, { type: 'grant.issued', version: 1, data: { grantId, identityId, serverId, policyId, labels, expiresAt, token: atRest } });
    return { grantId, token, revision };
  }

  /** Replaces a grant's token; the previous one stays valid for `overlapMs`. Answers the new token. */
  async rotate(grantId: GrantId, overlapMs: number): Promise<string> {
    const { token, atRest } = this.mint();
    const previousValidUntil = new Date(this.parts.clock.now() + overlapMs).toISOString();
    await this.append({ kind: 'grant', id: grantId }, { type: 'grant.token_rotated', version: 1, data: { grantId, token: atRest, previousValidUntil } });
    return token;
  }

  /** Revokes a grant. */
  revoke(grantId: GrantId): Promise<Revision> {
    return this.append({ kind: 'grant', id: grantId }, { type: 'grant.revoked', version: 1, data: { grantId, reason: 'test' } });
  }

  /** Appends any fact; answers its revision. */
  async append(object: ObjectRef, fact: DomainFact): Promise<Revision> {
    const events = await this.parts.log.append({
      organisationId: this.id,
      actor: { kind: 'system', name: 'test' },
      occurredAt: new Date(this.parts.clock.now()).toISOString(),
      events: [{ eventId: branded<EventId>(uuid()), object, fact }],
      expected: [],
    });
    return events.at(-1)?.revision ?? branded<Revision>(0);
  }

  private async register(serverId: ServerId, slug: string, upstream: Upstream, timeoutMs = 60_000): Promise<ServerId> {
    await this.append({ kind: 'server', id: serverId }, { type: 'server.registered', version: 1, data: { serverId, slug, upstream, timeoutMs } });
    return serverId;
  }

  private seal(serverId: ServerId, name: string, value: string): string {
    const context = { organisationId: this.id, objectKind: 'server', objectId: serverId, field: `header:${name.toLowerCase()}` };
    return this.parts.secretBox.seal(context, this.wrappedKey, value);
  }

  private mint(): { readonly token: string; readonly atRest: { readonly tokenId: TokenId; readonly publicId: string; readonly secretHash: Sha256Hex } } {
    const { token, publicId } = mintToken('agt', randomBytes(MINT_RANDOM_BYTES));
    return { token, atRest: { tokenId: branded<TokenId>(uuid()), publicId, secretHash: this.parts.hashes.tokenHash(token) } };
  }
}

function listed(definition: JsonValue): ListedTool {
  const name = typeof definition === 'object' && definition !== null && 'name' in definition ? String(definition.name) : String(definition);
  const whole: JsonValue = typeof definition === 'string' ? { name, inputSchema: { type: 'object' } } : definition;
  return { name, definition: JSON.stringify(whole), hash: branded<Sha256Hex>(createHash('sha256').update(canonicalJson(whole)).digest('hex')) };
}
