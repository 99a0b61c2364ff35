import type { Actor, DomainEvent, DomainFact } from '@sallyport/domain-events';
import type { RevealId, TokenId } from '@sallyport/kernel';

import type { CommandSession } from '../../../platform/commands/command-session.js';

/** Where an object begins: who made it, at which revision. */
type Beginning = { readonly revision: number; readonly actor: Actor } | undefined;

/**
 * Whether a token was made by the member who asked for a reveal, since asking: whoever makes a token sees it, so that an admin could be
 * both of the two.
 */
export async function isTokenOfAsker(session: CommandSession, revealId: RevealId, tokenId: TokenId): Promise<boolean> {
  const asked = await session.load({ kind: 'reveal', id: revealId }, { initial: NOTHING, evolve: begun });
  const made = await session.load({ kind: 'token', id: tokenId }, { initial: NOTHING, evolve: begun });
  const [asking, making] = [asked.state, made.state];
  if (asking?.actor.kind !== 'member' || making?.actor.kind !== 'member') return false;
  return making.actor.memberId === asking.actor.memberId && making.revision > asking.revision;
}

const NOTHING: Beginning = undefined;

function begun(beginning: Beginning, _fact: DomainFact, { revision, actor }: DomainEvent): Beginning {
  return beginning ?? { revision, actor };
}
