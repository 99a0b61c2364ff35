import type { Role } from '@sallyport/domain-events';
import type { MemberId, OrganisationId } from '@sallyport/kernel';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One member as it is now, removed ones too. */
@Entity('members')
export class MemberRow {
  @PrimaryColumn('uuid', { name: 'organisation_id' }) organisationId!: OrganisationId;
  @PrimaryColumn('uuid', { name: 'member_id' }) memberId!: MemberId;
  @Column('text') name!: string;
  @Column('text') role!: Role;
  @Column('timestamptz', { name: 'added_at' }) addedAt!: Date;
  @Column('timestamptz', { name: 'removed_at', nullable: true }) removedAt!: Date | null;
  /** Revision that added it: the order of lists. */
  @Column('integer', { name: 'added_revision' }) addedRevision!: number;
  @Column('integer') revision!: number;
}
