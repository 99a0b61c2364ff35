import type { OrganisationId, PolicyId, Sha256Hex } from '@sallyport/kernel';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One version of a policy; written once. */
@Entity('policy_versions')
export class PolicyVersionRow {
  @PrimaryColumn('uuid', { name: 'organisation_id' }) organisationId!: OrganisationId;
  @PrimaryColumn('uuid', { name: 'policy_id' }) policyId!: PolicyId;
  @PrimaryColumn('integer') version!: number;
  @Column('text') document!: string;
  @Column('text', { name: 'document_hash' }) documentHash!: Sha256Hex;
  @Column('text') note!: string;
  @Column('text') mode!: 'enforce' | 'shadow';
  /** The version a rollback published again; null when it is none. */
  @Column('integer', { name: 'restores_version', nullable: true }) restoresVersion!: number | null;
  @Column('timestamptz', { name: 'published_at' }) publishedAt!: Date;
  @Column('integer') revision!: number;
}
