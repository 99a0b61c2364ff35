import { randomBytes } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';
import { ok, refuse, type Clock, type Result, type Scheduler } from '@sallyport/kernel';
import type { Delivery, Sink, SinkConfiguration } from '@sallyport/sinks';

import type { Refusal } from '../../../platform/commands/refusal.js';
import { refusalAt } from '../../../platform/commands/refusal-at.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { PART } from '../../../platform/parts.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { OrganisationRow } from '../../organisations/read/organisation-row.entity.js';
import { findSink } from '../read/find-sink.js';
import type { SinkRow } from '../read/sink-row.entity.js';
import { SinkOpener } from '../sink-opener.js';
import { orphanedType, rejection, sinkRefusals } from '../sink-refusals.js';
import { Challenges } from './challenges.js';
import { previewOf } from './preview-of.js';
import { testBatch } from './test-event.js';

/** How long a receiver is waited for, milliseconds. */
const TRIAL_MS = 15_000;

/** What a receiver said of a trial. */
export interface TrialAnswer {
  readonly taken: boolean;
  /** In a sentence, without a credential. */
  readonly said: string;
  /** What to do about it; `null` where there is nothing. */
  readonly advice: string | null;
  /** The test event as it is in the stream's own form; `null` where none was sent. */
  readonly sample: string | null;
  /** The same as the receiver sees it, in the sink's format; `null` where none was sent. */
  readonly preview: string | null;
}

/** A sink that can be tried. */
export interface TriedSink {
  readonly row: SinkRow;
  readonly ownership: 'echo' | 'read_back' | 'code';
}

interface OpenedSink {
  readonly sink: Sink;
  readonly configuration: SinkConfiguration;
}

type Trial = (sink: Sink, signal: AbortSignal, configuration: SinkConfiguration) => Promise<TrialAnswer>;

/** Sends single events and challenges to a sink's receiver while somebody waits, beside its export and without touching it. */
@Injectable()
export class SinkTrial {
  constructor(
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(SinkOpener) private readonly opener: SinkOpener,
    @Inject(Challenges) private readonly challenges: Challenges,
    @Inject(PART.clock) private readonly clock: Clock,
    @Inject(PART.scheduler) private readonly scheduler: Scheduler,
  ) {}

  /** A sink by id or name, with how its receiver is confirmed. */
  async find(named: string, caller: Caller): Promise<Result<TriedSink, Refusal>> {
    const row = await this.reader.read(caller.organisationId, (rows) => findSink(rows, caller.organisationId, named));
    if (row === null) return refuse(refusalAt(sinkRefusals, { code: 'sink.unknown', pointer: '/sink' }));
    const type = this.opener.catalogue.find(row.sinkType);
    return type === undefined ? refuse(orphanedType) : ok({ row, ownership: type.ownership ?? 'code' });
  }

  /** Delivers a test event. */
  test(row: SinkRow, caller: Caller): Promise<Result<TrialAnswer, Refusal>> {
    return this.tried(row, async (sink, signal, configuration) => {
      const batch = testBatch({ sink: row, caller, at: this.clock.now(), code: null });
      const answer = answerOf(await sink.deliver(batch, signal));
      const [event] = batch.events;
      return event === undefined ? { ...answer, ...UNSEEN } : { ...answer, sample: event.stored.line, preview: previewOf(sink, event, configuration) };
    });
  }

  /** Delivers a test event that carries a new code. */
  sendCode(row: SinkRow, caller: Caller): Promise<Result<TrialAnswer, Refusal>> {
    return this.tried(row, async (sink, signal) => {
      const batch = testBatch({ sink: row, caller, at: this.clock.now(), code: await this.challenges.newCode(row) });
      // Whoever asks for a code is to find it at the receiver, not here.
      return { ...answerOf(await sink.deliver(batch, signal)), ...UNSEEN };
    });
  }

  /** Has the receiver show that it is the organisation's. */
  prove(row: SinkRow): Promise<Result<TrialAnswer, Refusal>> {
    return this.tried(row, async (sink, signal) => {
      const proven = await sink.prove?.(randomBytes(32).toString('base64url'), signal);
      if (proven === undefined) return NO_PROOF;
      if (proven.ok) return { taken: true, said: 'The receiver answered the challenge.', advice: null, ...UNSEEN };
      return { taken: false, said: proven.refusal.reason, advice: proven.refusal.advice, ...UNSEEN };
    });
  }

  private async tried(row: SinkRow, work: Trial): Promise<Result<TrialAnswer, Refusal>> {
    const opened = await this.opened(row);
    if (!opened.ok) return opened;
    if (!(await this.challenges.mayTry(row))) {
      await opened.value.sink.close();
      return refuse(TOO_SOON);
    }
    const aborting = new AbortController();
    const callOff = this.scheduler.after(TRIAL_MS, () => aborting.abort());
    try {
      return ok(await work(opened.value.sink, aborting.signal, opened.value.configuration));
    } finally {
      callOff();
      await opened.value.sink.close();
    }
  }

  private async opened(row: SinkRow): Promise<Result<OpenedSink, Refusal>> {
    const { organisationId, sinkId } = row;
    const organisation = await this.reader.read(organisationId, (rows) => rows.findOneByOrFail(OrganisationRow, { organisationId }));
    const type = this.opener.catalogue.find(row.sinkType);
    if (type === undefined) return refuse(orphanedType);
    const configuration = this.opener.configurationOf(row, organisation);
    const problems = this.opener.catalogue.problems(type, configuration, organisation);
    return problems.length > 0 ? refuse(rejection(problems)) : ok({ sink: this.opener.open(type, configuration, { sinkId, owner: organisation }), configuration });
  }
}

const TOO_SOON: Refusal = { code: 'sink.too_soon', message: 'Something was sent to this receiver a moment ago. Try again in two seconds.', pointer: '/sink' };
const UNSEEN = { sample: null, preview: null } as const;
const NO_PROOF: TrialAnswer = { taken: false, said: 'This kind of receiver cannot be asked.', advice: 'Confirm it with the code of a test event.', ...UNSEEN };

function answerOf(delivery: Delivery): Omit<TrialAnswer, 'sample' | 'preview'> {
  switch (delivery.kind) {
    case 'delivered':
      return { taken: true, said: 'The receiver took the event.', advice: null };
    case 'partly':
      return { taken: false, said: delivery.rejected[0]?.reason ?? delivery.reason ?? 'The receiver did not take the event.', advice: null };
    case 'unfit':
      return { taken: false, said: delivery.reason, advice: 'The receiver refuses the form of the event: choose another format, or change what it accepts.' };
    case 'unavailable':
      return { taken: false, said: delivery.reason, advice: null };
    case 'paused':
      return { taken: false, said: delivery.reason, advice: delivery.advice };
  }
}
