import type { ListedTool, ProtocolEra, RejectedTool } from '@sallyport/domain-events';
import type { OrganisationId, ServerId } from '@sallyport/kernel';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a person approved of a server's tools, and what was seen to differ since. */
@Entity('server_listings')
export class ServerListingRow {
  @PrimaryColumn('uuid', { name: 'organisation_id' }) organisationId!: OrganisationId;
  @PrimaryColumn('uuid', { name: 'server_id' }) serverId!: ServerId;
  @Column('simple-json') eras!: readonly ProtocolEra[];
  @Column('simple-json', { name: 'protocol_versions' }) protocolVersions!: readonly string[];
  /** JSON text as the upstream sent it. */
  @Column('text', { name: 'server_info' }) serverInfo!: string;
  @Column('simple-json') tools!: readonly ListedTool[];
  @Column('simple-json') rejected!: readonly RejectedTool[];
  /** Hash last seen by tool name, ordered by name; `''` for a tool no longer listed. */
  @Column('simple-json') changed!: readonly (readonly [name: string, hash: string])[];
  @Column('timestamptz', { name: 'approved_at' }) approvedAt!: Date;
}
