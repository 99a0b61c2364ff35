import { Inject, Injectable } from '@nestjs/common';
import { ok, refuse, type Result } from '@sallyport/kernel';

import { askedCommand } from '../../../platform/commands/asked-command.js';
import { CommandRunner, type Committed } from '../../../platform/commands/command-runner.js';
import type { Refusal } from '../../../platform/commands/refusal.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { ChangeSinks, type ConfirmSinkInput, type ShownOwnership } from '../commands/change-sinks.js';
import type { SinkIds } from '../commands/decide-on-sink.js';
import type { SinkRow } from '../read/sink-row.entity.js';
import { Challenges } from './challenges.js';
import { SinkTrial, type TrialAnswer } from './sink-trial.js';

/** A confirmed sink; or a code that is on its way. */
export type Confirmation = { readonly kind: 'confirmed'; readonly committed: Committed<SinkIds> } | { readonly kind: 'code_sent'; readonly answer: TrialAnswer };

/**
 * Confirms that a receiver is the organisation's, before the first event goes there: it answers a challenge; or a test event with a code is
 * sent there, and whoever can read it there types it in.
 */
@Injectable()
export class ConfirmSink {
  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(ChangeSinks) private readonly change: ChangeSinks,
    @Inject(SinkTrial) private readonly trial: SinkTrial,
    @Inject(Challenges) private readonly challenges: Challenges,
  ) {}

  /** One step of it. What the receiver refuses is a refusal with its words. */
  async run(input: ConfirmSinkInput, caller: Caller): Promise<Result<Confirmation, Refusal>> {
    const found = await this.trial.find(input.sink, caller);
    if (!found.ok) return found;
    const { row, ownership } = found.value;
    const isAnswered = row.confirmed !== null || (await this.runner.wasAnswered(askedCommand('confirmSink', input, caller)));
    if (isAnswered) return this.confirmed(input, { how: row.confirmed ?? 'code', row }, caller);
    if (ownership !== 'code') return this.proven(input, { how: ownership, row }, caller);
    if (typeof input.code !== 'string') return this.sendCode(row, caller);
    return (await this.challenges.isRight(row, input.code)) ? this.confirmed(input, { how: 'code', row }, caller) : refuse(WRONG_CODE);
  }

  private async proven(input: ConfirmSinkInput, shown: ShownOwnership, caller: Caller): Promise<Result<Confirmation, Refusal>> {
    const answer = await this.trial.prove(shown.row);
    if (!answer.ok) return answer;
    return answer.value.taken ? this.confirmed(input, shown, caller) : refuse(notConfirmed(answer.value));
  }

  private async sendCode(row: SinkRow, caller: Caller): Promise<Result<Confirmation, Refusal>> {
    const answer = await this.trial.sendCode(row, caller);
    if (!answer.ok) return answer;
    return answer.value.taken ? ok({ kind: 'code_sent', answer: answer.value }) : refuse(notConfirmed(answer.value));
  }

  private async confirmed(input: ConfirmSinkInput, shown: ShownOwnership, caller: Caller): Promise<Result<Confirmation, Refusal>> {
    const committed = await this.change.confirm(input, shown, caller);
    return committed.ok ? ok({ kind: 'confirmed', committed: committed.value }) : committed;
  }
}

const WRONG_CODE: Refusal = {
  code: 'sink.code_wrong',
  message: 'This is not the code that was sent, or it is older than a day, or there were five wrong ones. Confirm without a code to have another one sent.',
  pointer: '/code',
};

function notConfirmed({ said, advice }: TrialAnswer): Refusal {
  return { code: 'sink.not_confirmed', message: advice === null ? said : `${said} ${advice}`, pointer: '/sink' };
}
