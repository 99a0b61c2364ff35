import { branded, type DecisionId, type EpochMs, type MemberId, type RevealId } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { decideReveal } from './decide-reveal.js';
import { evolveReveal, noReveal } from './evolve-reveal.js';
import { DEFAULT_CONFIRM_MS, DEFAULT_READ_MS, MAX_CONFIRM_MS, MAX_OPEN_REVEALS, MAX_READ_MS, MAX_READS, MAX_REVEAL_REASON, type Reveal, type RevealCommand } from './reveal.js';

const START = Date.parse('2026-11-21T09:00:00.000Z');
const revealId = branded<RevealId>('01930000-0000-7000-8000-000000000001');
const decisionId = branded<DecisionId>('01930000-0000-7000-8000-000000000002');
const asker = branded<MemberId>('01930000-0000-7000-8000-000000000003');
const other = branded<MemberId>('01930000-0000-7000-8000-000000000004');
const third = branded<MemberId>('01930000-0000-7000-8000-000000000005');

type Change<Type extends RevealCommand['type']> = Partial<Omit<Extract<RevealCommand, { type: Type }>, 'type'>>;

const at = (ms: number) => branded<EpochMs>(START + ms);
const request = (change: Change<'request'> = {}): RevealCommand => ({ type: 'request', revealId, decisionId, by: asker, reason: 'case 17', kept: 'kept', others: 0, confirmWithinMs: DEFAULT_CONFIRM_MS, now: at(0), ...change });
const confirm = (change: Change<'confirm'> = {}): RevealCommand => ({ type: 'confirm', by: other, isTokenOfAsker: false, readWithinMs: DEFAULT_READ_MS, reads: 2, now: at(1_000), ...change });
const refusal = (change: Change<'refuse'> = {}): RevealCommand => ({ type: 'refuse', by: other, reason: 'no', now: at(1_000), ...change });
const read = (change: Change<'read'> = {}): RevealCommand => ({ type: 'read', by: asker, now: at(2_000), ...change });

/** The reveal after commands, each of which has to be accepted. */
function after(...commands: readonly RevealCommand[]): Reveal {
  return commands.reduce((reveal, command) => {
    const decided = decideReveal(command, reveal);
    if (!decided.ok) throw new Error(decided.refusal.code);
    return decided.value.reduce(evolveReveal, reveal);
  }, noReveal);
}

function codeOf(command: RevealCommand, reveal: Reveal): string {
  const decided = decideReveal(command, reveal);
  return decided.ok ? 'accepted' : decided.refusal.code;
}

