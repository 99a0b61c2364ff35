import { ROLES } from '@sallyport/domain-events';
import { describe, expect, it } from 'vitest';

import { commonRole, covers } from './roles.js';

describe('roles', () => {
  it('let an admin do everything', () => {
    expect(ROLES.every((role) => covers('admin', role))).toBe(true);
  });

  it('keep writing from a viewer and an auditor', () => {
    expect(covers('viewer', 'policy_manager')).toBe(false);
    expect(covers('auditor', 'policy_manager')).toBe(false);
  });

  it('set the auditor beside the others: only an admin covers it', () => {
    expect(ROLES.filter((role) => covers(role, 'auditor'))).toEqual(['admin', 'auditor']);
  });

  it('leave two that stand beside each other what a viewer may', () => {
    expect(commonRole('auditor', 'policy_manager')).toBe('viewer');
  });

  it('bound a token by its member, whichever is the lesser', () => {
    expect(commonRole('admin', 'policy_manager')).toBe('policy_manager');
    expect(commonRole('viewer', 'admin')).toBe('viewer');
  });

  it('never give two roles together more than each has alone', () => {
    for (const left of ROLES) {
      for (const right of ROLES) {
        const both = commonRole(left, right);
        expect(covers(left, both) && covers(right, both)).toBe(true);
      }
    }
  });
});
