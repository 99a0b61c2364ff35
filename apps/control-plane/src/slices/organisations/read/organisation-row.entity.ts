import type { AuditDurability, FreshnessMode } from '@sallyport/domain-events';
import type { OrganisationId } from '@sallyport/kernel';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One organisation as it is now. */
@Entity('organisations')
export class OrganisationRow {
  @PrimaryColumn('uuid', { name: 'organisation_id' }) organisationId!: OrganisationId;
  @Column('text') slug!: string;
  @Column('text') name!: string;
  @Column('text', { name: 'audit_durability' }) auditDurability!: AuditDurability;
  @Column('text', { name: 'freshness_mode' }) freshnessMode!: FreshnessMode;
  @Column('integer', { name: 'fail_static_max_age_seconds' }) failStaticMaxAgeSeconds!: number;
  /** Wrapped by the root key; opaque. */
  @Column('text', { name: 'wrapped_key' }) wrappedKey!: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('integer') revision!: number;
}
