import { Inject, Injectable } from '@nestjs/common';
import { ok, refuse, type DecisionId, type Result, type RevealId } from '@sallyport/kernel';
import { MoreThan } from 'typeorm';

import { askedCommand, type Asked } from '../../../platform/commands/asked-command.js';
import { CommandRunner, type Committed, type Done } from '../../../platform/commands/command-runner.js';
import type { CommandSession } from '../../../platform/commands/command-session.js';
import type { Refusal } from '../../../platform/commands/refusal.js';
import { refusalAt } from '../../../platform/commands/refusal-at.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { newId } from '../../../platform/new-id.js';
import { parseId } from '../../../platform/parse-id.js';
import { KeptArguments } from '../../decisions/read/kept-arguments.js';
import { RevealRow } from '../read/reveal-row.entity.js';
import { membersOnly, revealRefusals, unknownDecision } from '../reveal-refusals.js';
import { decideOnReveal, type RevealIds } from './decide-on-reveal.js';
import { isTokenOfAsker } from './token-of-asker.js';

/** A request to see the values of one decision. `confirmWithin` in milliseconds. */
export interface RequestRevealInput extends Asked {
  readonly decision: string;
  readonly reason: string;
  readonly confirmWithin: number;
}

/** A reveal that another member shall read. `readWithin` in milliseconds. */
export interface ConfirmRevealInput extends Asked {
  readonly reveal: string;
  readonly readWithin: number;
  readonly reads: number;
}

/** A reveal that shall not be. */
export interface RefuseRevealInput extends Asked {
  readonly reveal: string;
  readonly reason: string;
}

type Answer = Promise<Result<Committed<RevealIds>, Refusal>>;
type Worked = Promise<Result<Done<RevealIds>, Refusal>>;

/** What members ask of reveals, short of reading. Operators of another organisation are no members: they are refused. */
@Injectable()
export class ChangeReveals {
  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(KeptArguments) private readonly kept: KeptArguments,
  ) {}

  /** Asks for the values of one decision. */
  request(input: RequestRevealInput, caller: Caller): Answer {
    return this.run('requestReveal', input, caller, (session) => this.requested(session, input, caller));
  }

  /** Lets the member who asked read the values. */
  confirm(input: ConfirmRevealInput, caller: Caller): Answer {
    return this.run('confirmReveal', input, caller, async (session) => {
      const revealId = parseId<RevealId>(input.reveal);
      if (revealId === undefined) return refuse(UNKNOWN);
      const { readWithin: readWithinMs, reads } = input;
      const command = { type: 'confirm', by: caller.memberId, isTokenOfAsker: await isTokenOfAsker(session, revealId, caller.tokenId), readWithinMs, reads, now: session.now } as const;
      return done(revealId, await decideOnReveal(session, revealId, command));
    });
  }

  /** Says no, or takes back. */
  refuse(input: RefuseRevealInput, caller: Caller): Answer {
    return this.run('refuseReveal', input, caller, async (session) => {
      const revealId = parseId<RevealId>(input.reveal);
      if (revealId === undefined) return refuse(UNKNOWN);
      return done(revealId, await decideOnReveal(session, revealId, { type: 'refuse', by: caller.memberId, reason: input.reason, now: session.now }));
    });
  }

  private async requested(session: CommandSession, { decision, reason, confirmWithin }: RequestRevealInput, { memberId }: Caller): Worked {
    const { organisationId, rows, now } = session;
    const decisionId = parseId<DecisionId>(decision);
    const kept = decisionId === undefined ? undefined : await this.kept.state(rows, organisationId, decisionId);
    if (decisionId === undefined || kept === undefined) return refuse(unknownDecision);
    const others = await rows.countBy(RevealRow, { organisationId, requestedBy: memberId, openUntil: MoreThan(new Date(now)) });
    const revealId = newId<RevealId>(now);
    const command = { type: 'request', revealId, decisionId, by: memberId, reason, kept, others, confirmWithinMs: confirmWithin, now } as const;
    return done(revealId, await decideOnReveal(session, revealId, command));
  }

  private async run(name: string, input: Asked, caller: Caller, work: (session: CommandSession) => Worked): Answer {
    if (!isMember(caller)) return refuse(membersOnly);
    return this.runner.run<RevealIds>(askedCommand(name, input, caller), work);
  }
}

/** Whether a caller is of the organisation that the request acts in. */
export function isMember({ organisationId, homeOrganisationId }: Caller): boolean {
  return organisationId === homeOrganisationId;
}

const UNKNOWN = refusalAt(revealRefusals, { code: 'reveal.unknown', pointer: '/reveal' });

function done(revealId: RevealId, decided: Result<unknown, Refusal>): Result<Done<RevealIds>, Refusal> {
  return decided.ok ? ok({ ids: { revealId } }) : decided;
}
