import { readUpstreamMessage } from '@sallyport/mcp-protocol';
import type { StdioCall, StdioHandler, StdioServer, UpstreamErrorKind } from '@sallyport/upstream';

import type { GatewayCore } from '../gateway-core.js';
import { TOOLS_CHANGED } from '../tools/tool-change-hints.js';
import type { AdmittedRequest } from './admit-request.js';
import { messageEvent } from './call-reply.js';
import { RelayedRequest } from './relayed-request.js';

/**
 * A request relayed to a stdio server. Many clients share its one process, so the request travels under an id of the process'
 * own; what belongs to it comes back under the client's.
 */
export class StdioRelay extends RelayedRequest implements StdioHandler {
  private call: StdioCall | undefined;

  constructor(
    core: GatewayCore,
    admitted: AdmittedRequest,
    private readonly server: StdioServer,
  ) {
    super(core, admitted);
  }

  /** Sends the request as soon as the process takes it. */
  send(): void {
    const { request } = this.admitted;
    this.call = this.server.request({ bytes: request.body, spans: request.frame.spans }, this);
  }

  beforeSend(): boolean {
    return this.maySend();
  }

  onNotification(message: Buffer): void {
    const read = message.includes(TOOLS_CHANGED) ? readUpstreamMessage(message) : undefined;
    if (read?.ok === true) this.core.toolChanges.hear(this.admitted.request.binding, read.value.method);
    this.pass(message);
  }

  onServerRequest(message: Buffer): void {
    this.core.stdioResponses.expect(this.admitted.request, message, this.server);
    this.pass(message);
  }

  onResponse(message: Buffer): void {
    this.core.stdioResponses.forget(this.admitted.request);
    const read = readUpstreamMessage(message);
    if (!read.ok) return this.failed('foreign');
    const passed = this.filter === null ? message : this.filter.pass(message);
    if (!Buffer.isBuffer(passed)) return this.withhold(passed);
    this.answered(read.value, 200);
    this.reply.message(passed);
  }

  onError(kind: UpstreamErrorKind): void {
    this.core.stdioResponses.forget(this.admitted.request);
    this.failed(kind);
  }

  private pass(message: Buffer): void {
    const passed = this.filter === null ? message : this.filter.pass(message);
    if (!Buffer.isBuffer(passed)) {
      this.abort();
      return this.withhold(passed);
    }
    this.reply.event(messageEvent(passed));
  }

  protected abort(): void {
    this.core.stdioResponses.forget(this.admitted.request);
    this.call?.abort();
  }

  protected wasSent(): boolean {
    return this.call?.sent === true;
  }
}
