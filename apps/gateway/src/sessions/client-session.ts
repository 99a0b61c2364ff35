import type { GrantId } from '@sallyport/kernel';
import type { MessageSummary, RpcId } from '@sallyport/mcp-protocol';

import type { GrantBinding } from '../snapshot/grant-binding.js';

/** A stream towards the client that a session keeps open (GET). */
export interface SessionStream {
  /** Takes up a stream again that broke off, a call's or the session's own: there may be several. Of others there is one. */
  readonly isResumed: boolean;
  /** Hands over one complete server-sent event, the blank line included. */
  push(event: Buffer): void;
  /** Keeps what lies between from closing a quiet stream. */
  keepAlive(): void;
  /** Ends the stream in peace. */
  end(): void;
}

/** A call whose own stream was closed by the upstream before its answer; the answer will come on the session's stream. */
export interface AwaitedCall {
  answered(summary: MessageSummary): void;
  /** The session ended first. */
  lost(): void;
}

/** What was agreed when a session began. */
export interface SessionTerms {
  readonly binding: GrantBinding;
  readonly protocolVersion: string | null;
  readonly clientName: string | null;
  /** The upstream's own session; `null` when it keeps none. */
  readonly upstreamSessionId: string | null;
}

/** Streams that one session may have open at a time: one of its own, and calls' streams that broke off. */
const MAX_STREAMS = 16;

/** One legacy MCP session of a client, minted here and bound to the grant that began it. */
export class ClientSession {
  readonly grantId: GrantId;
  lastUsedMs: number;
  /** Whether rules look at answers in it: then answers come with their calls alone, and no stream is taken up again past the rules. */
  isFiltered = false;
  /** Tool calls that the policy was asked about so far. */
  calls = 0;
  private readonly open = new Set<SessionStream>();
  private readonly awaited = new Map<RpcId, AwaitedCall>();

  constructor(
    readonly id: string,
    readonly terms: SessionTerms,
    nowMs: number,
  ) {
    this.grantId = terms.binding.grant.grantId;
    this.lastUsedMs = nowMs;
  }

  /** The client's open streams, oldest first. The first carries what is the gateway's own to say. */
  get streams(): ReadonlySet<SessionStream> {
    return this.open;
  }

  /** Takes a stream in; false when the session has as many as it may have. */
  join(stream: SessionStream): boolean {
    const isTaken = stream.isResumed ? this.open.size >= MAX_STREAMS : [...this.open].some((other) => !other.isResumed);
    if (!isTaken) this.open.add(stream);
    return !isTaken;
  }

  /** Forgets a stream that has ended. */
  part(stream: SessionStream): void {
    this.open.delete(stream);
  }

  /** Waits for the answer to a request on the session's stream. The answer ends the waiting. */
  await(id: RpcId, call: AwaitedCall): () => void {
    this.awaited.set(id, call);
    return () => {
      if (this.awaited.get(id) === call) this.awaited.delete(id);
    };
  }

  /** A response came on the session's stream; whose it is, if anybody waits for it. */
  settle(summary: MessageSummary): void {
    if (summary.id === null) return;
    const call = this.awaited.get(summary.id);
    this.awaited.delete(summary.id);
    call?.answered(summary);
  }

  /** Ends what the session holds open. */
  close(): void {
    for (const stream of [...this.open]) stream.end();
    this.open.clear();
    const lost = [...this.awaited.values()];
    this.awaited.clear();
    for (const call of lost) call.lost();
  }
}
