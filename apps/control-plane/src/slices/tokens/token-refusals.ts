import type { TokenRefusal } from '@sallyport/control-domain';

import type { RefusalTexts } from '../../platform/commands/refusal.js';

/** What a person reads when a token is not made or revoked. */
export const tokenRefusals: RefusalTexts<TokenRefusal> = {
  'token.exists': { message: 'This token was made before.' },
  'token.unknown': { message: 'There is no such token.', pointer: '/id' },
  'token.already_revoked': { message: 'This token was revoked before.', pointer: '/id' },
  'token.role_too_high': { message: 'A token may do at most what you and its member may.', pointer: '/role' },
  'token.label_invalid': { message: 'A label has at most 100 characters and no control characters.', pointer: '/label' },
  'token.expiry_invalid': { message: 'A token expires in the future, at most 365 days ahead.', pointer: '/expiresAt' },
  'token.reason_invalid': { message: 'A reason has at most 500 characters.', pointer: '/reason' },
};
