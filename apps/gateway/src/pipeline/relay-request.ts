import type { GatewayCore } from '../gateway-core.js';
import type { AdmittedRequest } from './admit-request.js';
import { HttpRelay } from './relay-over-http.js';
import { StdioRelay } from './relay-over-stdio.js';
import { UnreachableRelay } from './unreachable-relay.js';

/** Hands an admitted request to its server, over whatever leads there. From here on the relay owns the answer and the record. */
export function relayRequest(core: GatewayCore, admitted: AdmittedRequest): void {
  const { organisation, server } = admitted.request.binding;
  if (server.upstream.kind === 'stdio') {
    const process = core.stdio.of(organisation, server.slug);
    if (process === undefined) return new UnreachableRelay(core, admitted).send();
    return new StdioRelay(core, admitted, process).send();
  }
  const way = core.ways.of(organisation, server);
  if (typeof way !== 'string') return new HttpRelay(core, admitted).send(way);
  core.books.log.error({ organisation: organisation.slug, server: server.slug, reason: way }, 'a server has no way out');
  new UnreachableRelay(core, admitted).send();
}
