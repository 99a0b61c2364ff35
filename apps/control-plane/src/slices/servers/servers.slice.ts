import type { Slice } from '../../platform/persistence/slice.js';
import { ChangeServers } from './commands/change-servers.js';
import { KnownServers } from './commands/known-server.js';
import { ListTools } from './commands/list-tools.js';
import { NoticeTools } from './commands/notice-tools.js';
import { RefreshServer } from './commands/refresh-server.js';
import { RegisterServer } from './commands/register-server.js';
import { RegisterStdioServers } from './commands/register-stdio-servers.js';
import { ServerEgress } from './commands/server-egress.js';
import { DriftWatch } from './drift-watch.js';
import { AddToolLabels1763700000061 } from './read/add-tool-labels.migration.js';
import { CreateServers1763700000060 } from './read/create-servers.migration.js';
import { ServerListingRow } from './read/server-listing-row.entity.js';
import { ServerQueries } from './read/server-queries.js';
import { ServerRow } from './read/server-row.entity.js';
import { serverProjector } from './read/server.projector.js';
import { ServersResolver } from './servers.resolver.js';

/** Servers: what can be called, and whether its tools still are what a person approved. */
export const serversSlice: Slice = {
  providers: [
    ServersResolver,
    ServerQueries,
    ChangeServers,
    RegisterServer,
    RefreshServer,
    RegisterStdioServers,
    NoticeTools,
    KnownServers,
    ListTools,
    ServerEgress,
    DriftWatch,
  ],
  projectors: [serverProjector],
  migrations: [CreateServers1763700000060, AddToolLabels1763700000061],
  entities: [ServerRow, ServerListingRow],
};
