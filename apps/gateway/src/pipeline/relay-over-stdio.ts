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
  private forgetCancel: (() => void) | undefined;

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
    this.forgetCancel = this.core.cancels.expect(request, () => this.cancelled());
    this.call = this.server.request({ bytes: request.body, spans: request.frame.spans }, this);
  }

  beforeSend(): boolean {
    return this.maySend();
  }

  onNotification(message: Buffer): void {
    const read = message.includes(TOOLS_CHANGED) ? readUpstreamMessage(message) : undefined;
    if (read?.ok === true) this.core.toolChanges.hear(this.admitted.request.binding, read.value.method);
    this.reply.event(messageEvent(message));
  }

  onServerRequest(message: Buffer): void {
    this.core.cancels.expectResponse(this.admitted.request, message, this.server);
    this.reply.event(messageEvent(message));
  }

  onResponse(message: Buffer): void {
    this.forgetCancel?.();
    const read = readUpstreamMessage(message);
    if (!read.ok) return this.failed('foreign');
    this.answered(read.value, 200);
    this.reply.message(message);
  }

  onError(kind: UpstreamErrorKind): void {
    this.forgetCancel?.();
    this.failed(kind);
  }

  protected abort(): void {
    this.forgetCancel?.();
    this.call?.abort();
  }

  protected wasSent(): boolean {
    return this.call?.sent === true;
  }

  /** The client cancelled by a notification: no answer is owed any more. */
  private cancelled(): void {
    const sent = this.wasSent();
    this.abort();
    if (sent) this.finish({ outcome: 'error', status: 'cancelled', httpStatus: null, rpcCode: null, resultBytes: 0, release: false });
    else this.finish({ outcome: 'denied', reasonCode: 'server_unavailable', status: 'not_called', httpStatus: null, rpcCode: null, resultBytes: 0, release: true });
    this.reply.end();
  }
}
