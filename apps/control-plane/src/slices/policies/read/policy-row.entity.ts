import type { OrganisationId, PolicyId } from '@sallyport/kernel';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One policy as it is now, without its documents. */
@Entity('policies')
export class PolicyRow {
  @PrimaryColumn('uuid', { name: 'organisation_id' }) organisationId!: OrganisationId;
  @PrimaryColumn('uuid', { name: 'policy_id' }) policyId!: PolicyId;
  @Column('text') name!: string;
  @Column('integer', { name: 'latest_version' }) latestVersion!: number;
  /** Null while every version is in shadow mode. */
  @Column('integer', { name: 'live_version', nullable: true }) liveVersion!: number | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('integer') revision!: number;
}
