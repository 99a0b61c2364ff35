import { decideSink, evolveSink, noSink, type SinkCommand } from '@sallyport/control-domain';
import { ok, refuse, type JsonObject, type Result, type SinkId } from '@sallyport/kernel';

import type { Done } from '../../../platform/commands/command-runner.js';
import type { CommandSession } from '../../../platform/commands/command-session.js';
import type { Refusal } from '../../../platform/commands/refusal.js';
import { refusalAt } from '../../../platform/commands/refusal-at.js';
import { sinkRefusals } from '../sink-refusals.js';

/** The sink a command was about. */
export type SinkIds = JsonObject & { readonly sinkId: SinkId };

/** Decides commands on one sink, one after the other, and notes their facts; the first refusal undoes all. */
export async function decideOnSink(session: CommandSession, sinkId: SinkId, commands: readonly SinkCommand[]): Promise<Result<Done<SinkIds>, Refusal>> {
  const object = { kind: 'sink', id: sinkId } as const;
  const { state: before, version } = await session.load(object, { initial: noSink, evolve: evolveSink });
  let state = before;
  const facts = [];
  for (const command of commands) {
    const decided = decideSink(command, state);
    if (!decided.ok) return refuse(refusalAt(sinkRefusals, decided.refusal));
    facts.push(...decided.value);
    state = decided.value.reduce(evolveSink, state);
  }
  session.append(object, version, facts);
  return ok({ ids: { sinkId } });
}
