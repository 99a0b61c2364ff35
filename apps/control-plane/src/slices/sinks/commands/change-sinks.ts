import { Inject, Injectable } from '@nestjs/common';
import type { SinkCommand } from '@sallyport/control-domain';
import type { SinkConfirmation } from '@sallyport/domain-events';
import { refuse, type Result } from '@sallyport/kernel';

import { askedCommand } from '../../../platform/commands/asked-command.js';
import { CommandRunner, type Committed, type Done } from '../../../platform/commands/command-runner.js';
import type { CommandSession } from '../../../platform/commands/command-session.js';
import type { Refusal } from '../../../platform/commands/refusal.js';
import { refusalAt } from '../../../platform/commands/refusal-at.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { selectProgress } from '../delivery/delivery-rows.js';
import { forgetSink } from '../delivery/postgres-delivery-store.js';
import { OrganisationRow } from '../../organisations/read/organisation-row.entity.js';
import { SinkDesk } from '../delivery/sink-desk.js';
import { SinkPlans } from '../sink-plans.js';
import { findSink } from '../read/find-sink.js';
import type { SinkRow } from '../read/sink-row.entity.js';
import { sinkRefusals } from '../sink-refusals.js';
import { decideOnSink, type SinkIds } from './decide-on-sink.js';
import type { SinkRefInput } from './sink-ref-input.js';

/** A sink, and why somebody does something to it. */
export interface SinkReasonInput extends SinkRefInput {
  readonly reason?: string | null | undefined;
}
/** A sink whose receiver is confirmed, with the code that arrived there where the kind of sink needs one. */
export interface ConfirmSinkInput extends SinkRefInput {
  readonly code?: string | null | undefined;
}

/** How ownership was shown, and of what. */
export interface ShownOwnership {
  readonly how: SinkConfirmation;
  readonly row: SinkRow;
}

type Answer = Promise<Result<Committed<SinkIds>, Refusal>>;

/** Changes whether a sink may send, and ends it. */
@Injectable()
export class ChangeSinks {
  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(SinkPlans) private readonly plans: SinkPlans,
    @Inject(SinkDesk) private readonly desk: SinkDesk,
  ) {}

  /** Notes that the receiver is the organisation's. Refused when the sink leads elsewhere than when that was shown. */
  confirm(input: ConfirmSinkInput, shown: ShownOwnership, caller: Caller): Answer {
    return this.runner.run<SinkIds>(askedCommand('confirmSink', input, caller), async (session) => {
      const now = await findSink(session.rows, session.organisationId, input.sink);
      if (now !== null && !leadsAlike(now, shown.row)) return refuse({ code: 'moved_on', message: 'Somebody changed the sink meanwhile. Confirm it again.', pointer: '/sink' });
      return onSink(session, input.sink, () => Promise.resolve({ type: 'confirm', how: shown.how }));
    });
  }

  /** Stops a sink at its place in the stream. */
  pause(input: SinkReasonInput, caller: Caller): Answer {
    const command = { type: 'pause', reason: input.reason ?? '' } as const;
    return this.runner.run<SinkIds>(askedCommand('pauseSink', input, caller), (session) => onSink(session, input.sink, () => Promise.resolve(command)));
  }

  /** Lets a sink go on that a person or its receiver stopped. */
  resume(input: SinkReasonInput, caller: Caller): Answer {
    return this.runner.run<SinkIds>(askedCommand('resumeSink', input, caller), (session) =>
      onSink(session, input.sink, async (row) => {
        const progress = await selectProgress(session.rows, row);
        const plan = this.plans.of(row, await session.rows.findOneByOrFail(OrganisationRow, { organisationId: row.organisationId }));
        if (plan.ok && row.paused === null) await this.desk.goOn(plan.value, caller);
        return { type: 'resume', reason: input.reason ?? '', halted: progress?.state === 'paused' || progress?.state === 'backoff' };
      }),
    );
  }

  /** Ends a sink, and forgets its place and its dead letters. */
  remove(input: SinkReasonInput, caller: Caller): Answer {
    return this.runner.run<SinkIds>(askedCommand('removeSink', input, caller), (session) =>
      onSink(session, input.sink, async (row) => {
        await forgetSink(session.rows, row);
        return { type: 'remove', reason: input.reason ?? '' };
      }),
    );
  }
}

/** Decides one command on a sink by id or name. */
async function onSink(session: CommandSession, named: string, commandFor: (row: SinkRow) => Promise<SinkCommand>): Promise<Result<Done<SinkIds>, Refusal>> {
  const row = await findSink(session.rows, session.organisationId, named);
  if (row === null) return refuse(refusalAt(sinkRefusals, { code: 'sink.unknown', pointer: '/sink' }));
  return decideOnSink(session, row.sinkId, [await commandFor(row)]);
}

function leadsAlike(one: SinkRow, other: SinkRow): boolean {
  return one.sinkId === other.sinkId && one.settings === other.settings && one.credentialSeals === other.credentialSeals;
}
