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
    };

/** What can be asked of an identity. `nameTaken` is the caller's look-up among the organisation's identities. */
export type IdentityCommand =
  | {
      readonly type: 'create';
      readonly identityId: IdentityId;
      readonly name: string;
      readonly nameTaken: boolean;
      readonly kind: IdentityKind;
      readonly labels: Labels;
    }
  | { readonly type: 'relabel'; readonly labels: Labels }
  | { readonly type: 'disable' }
  | { readonly type: 'enable' };

/** Why an identity's command can be refused. */
export type IdentityRefusalCode = 'identity.unknown' | 'identity.exists' | 'identity.name_invalid' | 'identity.name_taken' | 'identity.label_invalid';

/** One refusal of an identity's command. */
export type IdentityRefusal = CommandRefusal<IdentityRefusalCode>;
