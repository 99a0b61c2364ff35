import type { InspectionRefusal } from './inspection.js';
import type { UpstreamErrorKind } from './upstream-call.js';

/** The sentence for a person when no exchange took place. */
export function refusalOfKind(kind: UpstreamErrorKind): InspectionRefusal {
  return BY_KIND[kind];
}

/** The sentence for a person when the server answered, but not with what MCP promises. */
export function refusalOfStatus(status: number): InspectionRefusal {
  if (status === 401 || status === 403) {
    return {
      code: 'unauthorised',
      message: `The server wants credentials it did not get (HTTP ${status}). Check the header that carries them, such as Authorization or X-API-Key.`,
    };
  }
  if (status === 404 || status === 405) return notMcp(`Nothing speaks MCP at this address (HTTP ${status}). Check the path; it is often /mcp.`);
  if (status >= 500) return { code: 'upstream_error', message: `The server failed (HTTP ${status}). Look at its own log, then try again.` };
  return notMcp(`The server's answer is no MCP message (HTTP ${status}). Check that the address is that of an MCP server with streamable HTTP.`);
}

/** The server answered a listing with a JSON-RPC error. `code` is its code; its text is not repeated, because it is the upstream's. */
export function refusalOfRpcError(method: string, code: unknown): InspectionRefusal {
  return { code: 'upstream_error', message: `The server refused ${method} with the error code ${typeof code === 'number' ? code : 'unknown'}. Look at its own log.` };
}

/** A bound was passed. */
export function tooLarge(what: string): InspectionRefusal {
  return { code: 'too_large', message: `The server lists ${what}, which is more than can be guarded. Split it, or ask its maker for a smaller set of tools.` };
}

/** The list of tools is not a list. */
export function notAList(): InspectionRefusal {
  return notMcp('The server answered tools/list without a list of tools. It does not keep to the protocol; ask its maker.');
}

function notMcp(message: string): InspectionRefusal {
  return { code: 'not_mcp', message };
}

const RESET: InspectionRefusal = { code: 'reset', message: 'The server cut the connection in the middle of its answer. Look at its own log, then try again.' };
const UNREACHABLE: InspectionRefusal = { code: 'refused', message: 'Nothing answers at this address. Check host name and port, and that the server runs.' };
const BUSY: InspectionRefusal = { code: 'refused', message: 'Too many calls to this server are under way. Try again in a moment.' };
const CLOSING: InspectionRefusal = { code: 'refused', message: 'This process is shutting down.' };

const BY_KIND: Readonly<Record<UpstreamErrorKind, InspectionRefusal>> = {
  refused: UNREACHABLE,
  tls: { code: 'tls', message: 'No trusted TLS connection could be made. Check that the address is https, and the certificate: its name, its date and who signed it.' },
  egress: {
    code: 'egress',
    message: "The host resolves to an address that may not be reached; the machine's operator can open a network under `egress.allow` in sallyport.yaml.",
  },
  timeout: { code: 'timeout', message: 'The server did not answer in time. Check that it runs and is not overloaded.' },
  reset: RESET,
  redirect: { code: 'redirect', message: 'The server redirects to another address, which is never followed. Register the address it redirects to.' },
  encoded: notMcp('The server sent a compressed answer although it was asked not to. Turn compression off for its MCP path.'),
  too_large: { code: 'too_large', message: "The server's answer is too large." },
  pool_full: BUSY,
  unframeable: notMcp('The request or the answer cannot be carried. Check that the configured headers hold no line breaks or odd characters.'),
  withdrawn: CLOSING,
  aborted: CLOSING,
  closed: CLOSING,
};
