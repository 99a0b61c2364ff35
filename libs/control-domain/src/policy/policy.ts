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

/** Tests that stand beside a policy; `required`: a document is published only where they pass. */
export interface PolicyTestsState {
  /** As given; it was readable when it was given. */
  readonly text: string;
  readonly required: boolean;
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
      /** The version that runs beside the live one; null when none does. */
      readonly shadow: number | null;
      /** Null when there are none. */
      readonly tests: PolicyTestsState | null;
    };

/** A document ready to be published: checked by the policy engine, hashed over its RFC 8785 form. */
export interface CheckedDocument {
  readonly document: string;
  readonly documentHash: Sha256Hex;
}

/**
 * What can be asked of a policy. A `publish` to a policy nobody published begins it. For `restore`, `checked` is the
 * document of version `to`, in enforce mode (`documentToRestore`); that version then no longer runs in shadow. For `shadow`,
 * `to` is the version that shall run beside the live one, null for none. `tests` stand beside the policy from then on.
 */
export type PolicyCommand =
  | { readonly type: 'publish'; readonly policyId: PolicyId; readonly name: string; readonly checked: CheckedDocument; readonly note: string; readonly tests?: PolicyTestsState }
  | { readonly type: 'shadow'; readonly to: number | null }
  | { readonly type: 'restore'; readonly to: number; readonly checked: CheckedDocument; readonly note: string };

/** Why a policy's command can be refused. */
export type PolicyRefusalCode = 'policy.unknown' | 'policy.name_invalid' | 'policy.note_invalid' | 'policy.version_unknown';

/** One refusal of a policy's command. */
export type PolicyRefusal = CommandRefusal<PolicyRefusalCode>;

/** The version that decides: the newest that is not in shadow mode. */
export function liveVersion(policy: Policy): PolicyVersionState | undefined {
  return policy.status === 'absent' ? undefined : policy.versions.findLast((version) => version.mode === 'enforce');
}
