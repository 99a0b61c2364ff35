import type { Role } from '@sallyport/domain-events';
import type { MemberId, OrganisationId, Sha256Hex, TokenId } from '@sallyport/kernel';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One admin token as it is now, without its secret. */
@Entity('admin_tokens')
export class AdminTokenRow {
  @PrimaryColumn('uuid', { name: 'organisation_id' }) organisationId!: OrganisationId;
  @PrimaryColumn('uuid', { name: 'token_id' }) tokenId!: TokenId;
  @Column('uuid', { name: 'member_id' }) memberId!: MemberId;
  @Column('text') role!: Role;
  @Column('boolean') operator!: boolean;
  @Column('text', { name: 'public_id' }) publicId!: string;
  @Column('text', { name: 'secret_hash' }) secretHash!: Sha256Hex;
  @Column('text') label!: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt!: Date;
  @Column('timestamptz', { name: 'revoked_at', nullable: true }) revokedAt!: Date | null;
  /** Revision that issued it: the order of lists. */
  @Column('integer') revision!: number;
}

/** When a token was last accepted; not a projection, so a rebuild leaves it alone. */
@Entity('token_uses')
export class TokenUseRow {
  @PrimaryColumn('uuid', { name: 'organisation_id' }) organisationId!: OrganisationId;
  @PrimaryColumn('uuid', { name: 'token_id' }) tokenId!: TokenId;
  @Column('timestamptz', { name: 'last_used_at' }) lastUsedAt!: Date;
}
