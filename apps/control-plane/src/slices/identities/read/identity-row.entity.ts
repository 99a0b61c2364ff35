import type { IdentityKind, Labels } from '@sallyport/domain-events';
import type { IdentityId, OrganisationId } from '@sallyport/kernel';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One identity as it is now. */
@Entity('identities')
export class IdentityRow {
  @PrimaryColumn('uuid', { name: 'organisation_id' }) organisationId!: OrganisationId;
  @PrimaryColumn('uuid', { name: 'identity_id' }) identityId!: IdentityId;
  @Column('text') name!: string;
  @Column('text') kind!: IdentityKind;
  @Column('simple-json') labels!: Labels;
  @Column('simple-json') groups!: readonly string[];
  @Column('text') status!: 'active' | 'disabled';
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('integer') revision!: number;
}
