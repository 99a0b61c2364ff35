import { decideReveal, evolveReveal, noReveal, type Reveal, type RevealCommand } from '@sallyport/control-domain';
import { ok, refuse, type JsonObject, type Result, type RevealId } from '@sallyport/kernel';

import type { CommandSession } from '../../../platform/commands/command-session.js';
import type { Refusal } from '../../../platform/commands/refusal.js';
import { refusalAt } from '../../../platform/commands/refusal-at.js';
import { revealRefusals } from '../reveal-refusals.js';

/** The reveal a command was about. */
export type RevealIds = JsonObject & { readonly revealId: RevealId };

/** Decides one command on a reveal and notes its facts; answers the reveal after them. */
export async function decideOnReveal(session: CommandSession, revealId: RevealId, command: RevealCommand): Promise<Result<Reveal, Refusal>> {
  const object = { kind: 'reveal', id: revealId } as const;
  const { state, version } = await session.load(object, { initial: noReveal, evolve: evolveReveal });
  const decided = decideReveal(command, state);
  if (!decided.ok) return refuse(refusalAt(revealRefusals, decided.refusal));
  session.append(object, version, decided.value);
  return ok(decided.value.reduce<Reveal>(evolveReveal, state));
}
