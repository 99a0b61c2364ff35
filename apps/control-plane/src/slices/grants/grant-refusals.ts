import type { GrantRefusalCode } from '@sallyport/control-domain';

import type { Refusal } from '../../platform/commands/refusal.js';
import type { RefusalSentences } from '../../platform/commands/refusal-at.js';

/** What a person reads when a grant is not issued or changed. */
export const grantRefusals: RefusalSentences<GrantRefusalCode> = {
  'grant.unknown': 'There is no such grant.',
  'grant.exists': 'This grant was issued before.',
  'grant.label_invalid':
    'There are at most 32 labels, each key once: 1 to 63 characters of A-Z, a-z, 0-9, ".", "_", "-" and "/", with a value of at most 256 characters.',
  'grant.expiry_invalid': 'A grant ends after now and within 365 days.',
  'grant.overlap_invalid': 'The old token stays honoured for at most PT24H.',
  'grant.reason_invalid': 'A reason has at most 1,000 characters, and no control characters but line breaks and tabs.',
  'grant.token_unchanged': 'The grant has had this token before.',
  'grant.already_revoked': 'The grant was revoked.',
  'grant.expired': 'The grant has expired.',
};

/** Both ways of saying when a grant ends. */
export const endSaidTwice: Refusal = { code: 'grant.expiry_invalid', message: 'Say either `expiresAt` or `expiresIn`.', pointer: '/expiresIn' };
