import type { RevealConfirmed, RevealExpired, RevealRead, RevealRefused, RevealRequested } from '@sallyport/domain-events';
import { ok, refuse, type EpochMs, type Result } from '@sallyport/kernel';

import { isFreeText } from '../free-text.js';
import { MAX_CONFIRM_MS, MAX_OPEN_REVEALS, MAX_READ_MS, MAX_READS, MAX_REVEAL_REASON, type Reveal, type RevealCommand, type RevealRefusal } from './reveal.js';

/** The facts a decision about a reveal can produce. */
export type RevealFact = RevealRequested | RevealConfirmed | RevealRefused | RevealRead | RevealExpired;

type Decided = Result<readonly RevealFact[], RevealRefusal>;
type CommandOf<Type extends RevealCommand['type']> = Extract<RevealCommand, { readonly type: Type }>;
type OpenReveal = Extract<Reveal, { readonly status: 'requested' | 'confirmed' }>;

/** What a command means for a reveal: the new facts, or why it is refused. What came too late is refused though nobody has recorded the expiry. */
export function decideReveal(command: RevealCommand, reveal: Reveal): Decided {
  if (command.type === 'request') return request(command, reveal);
  if (reveal.status === 'absent') return refused('reveal.unknown', '/reveal');
  if (command.type === 'expire') return expire(command.now, reveal);
  if (reveal.status === 'refused') return refused('reveal.refused', '/reveal');
  if (reveal.status === 'expired' || isOver(reveal, command.now)) return refused('reveal.expired', '/reveal');
  switch (command.type) {
    case 'confirm':
      return confirm(command, reveal);
    case 'refuse':
      return refuseReveal(command, reveal);
    case 'read':
      return read(command, reveal);
  }
}

function request(command: CommandOf<'request'>, reveal: Reveal): Decided {
  const { revealId, decisionId, by, reason, confirmWithinMs, now } = command;
  if (reveal.status !== 'absent') return refused('reveal.exists', '');
  if (!isReason(reason)) return refused('reveal.reason_invalid', '/reason');
  if (command.kept === 'none') return refused('reveal.nothing_kept', '/decision');
  if (command.kept === 'erased') return refused('reveal.erased', '/decision');
  if (command.others >= MAX_OPEN_REVEALS) return refused('reveal.too_many', '');
  if (!isWithin(confirmWithinMs, MAX_CONFIRM_MS)) return refused('reveal.confirm_within_invalid', '/confirmWithin');
  return ok([{ type: 'reveal.requested', version: 1, data: { revealId, decisionId, requestedBy: by, reason, confirmBy: instant(now + confirmWithinMs) } }]);
}

/** It is the member who counts: one who has two tokens has two eyes, not four. */
function confirm({ by, isTokenOfAsker, readWithinMs, reads, now }: CommandOf<'confirm'>, reveal: OpenReveal): Decided {
  if (reveal.requestedBy === by) return refused('reveal.own_request', '/reveal');
  if (isTokenOfAsker) return refused('reveal.token_of_asker', '/reveal');
  if (reveal.status === 'confirmed') return refused('reveal.already_confirmed', '/reveal');
  if (!isWithin(readWithinMs, MAX_READ_MS)) return refused('reveal.read_within_invalid', '/readWithin');
  if (!isWithin(reads, MAX_READS)) return refused('reveal.reads_invalid', '/reads');
  return ok([{ type: 'reveal.confirmed', version: 1, data: { revealId: reveal.revealId, confirmedBy: by, readBy: instant(now + readWithinMs), reads } }]);
}

function refuseReveal({ by, reason }: CommandOf<'refuse'>, { revealId }: OpenReveal): Decided {
  if (!isReason(reason)) return refused('reveal.reason_invalid', '/reason');
  return ok([{ type: 'reveal.refused', version: 1, data: { revealId, refusedBy: by, reason } }]);
}

function read({ by }: CommandOf<'read'>, reveal: OpenReveal): Decided {
  if (reveal.requestedBy !== by) return refused('reveal.not_yours', '/reveal');
  if (reveal.status === 'requested') return refused('reveal.not_confirmed', '/reveal');
  if (reveal.readings >= reveal.reads) return refused('reveal.used_up', '/reveal');
  return ok([{ type: 'reveal.read', version: 1, data: { revealId: reveal.revealId, reading: reveal.readings + 1 } }]);
}

function expire(now: EpochMs, reveal: Exclude<Reveal, { readonly status: 'absent' }>): Decided {
  const isOpen = reveal.status === 'requested' || reveal.status === 'confirmed';
  return ok(isOpen && isOver(reveal, now) ? [{ type: 'reveal.expired', version: 1, data: { revealId: reveal.revealId } }] : []);
}

function isOver(reveal: OpenReveal, now: EpochMs): boolean {
  return Date.parse(reveal.status === 'requested' ? reveal.confirmBy : reveal.readBy) <= now;
}

function isReason(reason: string): boolean {
  return reason.trim() !== '' && isFreeText(reason, MAX_REVEAL_REASON);
}

function isWithin(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}

function refused(code: RevealRefusal['code'], pointer: string): Decided {
  return refuse({ code, pointer });
}
