import type { DecisionId, MemberId, OrganisationId, RevealId } from '@sallyport/kernel';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One reveal as its events have it. That its time has passed is not looked at here. */
@Entity('reveals')
export class RevealRow {
  @PrimaryColumn('uuid', { name: 'organisation_id' }) organisationId!: OrganisationId;
  @PrimaryColumn('uuid', { name: 'reveal_id' }) revealId!: RevealId;
  @Column('uuid', { name: 'decision_id' }) decisionId!: DecisionId;
  @Column('text') status!: 'requested' | 'confirmed' | 'refused' | 'expired';
  @Column('text') reason!: string;
  @Column('uuid', { name: 'requested_by' }) requestedBy!: MemberId;
  @Column('timestamptz', { name: 'requested_at' }) requestedAt!: Date;
  @Column('timestamptz', { name: 'confirm_by' }) confirmBy!: Date;
  @Column('uuid', { name: 'confirmed_by', nullable: true }) confirmedBy!: MemberId | null;
  @Column('timestamptz', { name: 'confirmed_at', nullable: true }) confirmedAt!: Date | null;
  @Column('timestamptz', { name: 'read_by', nullable: true }) readBy!: Date | null;
  @Column('integer', { nullable: true }) reads!: number | null;
  @Column('integer') readings!: number;
  @Column('uuid', { name: 'refused_by', nullable: true }) refusedBy!: MemberId | null;
  @Column('text', { name: 'refusal_reason', nullable: true }) refusalReason!: string | null;
  /** When its present status ends: `confirmBy`, then `readBy`; `null` once it has ended, by a last reading too. */
  @Column('timestamptz', { name: 'open_until', nullable: true }) openUntil!: Date | null;
  @Column('integer') revision!: number;
}
