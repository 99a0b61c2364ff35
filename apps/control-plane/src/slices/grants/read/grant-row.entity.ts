import type { Labels } from '@sallyport/domain-events';
import type { GrantId, IdentityId, OrganisationId, PolicyId, ServerId, TokenId } from '@sallyport/kernel';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A grant's token without anything secret; `validUntil` is RFC 3339. */
export interface GrantTokenColumn {
  readonly tokenId: TokenId;
  readonly publicId: string;
  readonly validUntil: string;
}

/** One grant as it is now. `status` is what was recorded: a grant whose time has passed may still read `active`. */
@Entity('grants')
export class GrantRow {
  @PrimaryColumn('uuid', { name: 'organisation_id' }) organisationId!: OrganisationId;
  @PrimaryColumn('uuid', { name: 'grant_id' }) grantId!: GrantId;
  @Column('uuid', { name: 'identity_id' }) identityId!: IdentityId;
  @Column('uuid', { name: 'server_id' }) serverId!: ServerId;
  @Column('uuid', { name: 'policy_id' }) policyId!: PolicyId;
  @Column('simple-json') labels!: Labels;
  @Column('text') status!: 'active' | 'revoked' | 'expired';
  /** Newest first. */
  @Column('simple-json') tokens!: readonly GrantTokenColumn[];
  @Column('timestamptz', { name: 'issued_at' }) issuedAt!: Date;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt!: Date;
  @Column('timestamptz', { name: 'revoked_at', nullable: true }) revokedAt!: Date | null;
  @Column('text', { name: 'revocation_reason', nullable: true }) revocationReason!: string | null;
  /** Revision that issued it: the order of lists. */
  @Column('integer', { name: 'issued_revision' }) issuedRevision!: number;
  @Column('integer') revision!: number;
}
