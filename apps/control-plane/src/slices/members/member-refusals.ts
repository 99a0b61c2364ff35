import type { MemberRefusal } from '@sallyport/control-domain';

import type { RefusalTexts } from '../../platform/commands/refusal.js';

/** What a person reads when a member is not added or changed. */
export const memberRefusals: RefusalTexts<MemberRefusal> = {
  'member.name_invalid': { message: 'A name has 1 to 100 characters and no control characters.', pointer: '/name' },
  'member.name_taken': { message: 'Another member has this name.', pointer: '/name' },
  'member.exists': { message: 'This member was added before.' },
  'member.unknown': { message: 'There is no such member.', pointer: '/member' },
  'member.removed': { message: 'This member was removed.', pointer: '/member' },
  'member.last_admin': { message: 'The last admin stays: make another member admin first.', pointer: '/member' },
};
