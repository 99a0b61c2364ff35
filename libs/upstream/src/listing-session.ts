import type { ProtocolEra } from '@sallyport/domain-events';
import type { Result } from '@sallyport/kernel';
import { META_KEYS, MODERN_REVISIONS } from '@sallyport/mcp-protocol';

import type { InspectionRefusal } from './inspection.js';
import type { RpcAnswer } from './rpc-answer.js';
import { CLIENT_INFO } from './introduction.js';

/** How a server of either era and transport is asked while it is inspected. */
export interface ListingSession {
  readonly eras: readonly ProtocolEra[];
  /** Newest first. */
  readonly protocolVersions: readonly string[];
  /** JSON text of the introduction's result: of `server/discover`, else of `initialize`. */
  readonly introduction: string;
  /** One request; the answer is a response with our id, be it a result or an error. */
  ask(method: string, params: Readonly<Record<string, unknown>>): Promise<Result<RpcAnswer, InspectionRefusal>>;
  /** Leaves nothing open. */
  close(): Promise<void>;
}

/** Adds what a modern request must carry in its `_meta`. */
export function withModernMeta(params: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const meta = {
    [META_KEYS.protocolVersion]: MODERN_REVISIONS[0],
    [META_KEYS.clientInfo]: CLIENT_INFO,
    [META_KEYS.clientCapabilities]: {},
  };
  return { ...params, _meta: meta };
}
