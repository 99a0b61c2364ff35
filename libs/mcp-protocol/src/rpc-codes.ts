/**
 * JSON-RPC error codes on our wire.
 *
 * −32768…−32000 belongs to JSON-RPC and, in it, −32020…−32099 to the MCP specification (2026-07-28, "Error codes"); our own
 * codes lie outside that range so that neither can ever collide with them.
 */
export const RPC_CODES = {
  /** The body is not JSON. HTTP 400. */
  parseError: -32700,
  /** JSON, but not one acceptable JSON-RPC message. HTTP 400, or 413 for size. */
  invalidRequest: -32600,
  /** A method that the era, the server or the policy does not have. */
  methodNotFound: -32601,
  /** Unknown tool, bad cursor, wrong type of a known parameter, missing modern `_meta`. */
  invalidParams: -32602,
  /** Our bug, or an upstream that broke the protocol. */
  internalError: -32603,
  /** A mirrored header is missing or disagrees with the body. HTTP 400. */
  headerMismatch: -32020,
  /** The client lacks a capability; `data.requiredCapabilities`. HTTP 400. */
  missingClientCapability: -32021,
  /** `data.supported` and, when one was named, `data.requested`. HTTP 400. */
  unsupportedProtocolVersion: -32022,
  /** Ours: a request other than `tools/call` that policy refuses; `data` is the decision. */
  policyDenied: 1403,
  /** Ours: the upstream did not answer properly or in time. */
  upstreamFailed: 1502,
} as const;
export type RpcCode = (typeof RPC_CODES)[keyof typeof RPC_CODES];
