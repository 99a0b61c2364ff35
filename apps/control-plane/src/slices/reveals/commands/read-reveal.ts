import { Inject, Injectable } from '@nestjs/common';
import { ok, refuse, type JsonObject, type Result, type RevealId } from '@sallyport/kernel';

import { askedCommand, type Asked } from '../../../platform/commands/asked-command.js';
import { CommandRunner, type Committed, type Done } from '../../../platform/commands/command-runner.js';
import type { CommandSession } from '../../../platform/commands/command-session.js';
import type { Refusal } from '../../../platform/commands/refusal.js';
import { refusalAt } from '../../../platform/commands/refusal-at.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { parseId } from '../../../platform/parse-id.js';
import { AuditTrail, type AppendFacts } from '../../audit/store/audit-trail.js';
import { KeptArguments, type KeptValues } from '../../decisions/read/kept-arguments.js';
import { membersOnly, revealRefusals } from '../reveal-refusals.js';
import { isMember } from './change-reveals.js';
import { decideOnReveal } from './decide-on-reveal.js';
import { revealedFact } from './revealed-fact.js';

/** What a reading answers beside the values, which are its secret: a text in RFC 8785 form. */
export type ReadingIds = JsonObject & { readonly revealId: RevealId; readonly level: KeptValues['level'] };

/** A reveal to be read. */
export interface ReadRevealInput extends Asked {
  readonly reveal: string;
}

/** One reading under way. `append` puts its record into the audit stream. */
interface Reading {
  readonly revealId: RevealId;
  readonly caller: Caller;
  readonly append: AppendFacts;
}

/**
 * Reads the values of a confirmed reveal. The reading, and `audit.redaction_revealed` in the audit stream, are stored in one transaction
 * before the values are answered: where either cannot be stored, or the values cannot be opened, there is no value and no reading.
 */
@Injectable()
export class ReadReveal {
  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(AuditTrail) private readonly trail: AuditTrail,
    @Inject(KeptArguments) private readonly kept: KeptArguments,
  ) {}

  /** @throws {Fault} `secrets.cannot_open` when the values were sealed for another decision or deployment. */
  async run(input: ReadRevealInput, caller: Caller): Promise<Result<Committed<ReadingIds>, Refusal>> {
    const revealId = parseId<RevealId>(input.reveal);
    if (!isMember(caller)) return refuse(membersOnly);
    if (revealId === undefined) return refuse(refusalAt(revealRefusals, { code: 'reveal.unknown', pointer: '/reveal' }));
    const command = askedCommand('readReveal', input, caller);
    return this.trail.within(caller.organisationId, (append) => this.runner.run<ReadingIds>(command, (session) => this.read(session, { revealId, caller, append })));
  }

  private async read(session: CommandSession, { revealId, caller, append }: Reading): Promise<Result<Done<ReadingIds>, Refusal>> {
    const { organisationId, rows, now } = session;
    const decided = await decideOnReveal(session, revealId, { type: 'read', by: caller.memberId, now });
    if (!decided.ok) return decided;
    const reveal = decided.value;
    if (reveal.status !== 'confirmed') return refuse(refusalAt(revealRefusals, { code: 'reveal.not_confirmed', pointer: '/reveal' }));
    const values = await this.kept.values(rows, organisationId, reveal.decisionId);
    if (values === 'erased') return refuse(refusalAt(revealRefusals, { code: 'reveal.erased', pointer: '/reveal' }));
    if (values === undefined) return refuse(refusalAt(revealRefusals, { code: 'reveal.nothing_kept', pointer: '/reveal' }));
    await append(rows, [revealedFact(caller, reveal, { level: values.level, at: now })]);
    return ok({ ids: { revealId, level: values.level }, secret: values.text });
  }
}
