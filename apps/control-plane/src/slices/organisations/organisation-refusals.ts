import type { OrganisationRefusal } from '@sallyport/control-domain';

import type { RefusalTexts } from '../../platform/commands/refusal.js';

/** What a person reads when an organisation is not made or changed. */
export const organisationRefusals: RefusalTexts<OrganisationRefusal> = {
  'organisation.unknown': { message: 'There is no such organisation.' },
  'organisation.exists': { message: 'This organisation was made before.' },
  'organisation.name_invalid': { message: 'A name has 1 to 100 characters and no control characters.', pointer: '/name' },
  'organisation.slug_invalid': {
    message: 'A slug has at most 63 lower-case letters, digits and hyphens, and begins and ends with a letter or digit.',
    pointer: '/slug',
  },
  'organisation.slug_taken': { message: 'Another organisation has this slug. Name one with `slug`.', pointer: '/slug' },
  'organisation.max_age_invalid': { message: 'The age is between 5 seconds and 7 days, in whole seconds.', pointer: '/failStaticMaxAge' },
};
