import type { SinkConfirmation, SinkFilter } from '@sallyport/domain-events';
import type { OrganisationId, SinkId } from '@sallyport/kernel';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One sink as it is now. */
@Entity('sinks')
export class SinkRow {
  @PrimaryColumn('uuid', { name: 'organisation_id' }) organisationId!: OrganisationId;
  @PrimaryColumn('uuid', { name: 'sink_id' }) sinkId!: SinkId;
  @Column('text') name!: string;
  @Column('text', { name: 'sink_type' }) sinkType!: string;
  /** JSON text of an object. */
  @Column('text') settings!: string;
  @Column('simple-json', { name: 'credential_names' }) credentialNames!: readonly string[];
  /** The credentials as the events have them, sealed: JSON text of names and sealed values. Never leaves the control plane. */
  @Column('text', { name: 'credential_seals' }) credentialSeals!: string;
  @Column('simple-json') filter!: SinkFilter;
  @Column('text') format!: string;
  @Column('text', { name: 'format_version', nullable: true }) formatVersion!: string | null;
  /** How it was shown that the receiver is the organisation's; `null` until then. */
  @Column('text', { nullable: true }) confirmed!: SinkConfirmation | null;
  /** Why a person stopped it; `null` while nobody has. */
  @Column('text', { nullable: true }) paused!: string | null;
  @Column('bigint', { name: 'after_seq', transformer: { to: (value: number) => value, from: Number } }) afterSeq!: number;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('integer') revision!: number;
}
