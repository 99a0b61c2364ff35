import { decideGrant, evolveGrant, noGrant, type Grant, type GrantCommand, type GrantFact } from '@sallyport/control-domain';
import { ok, refuse, type GrantId, type JsonObject, type Result } from '@sallyport/kernel';

import type { Done } from '../../../platform/commands/command-runner.js';
import type { CommandSession } from '../../../platform/commands/command-session.js';
import type { Refusal } from '../../../platform/commands/refusal.js';
import { refusalAt } from '../../../platform/commands/refusal-at.js';
import { grantRefusals } from '../grant-refusals.js';

/** The grant a command was about. */
export type GrantIds = JsonObject & { readonly grantId: GrantId };

const FOLD = { initial: noGrant, evolve: evolveGrant };

/** A grant as its events make it. */
export async function loadGrant(session: CommandSession, grantId: GrantId): Promise<Grant> {
  return (await session.load({ kind: 'grant', id: grantId }, FOLD)).state;
}

/** A decision that was noted, with its facts. */
export type NotedGrant = Done<GrantIds> & { readonly facts: readonly GrantFact[] };

/** Decides one command on a grant and notes its facts. */
export async function decideOnGrant(session: CommandSession, grantId: GrantId, command: GrantCommand): Promise<Result<NotedGrant, Refusal>> {
  const object = { kind: 'grant', id: grantId } as const;
  const { state, version } = await session.load(object, FOLD);
  const decided = decideGrant(command, state);
  if (!decided.ok) return refuse(refusalAt(grantRefusals, decided.refusal));
  session.append(object, version, decided.value);
  return ok({ ids: { grantId }, facts: decided.value });
}
