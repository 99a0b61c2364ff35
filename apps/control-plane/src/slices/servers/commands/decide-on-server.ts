import { decideServer, evolveServer, noServer, type ServerCommand } from '@sallyport/control-domain';
import { ok, refuse, type JsonObject, type Result, type ServerId } from '@sallyport/kernel';

import type { Done } from '../../../platform/commands/command-runner.js';
import type { CommandSession } from '../../../platform/commands/command-session.js';
import type { Refusal } from '../../../platform/commands/refusal.js';
import { refusalAt } from '../../../platform/commands/refusal-at.js';
import { serverRefusals } from '../server-refusals.js';

/** The server a command was about. */
export type ServerIds = JsonObject & { readonly serverId: ServerId };

/** Decides commands on one server, one after the other, and notes their facts; the first refusal undoes all. */
export async function decideOnServer(session: CommandSession, serverId: ServerId, commands: readonly ServerCommand[]): Promise<Result<Done<ServerIds>, Refusal>> {
  const object = { kind: 'server', id: serverId } as const;
  const { state: before, version } = await session.load(object, { initial: noServer, evolve: evolveServer });
  let state = before;
  const facts = [];
  for (const command of commands) {
    const decided = decideServer(command, state);
    if (!decided.ok) return refuse(refusalAt(serverRefusals, decided.refusal));
    facts.push(...decided.value);
    state = decided.value.reduce(evolveServer, state);
  }
  session.append(object, version, facts);
  return ok({ ids: { serverId } });
}