describe('a reveal', () => {
  it('is asked for with a reason, and waits a day for another member', () => {
    const data = { revealId, decisionId, requestedBy: asker, reason: 'case 17', confirmBy: '2026-11-22T09:00:00.000Z' };
    expect(decideReveal(request(), noReveal)).toEqual({ ok: true, value: [{ type: 'reveal.requested', version: 1, data }] });
  });

  it.each([
    ['no reason', { reason: ' ' }, 'reveal.reason_invalid'],
    ['a reason that is too long', { reason: 'x'.repeat(MAX_REVEAL_REASON + 1) }, 'reveal.reason_invalid'],
    ['nothing that was kept', { kept: 'none' }, 'reveal.nothing_kept'],
    ['what was erased since', { kept: 'erased' }, 'reveal.erased'],
    ['too many under way', { others: MAX_OPEN_REVEALS }, 'reveal.too_many'],
    ['no time to confirm', { confirmWithinMs: 0 }, 'reveal.confirm_within_invalid'],
    ['too much time to confirm', { confirmWithinMs: MAX_CONFIRM_MS + 1 }, 'reveal.confirm_within_invalid'],
  ] as const)('is not asked for with %s', (_, change, code) => {
    expect(codeOf(request(change), noReveal)).toBe(code);
  });

  it('is asked for once', () => {
    expect(codeOf(request(), after(request()))).toBe('reveal.exists');
  });

  it('is confirmed by another member, for a quarter of an hour', () => {
    const data = { revealId, confirmedBy: other, readBy: '2026-11-21T09:15:01.000Z', reads: 2 };
    expect(decideReveal(confirm(), after(request()))).toEqual({ ok: true, value: [{ type: 'reveal.confirmed', version: 1, data }] });
  });

  it.each([
    ['the member who asked, whatever the token', { by: asker }, 'reveal.own_request'],
    ['a token that the asker made', { isTokenOfAsker: true }, 'reveal.token_of_asker'],
    ['anyone for no time', { readWithinMs: 0 }, 'reveal.read_within_invalid'],
    ['anyone for too long', { readWithinMs: MAX_READ_MS + 1 }, 'reveal.read_within_invalid'],
    ['anyone for no reading', { reads: 0 }, 'reveal.reads_invalid'],
    ['anyone for too many readings', { reads: MAX_READS + 1 }, 'reveal.reads_invalid'],
  ] as const)('is not confirmed by %s', (_, change, code) => {
    expect(codeOf(confirm(change), after(request()))).toBe(code);
  });

  it('is confirmed once', () => {
    expect(codeOf(confirm({ by: third }), after(request(), confirm()))).toBe('reveal.already_confirmed');
  });

  it('is not confirmed when its time has passed, to the millisecond', () => {
    expect(codeOf(confirm({ now: at(DEFAULT_CONFIRM_MS - 1) }), after(request()))).toBe('accepted');
    expect(codeOf(confirm({ now: at(DEFAULT_CONFIRM_MS) }), after(request()))).toBe('reveal.expired');
  });

  it('is read by the asker alone, and only once it is confirmed', () => {
    expect(codeOf(read(), after(request()))).toBe('reveal.not_confirmed');
    expect(codeOf(read({ by: other }), after(request(), confirm()))).toBe('reveal.not_yours');
    expect(decideReveal(read(), after(request(), confirm()))).toEqual({ ok: true, value: [{ type: 'reveal.read', version: 1, data: { revealId, reading: 1 } }] });
  });

  it('is read as often as it was confirmed for', () => {
    expect(codeOf(read(), after(request(), confirm(), read(), read()))).toBe('reveal.used_up');
  });

  it('is read until its time has passed, to the millisecond', () => {
    const end = 1_000 + DEFAULT_READ_MS;
    expect(codeOf(read({ now: at(end - 1) }), after(request(), confirm()))).toBe('accepted');
    expect(codeOf(read({ now: at(end) }), after(request(), confirm()))).toBe('reveal.expired');
  });

  it('ends when another member refuses it, or the asker takes it back, before and after it was confirmed', () => {
    for (const by of [asker, other, third]) {
      for (const open of [after(request()), after(request(), confirm())]) {
        const decided = decideReveal(refusal({ by }), open);
        expect(decided).toEqual({ ok: true, value: [{ type: 'reveal.refused', version: 1, data: { revealId, refusedBy: by, reason: 'no' } }] });
      }
    }
    const ended = after(request(), confirm(), refusal());
    for (const command of [confirm(), refusal(), read()]) expect(codeOf(command, ended)).toBe('reveal.refused');
    expect(codeOf(refusal({ reason: '' }), after(request()))).toBe('reveal.reason_invalid');
  });

  it('expires once its time has passed, and not before', () => {
    const expired = [{ type: 'reveal.expired', version: 1, data: { revealId } }];
    const expire = (now: EpochMs): RevealCommand => ({ type: 'expire', now });
    expect(decideReveal(expire(at(DEFAULT_CONFIRM_MS - 1)), after(request()))).toEqual({ ok: true, value: [] });
    expect(decideReveal(expire(at(DEFAULT_CONFIRM_MS)), after(request()))).toEqual({ ok: true, value: expired });
    expect(decideReveal(expire(at(1_000 + DEFAULT_READ_MS)), after(request(), confirm()))).toEqual({ ok: true, value: expired });
    const ended = after(request(), expire(at(DEFAULT_CONFIRM_MS)));
    expect(decideReveal(expire(at(DEFAULT_CONFIRM_MS)), ended)).toEqual({ ok: true, value: [] });
    expect(codeOf(confirm(), ended)).toBe('reveal.expired');
    expect(codeOf(refusal({ now: at(DEFAULT_CONFIRM_MS) }), after(request()))).toBe('reveal.expired');
  });

  it('that nobody asked for is unknown', () => {
    for (const command of [confirm(), refusal(), read(), { type: 'expire', now: at(0) } as const]) expect(codeOf(command, noReveal)).toBe('reveal.unknown');
  });

  it('is left as it is by facts that are not its own', () => {
    const confirmed = after(request(), confirm());
    expect(evolveReveal(confirmed, { type: 'grant.expired', version: 1, data: { grantId: branded('01930000-0000-7000-8000-000000000009') } })).toBe(confirmed);
    for (const fact of [...factsOf(confirm(), after(request())), ...factsOf(read(), confirmed)]) expect(evolveReveal(noReveal, fact)).toBe(noReveal);
  });
});

function factsOf(command: RevealCommand, reveal: Reveal) {
  const decided = decideReveal(command, reveal);
  return decided.ok ? decided.value : [];
}
