import type { IdentityRefusalCode } from '@sallyport/control-domain';

import type { RefusalSentences } from '../../platform/commands/refusal-at.js';

/** What a person reads when an identity is not created or changed. */
export const identityRefusals: RefusalSentences<IdentityRefusalCode> = {
  'identity.unknown': 'There is no such identity.',
  'identity.exists': 'This identity was created before.',
  'identity.name_invalid': 'A name has 1 to 100 characters of A-Z, a-z, 0-9, ".", "_", "-", "@" and "+", and begins with a letter or digit.',
  'identity.name_taken': 'Another identity has this name.',
  'identity.label_invalid':
    'There are at most 32 labels, each key once: 1 to 63 characters of A-Z, a-z, 0-9, ".", "_", "-" and "/", with a value of at most 256 characters.',
  'identity.group_invalid': 'There are at most 50 groups, each of 1 to 128 characters, none of them control characters.',
};
