import type { Outcome } from '@sallyport/audit';
import { isFault } from '@sallyport/kernel';

/** What the process says when it ends; scripts rely on the numbers. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  denied: 3,
  limited: 4,
  needsApproval: 5,
  notAllowed: 6,
  notFound: 7,
  conflict: 8,
  unreachable: 9,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const UNREACHABLE: ReadonlySet<string> = new Set(['admin_api.unreachable', 'admin_api.unavailable', 'cli.gateway_unreachable', 'cli.connection_lost']);
const CONFLICT = /(^|[._])(conflict|taken|exists|moved_on|unchanged|already_\w+)$/;
const NOT_FOUND = /(^|[._])(unknown|not_found|absent)$/;

/** The exit code for a refusal's or a fault's code. */
export function exitForCode(code: string): ExitCode {
  if (code === 'usage' || code.endsWith('.usage') || code === 'admin_api.bad_request') return EXIT.usage;
  if (code === 'forbidden' || code === 'admin_api.forbidden' || code === 'admin_api.unauthenticated' || code === 'cli.not_signed_in') return EXIT.notAllowed;
  if (UNREACHABLE.has(code)) return EXIT.unreachable;
  if (NOT_FOUND.test(code)) return EXIT.notFound;
  if (CONFLICT.test(code)) return EXIT.conflict;
  return EXIT.failed;
}

/** The exit code for whatever ended a command. */
export function exitForThrown(caught: unknown): ExitCode {
  return isFault(caught) ? exitForCode(caught.code) : EXIT.failed;
}

/** The exit code for a tool call that was made through the gateway. */
export function exitForOutcome(outcome: Outcome): ExitCode {
  switch (outcome) {
    case 'allowed':
      return EXIT.done;
    case 'denied':
      return EXIT.denied;
    case 'limited':
      return EXIT.limited;
    case 'approval_required':
      return EXIT.needsApproval;
    case 'abandoned':
    case 'error':
      return EXIT.failed;
  }
}
