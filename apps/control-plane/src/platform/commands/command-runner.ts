import { Inject, Injectable } from '@nestjs/common';
import { enterOrganisation, inOrganisation } from '@sallyport/event-log-postgres';
import { isFault, ok, refuse, type JsonObject, type Result, type Revision } from '@sallyport/kernel';
import type { DataSource, EntityManager } from 'typeorm';

import { PART } from '../parts.js';
import { holdOffRebuild } from '../persistence/rebuild-lock.js';
import { ControlPlaneMetrics } from '../telemetry/control-plane-metrics.js';
import { ChangeProgress, WAIT_LIMIT_MS, type Progress } from './change-progress.js';
import type { Command } from './command.js';
import type { CommandSession } from './command-session.js';
import { FactRecorder } from './fact-recorder.js';
import { IdempotencyKeys } from './idempotency-keys.js';
import type { Refusal } from './refusal.js';

/** What a command's work hands back. */
export interface Done<Ids extends JsonObject> {
  /** Ids (and other plain, unsecret values) that the answer is made from; kept for a repeated request. */
  readonly ids: Ids;
  /** A secret to be shown once; never kept. */
  readonly secret?: string;
}

/** A command that was carried out, now or when it was first asked for. */
export interface Committed<Ids extends JsonObject> {
  readonly ids: Ids;
  /** The secret; null when there is none, or the request repeats an earlier one. */
  readonly secret: string | null;
  readonly revision: Revision;
  /** Set when it was waited for. */
  readonly enforcement: Progress | null;
}

/** A command's rules: look things up, decide, note facts. A refusal undoes everything. */
export type Work<Ids extends JsonObject> = (session: CommandSession) => Promise<Result<Done<Ids>, Refusal>>;

/**
 * Carries out commands, each in one transaction:
 *
 *   lock organisation ─▶ idempotency look-up ─▶ work ─▶ append events ─▶ projections ─▶ keep answer ─▶ commit ─▶ wait
 *
 * Commands of one organisation queue; a refusal or a fault anywhere leaves nothing behind. A repeated idempotency key
 * returns the first answer's ids and revision without a secret; with another command or input it is refused with
 * `idempotency_conflict`.
 */
@Injectable()
export class CommandRunner {
  constructor(
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
    @Inject(FactRecorder) private readonly recorder: FactRecorder,
    @Inject(IdempotencyKeys) private readonly keys: IdempotencyKeys,
    @Inject(ChangeProgress) private readonly progress: ChangeProgress,
    @Inject(ControlPlaneMetrics) private readonly metrics: ControlPlaneMetrics,
  ) {}

  /**
   * Carries out one command.
   *
   * @throws {Fault} `event_log.unreachable` when the database does not answer; nothing was changed.
   */
  async run<Ids extends JsonObject>(command: Command, work: Work<Ids>): Promise<Result<Committed<Ids>, Refusal>> {
    const stop = this.metrics.commandSeconds.startTimer();
    const committed = await this.commit(command, work);
    stop();
    this.metrics.commands.inc({ command: command.name, result: committed.ok ? 'committed' : 'refused' });
    if (!committed.ok) return committed;
    return ok({ ...committed.value, enforcement: await this.waitFor(command, committed.value.revision) });
  }

  /** Waits for a revision as asked, at most `WAIT_LIMIT_MS`; null for `COMMITTED`, which every caller already has. */
  async waitFor(asked: Pick<Command, 'organisationId' | 'waitFor'>, revision: Revision): Promise<Progress | null> {
    const waitFor = asked.waitFor ?? 'COMMITTED';
    return waitFor === 'COMMITTED' ? null : this.progress.of(asked.organisationId, revision, { waitFor, timeoutMs: WAIT_LIMIT_MS });
  }

  /**
   * Whether `run` would answer from memory: the command was carried out before under its idempotency key, or the key stands
   * for another. Commands that prepare something slow outside of their transaction ask this first.
   */
  async wasAnswered(command: Command): Promise<boolean> {
    const answer = await inOrganisation(this.dataSource, command.keysOf ?? command.organisationId, (manager) => this.keys.find(manager, command));
    return !answer.ok || answer.value !== undefined;
  }

  private async commit<Ids extends JsonObject>(command: Command, work: Work<Ids>): Promise<Result<Omit<Committed<Ids>, 'enforcement'>, Refusal>> {
    try {
      return await this.dataSource.transaction(async (manager) => ok(await this.within(manager, command, work)));
    } catch (caught) {
      if (caught instanceof Refused) return refuse(caught.refusal);
      if (isFault(caught, 'event_log.moved_on')) return refuse({ code: 'moved_on', message: caught.spec.publicText });
      throw caught;
    }
  }

  private async within<Ids extends JsonObject>(manager: EntityManager, command: Command, work: Work<Ids>) {
    await holdOffRebuild(manager);
    await this.recorder.lock(manager, command.keysOf ?? command.organisationId);
    const earlier = await this.keys.find<Ids>(manager, command);
    if (!earlier.ok) throw new Refused(earlier.refusal);
    if (earlier.value !== undefined) return { ...earlier.value, secret: null };

    const session = await this.recorder.open(manager, command.organisationId);
    const done = await work(session);
    if (!done.ok) throw new Refused(done.refusal);

    const revision = await this.recorder.record(session, command.actor);
    await enterOrganisation(manager, command.keysOf ?? command.organisationId);
    await this.keys.keep(manager, command, { ids: done.value.ids, revision, at: session.now });
    return { ids: done.value.ids, secret: done.value.secret ?? null, revision };
  }
}

/** Carries a refusal out of the transaction, which it rolls back. Never leaves this file. */
class Refused extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.code);
  }
}
