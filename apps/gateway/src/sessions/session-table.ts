import { randomBytes } from 'node:crypto';

import type { GrantId } from '@sallyport/kernel';

import { ClientSession, type SessionTerms } from './client-session.js';

/** How many sessions are kept, and for how long they may rest. */
export interface SessionLimits {
  readonly maxSessions: number;
  readonly idleMs: number;
}

/** Of all sessions, the share that one grant may hold before its own oldest goes. */
const SHARE_OF_ONE_GRANT = 0.25;
const ID_BYTES = 24;
const REORDER_AFTER_MS = 1_000;

/**
 * This worker's client sessions, least recently used first. Bounded: when it is full the session that rested longest goes,
 * so a client that never says goodbye cannot keep others out.
 */
export class SessionTable {
  private readonly byId = new Map<string, ClientSession>();
  private readonly byGrant = new Map<GrantId, Set<ClientSession>>();

  /** @param ended called once for each session that goes, for whatever reason, after it can no longer be found. */
  constructor(
    private readonly limits: SessionLimits,
    private readonly ended: (session: ClientSession) => void,
  ) {}

  get size(): number {
    return this.byId.size;
  }

  /** Begins a session under a fresh id. */
  begin(terms: SessionTerms, nowMs: number): ClientSession {
    const session = new ClientSession(randomBytes(ID_BYTES).toString('base64url'), terms, nowMs);
    const ofGrant = this.byGrant.get(session.grantId) ?? new Set();
    this.makeRoom(ofGrant);
    ofGrant.add(session);
    this.byGrant.set(session.grantId, ofGrant);
    this.byId.set(session.id, session);
    return session;
  }

  /** The session of this id, if this grant began it. To everyone else it does not exist. */
  find(id: string, grantId: GrantId, nowMs: number): ClientSession | undefined {
    const session = this.byId.get(id);
    if (session === undefined || session.grantId !== grantId) return undefined;
    if (nowMs - session.lastUsedMs > REORDER_AFTER_MS) {
      session.lastUsedMs = nowMs;
      this.byId.delete(id);
      this.byId.set(id, session);
    }
    return session;
  }

  /** Ends one session; ending it twice does nothing. */
  end(session: ClientSession): void {
    if (!this.byId.delete(session.id)) return;
    const ofGrant = this.byGrant.get(session.grantId);
    ofGrant?.delete(session);
    if (ofGrant?.size === 0) this.byGrant.delete(session.grantId);
    session.close();
    this.ended(session);
  }

  /** Ends every session that has rested too long with no stream open, and every one that `isOver` names. */
  sweep(nowMs: number, isOver: (session: ClientSession) => boolean): void {
    for (const session of this.byId.values()) {
      const rested = session.streams.size === 0 && nowMs - session.lastUsedMs > this.limits.idleMs;
      if (rested || isOver(session)) this.end(session);
    }
  }

  /** Every session, least recently used first. */
  all(): Iterable<ClientSession> {
    return this.byId.values();
  }

  private makeRoom(ofGrant: Set<ClientSession>): void {
    const share = Math.max(1, Math.floor(this.limits.maxSessions * SHARE_OF_ONE_GRANT));
    const [own] = ofGrant.size >= share ? ofGrant : [];
    const oldest = own ?? (this.byId.size >= this.limits.maxSessions ? this.byId.values().next().value : undefined);
    if (oldest !== undefined) this.end(oldest);
  }
}
