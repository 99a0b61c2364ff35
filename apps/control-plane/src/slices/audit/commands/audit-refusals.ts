import { refuse } from '@sallyport/kernel';

const MOST_CHARACTERS = 500;

/** Refusals of changes to the audit trail itself. */
export const auditRefusal = {
  noReason: () => refuse({ code: 'audit.reason_needed', message: `Say why, in 1 to ${MOST_CHARACTERS} characters.`, pointer: '/reason' }),
  badDays: () => refuse({ code: 'audit.bad_days', message: 'Events are kept for 1 to 36500 days, or for good.', pointer: '/days' }),
  otherSigns: () => refuse({ code: 'audit.other_process_signs', message: 'Another control plane signs the audit streams: ask that one.' }),
  unknownIdentity: () => refuse({ code: 'identity.unknown', message: 'There is no such identity.', pointer: '/identity' }),
  held: () => refuse({ code: 'audit.legal_hold', message: 'Nothing is erased while a legal hold is on: end it first.', pointer: '' }),
  noAlarm: () => refuse({ code: 'audit.no_alarm', message: 'Nothing is wrong with this stream.', pointer: '/stream' }),
} as const;

/** Whether a text is a reason that can be recorded. */
export function isReason(reason: string | null | undefined): reason is string {
  return typeof reason === 'string' && reason.trim() !== '' && reason.length <= MOST_CHARACTERS;
}
