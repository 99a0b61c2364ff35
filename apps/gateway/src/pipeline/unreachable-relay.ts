import { RelayedRequest } from './relayed-request.js';

/** A request to a server that this worker has no way to: refused as `server_unavailable`, after its record was kept. */
export class UnreachableRelay extends RelayedRequest {
  send(): void {
    this.failed('refused');
  }

  protected abort(): void {}

  protected wasSent(): boolean {
    return false;
  }
}
