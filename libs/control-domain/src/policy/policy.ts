import type { PolicyId, Sha256Hex } from '@sallyport/kernel';

import type { CommandRefusal } from '../command-refusal.js';

/** How long a note may be, UTF-16 units. */
export const MAX_NOTE = 1_000;

/** A published version; it never changes. */
export interface PolicyVersionState {
  readonly version: number;
  /** JSON text as published. */
  readonly document: string;
  readonly documentHash: Sha256Hex;
  readonly mode: 'enforce' | 'shadow';
}

/** A policy as its events make it. */
export type Policy =
  | { readonly status: 'absent' }
  | {
      readonly status: 'published';
      readonly policyId: PolicyId;
      readonly name: string;
      /** Oldest first; version n stands at n - 1. Never empty. */
      readonly versions: readonly PolicyVersionState[];
    };

/** A document ready to be published: checked by the policy engine, hashed over its RFC 8785 form. */
export interface CheckedDocument {
  readonly document: string;
  readonly documentHash: Sha256Hex;
}

/**
 * What can be asked of a policy. A `publish` to a policy nobody published begins it. For `restore`, `checked` is the
 * document of version `to`, in enforce mode (`documentToRestore`).
 */
export type PolicyCommand =
  | { readonly type: 'publish'; readonly policyId: PolicyId; readonly name: string; readonly checked: CheckedDocument; readonly note: string }
  | { readonly type: 'restore'; readonly to: number; readonly checked: CheckedDocument; readonly note: string };

/** Why a policy's command can be refused. */
export type PolicyRefusalCode = 'policy.unknown' | 'policy.name_invalid' | 'policy.note_invalid' | 'policy.version_unknown';

/** One refusal of a policy's command. */
export type PolicyRefusal = CommandRefusal<PolicyRefusalCode>;

/** The version that decides: the newest that is not in shadow mode. */
export function liveVersion(policy: Policy): PolicyVersionState | undefined {
  return policy.status === 'absent' ? undefined : policy.versions.findLast((version) => version.mode === 'enforce');
}
