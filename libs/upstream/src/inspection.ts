import type { ProtocolEra } from '@sallyport/domain-events';

/** What an upstream says about itself and its tools; nothing is admitted or hashed yet. */
export interface Inspection {
  /** Eras it was seen to serve; never empty. */
  readonly eras: readonly ProtocolEra[];
  /** Newest first. */
  readonly protocolVersions: readonly string[];
  /** JSON texts as sent. */
  readonly serverInfo: string;
  readonly capabilities: string;
  readonly instructions: string | null;
  /** Each listed tool's JSON text exactly as sent, in order, duplicates included. */
  readonly tools: readonly string[];
}

/** Why an upstream could not be listed: a code for programs, a sentence that tells a person what to do. Never holds an address that was resolved. */
export interface InspectionRefusal {
  readonly code: 'egress' | 'refused' | 'tls' | 'timeout' | 'unauthorised' | 'redirect' | 'not_mcp' | 'upstream_error' | 'too_large' | 'not_started' | 'reset';
  readonly message: string;
}
