import { OUTCOMES } from '@sallyport/audit';
import { describe, expect, it } from 'vitest';

import { EXIT, exitForCode, exitForOutcome } from '../../apps/cli/src/exit-codes.js';

describe('exit codes of the CLI', () => {
  it('are these', () => {
    expect(EXIT).toEqual({ done: 0, failed: 1, usage: 2, denied: 3, limited: 4, needsApproval: 5, notAllowed: 6, notFound: 7, conflict: 8, unreachable: 9 });
  });

  it('follow the outcome of a call', () => {
    expect(Object.fromEntries(OUTCOMES.map((outcome) => [outcome, exitForOutcome(outcome)]))).toEqual({
      allowed: 0,
      denied: 3,
      limited: 4,
      approval_required: 5,
      abandoned: 1,
      error: 1,
    });
  });

  it.each([
    ['cli.usage', 2],
    ['admin_api.bad_request', 2],
    ['admin_api.unauthenticated', 6],
    ['admin_api.forbidden', 6],
    ['forbidden', 6],
    ['cli.not_signed_in', 6],
    ['cli.not_found', 7],
    ['grant.unknown', 7],
    ['event_log.moved_on', 8],
    ['server.slug_taken', 8],
    ['grant.already_revoked', 8],
    ['admin_api.unreachable', 9],
    ['cli.gateway_unreachable', 9],
    ['anything.else', 1],
  ])('follow the code of a failure: %s is %i', (code, exit) => {
    expect(exitForCode(code)).toBe(exit);
  });
});
