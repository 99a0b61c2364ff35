import type { OrganisationId, ServerId } from '@sallyport/kernel';
import type { ToolLabelling } from '@sallyport/organisation-state';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One server as it is now, without its tools. */
@Entity('servers')
export class ServerRow {
  @PrimaryColumn('uuid', { name: 'organisation_id' }) organisationId!: OrganisationId;
  @PrimaryColumn('uuid', { name: 'server_id' }) serverId!: ServerId;
  @Column('text') slug!: string;
  @Column('text') status!: 'active' | 'disabled';
  @Column('text') transport!: 'http' | 'stdio';
  @Column('text', { nullable: true }) url!: string | null;
  /** Values are not kept here: they are in the events, sealed. */
  @Column('simple-json', { name: 'header_names' }) headerNames!: readonly string[];
  @Column('integer', { name: 'timeout_ms' }) timeoutMs!: number;
  /** Ordered by the tool's name. */
  @Column('simple-json', { name: 'tool_labels' }) toolLabels!: readonly ToolLabelling[];
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('integer') revision!: number;
}
