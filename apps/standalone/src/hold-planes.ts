import type { Server } from 'node:http';

import type { StopList } from '@sallyport/service-host';

/** What of a deployment has to be stopped, in this order. */
export interface HeldPlanes {
  readonly gateway: { stop(): Promise<void> };
  readonly journal: { close(): Promise<void> };
  readonly controlPlane: { close(): Promise<void> };
}

/**
 * Adds the undoing of both planes to a stop list, each part on its own, so that one that fails keeps no other running: no new
 * connections, calls in flight finish, and only then what they need is closed.
 */
export function holdPlanes(stops: StopList, planes: HeldPlanes, server: Pick<Server, 'close' | 'closeIdleConnections' | 'closeAllConnections'>): void {
  stops.add('connections', async () => server.closeAllConnections());
  stops.add('control plane', () => planes.controlPlane.close());
  stops.add('journal', () => planes.journal.close());
  stops.add('gateway', () => planes.gateway.stop());
  stops.add('new connections', async () => {
    server.close();
    server.closeIdleConnections();
  });
}
