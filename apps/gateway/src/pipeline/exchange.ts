import type { IncomingMessage, ServerResponse } from 'node:http';

import type { HeaderView } from '@sallyport/mcp-protocol';

import { saneRequestId } from '../http/client-answer.js';

/** One HTTP request and the response it waits for, with what every step needs of them. */
export class Exchange {
  /** The client's own id of this request, if it is a sane token; echoed and recorded. */
  readonly requestId: string | null;
  readonly sourceIp: string | null;
  /** Names of an admitted call's decision, sent back beside an answer that is the upstream's own. */
  decisionHeaders: Readonly<Record<string, string>> | undefined;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly headers: HeaderView,
    /** Monotonic milliseconds at arrival. */
    readonly startedMs: number,
  ) {
    this.decisionHeaders = undefined;
    this.requestId = saneRequestId(headers.requestId);
    this.sourceIp = request.socket.remoteAddress ?? null;
  }

  /** Whether the client reads server-sent events; one that names what it accepts and leaves them out does not. */
  get acceptsEvents(): boolean {
    const { accept } = this.headers;
    return accept === null || accept.includes('text/event-stream') || accept.includes('*/*');
  }
}
