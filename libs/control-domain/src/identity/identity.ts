import type { IdentityKind, Labels } from '@sallyport/domain-events';
import type { IdentityId } from '@sallyport/kernel';

import type { CommandRefusal } from '../command-refusal.js';

/** An identity as its events make it. */
export type Identity =
  | { readonly status: 'absent' }
  | {
      readonly status: 'active' | 'disabled';
      readonly identityId: IdentityId;
      readonly name: string;
      readonly kind: IdentityKind;
      readonly labels: Labels;
      /** Each once, ordered. */
      readonly groups: readonly string[];
    };

/** What can be asked of an identity. `nameTaken` is the caller's look-up among the organisation's identities; `groups` come in any order. */
export type IdentityCommand =
  | {
      readonly type: 'create';
      readonly identityId: IdentityId;
      readonly name: string;
      readonly nameTaken: boolean;
      readonly kind: IdentityKind;
      readonly labels: Labels;
      readonly groups: readonly string[];
    }
  | { readonly type: 'relabel'; readonly labels: Labels }
  | { readonly type: 'regroup'; readonly groups: readonly string[] }
  | { readonly type: 'disable' }
  | { readonly type: 'enable' };

/** Why an identity's command can be refused. */
export type IdentityRefusalCode =
  | 'identity.unknown'
  | 'identity.exists'
  | 'identity.name_invalid'
  | 'identity.name_taken'
  | 'identity.label_invalid'
  | 'identity.group_invalid';

/** One refusal of an identity's command. */
export type IdentityRefusal = CommandRefusal<IdentityRefusalCode>;
