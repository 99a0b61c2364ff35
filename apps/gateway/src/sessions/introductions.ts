import type { ServerId } from '@sallyport/kernel';

import type { ServerState } from '../snapshot/organisation-snapshot.js';

/** What was learnt of servers when clients introduced themselves. Forgotten with the process, and when a server's address changes. */
export class Introductions {
  private readonly sessions = new Map<ServerId, ServerState['upstream']>();

  /** Notes whether the server gave a session id in answer to `initialize`. */
  note(server: ServerState, keepsSessions: boolean): void {
    if (keepsSessions) this.sessions.set(server.serverId, server.upstream);
    else this.sessions.delete(server.serverId);
  }

  /** Whether the server was last seen to keep sessions; then every later request needs one. */
  keepsSessions(server: ServerState): boolean {
    return this.sessions.get(server.serverId) === server.upstream;
  }
}
