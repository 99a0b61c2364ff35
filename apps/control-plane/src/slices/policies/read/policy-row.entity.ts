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
  /** Null while no version runs beside the live one. */
  @Column('integer', { name: 'shadow_version', nullable: true }) shadowVersion!: number | null;
  /** Their text as given; null for none. */
  @Column('text', { nullable: true }) tests!: string | null;
  @Column('boolean', { name: 'tests_required' }) testsRequired!: boolean;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('integer') revision!: number;
}
