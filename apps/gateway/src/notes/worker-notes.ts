import type { DecidedRecord, Journal, Note, NotedCaller } from '@sallyport/audit';
import { branded, formatDecimal, type Clock, type DecisionId, type EpochMs, type EventId, type OrganisationId } from '@sallyport/kernel';
import type { FlowMark, LimitAsk } from '@sallyport/policy-engine';

import type { DecisionIds } from '../pipeline/decision-ids.js';
import type { GrantBinding } from '../snapshot/grant-binding.js';
import { boundedName, notedCaller } from './noted-caller.js';
import { NotedUntil } from './noted-until.js';

/** What notes are made with. */
export interface WorkerNotesParts {
  readonly workerId: string;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly ids: DecisionIds;
}

/** Of one call, what a note about it needs. */
export interface NotedCall {
  readonly binding: GrantBinding;
  readonly decisionId: DecisionId;
  readonly tool: string | null;
  readonly sourceIp: string | null;
  readonly clientName: string | null;
}

/** What of a list that was served is noted. */
export interface NotedList {
  readonly binding: GrantBinding;
  readonly sourceIp: string | null;
  readonly clientName: string | null;
  readonly protocolVersion: string | null;
  readonly requestId: string | null;
  readonly shown: number;
}

/** Marks, and windows of counters, that this worker remembers to have noted. */
const MOST_REMEMBERED = 10_000;

/** A counter without a window, of calls in flight, is noted at most so often, milliseconds. */
const WITHOUT_WINDOW_MS = 60_000;

/** What this worker notes besides its decisions. Nothing here waits or throws, and a call about which there is nothing to note comes here not at all. */
export class WorkerNotes {
  private readonly marks = new NotedUntil(MOST_REMEMBERED);
  private readonly windows = new NotedUntil(MOST_REMEMBERED);

  constructor(private readonly parts: WorkerNotesParts) {}

  /** Notes something of an organisation, or with `null` of the deployment. */
  note(organisationId: OrganisationId | null, note: Note): void {
    const { workerId, journal, clock, ids } = this.parts;
    const at = clock.now();
    journal.noted({ kind: 'noted', eventId: branded<EventId>(ids.next(at)), organisationId, at, workerId, note });
  }

  /** A grant's token was accepted, where it was not yet from this source and in this hour. */
  signedIn(binding: GrantBinding, sourceIp: string | null, now: EpochMs): void {
    if (binding.sources.isNew(sourceIp, now)) this.note(binding.organisation.organisationId, { kind: 'signedIn', caller: notedCaller(binding, sourceIp, null) });
  }

  listServed({ binding, sourceIp, clientName, protocolVersion, requestId, shown }: NotedList): void {
    const { organisation, policy, server } = binding;
    this.note(organisation.organisationId, {
      kind: 'listServed',
      caller: notedCaller(binding, sourceIp, clientName),
      policyId: policy?.policyId ?? null,
      policyVersion: policy?.version ?? null,
      revision: organisation.revision,
      protocolVersion,
      requestId,
      shown,
      hidden: (server.approved?.list.length ?? 0) - shown,
    });
  }

  /** A call left marks: those are noted that its identity does not bear already, as far as this worker knows. */
  marksLeft({ identity, organisation }: Pick<GrantBinding, 'identity' | 'organisation'>, call: DecidedRecord, marks: readonly FlowMark[]): void {
    const now = this.parts.clock.now();
    for (const { mark, seconds } of marks) {
      if (!this.marks.isNew(`${organisation.organisationId}/${identity.identityId}\n${mark}`, now, now + seconds * 1_000)) continue;
      const caller = callerOf(call, identity);
      this.note(call.organisationId, { kind: 'flowTainted', caller, decisionId: call.decisionId, tool: call.tool ?? '', mark, seconds });
    }
  }

  /** A counter refused a call: noted once in a window. `key` stands for the counter with what it counts by, and is kept here alone. */
  limitTripped(call: NotedCall, ask: LimitAsk, key: string): void {
    const now = this.parts.clock.now();
    if (!this.windows.isNew(key, now, ask.windowEndMs > now ? ask.windowEndMs : now + WITHOUT_WINDOW_MS)) return;
    this.note(call.binding.organisation.organisationId, {
      kind: 'limitTripped',
      caller: notedCaller(call.binding, call.sourceIp, call.clientName),
      decisionId: call.decisionId,
      tool: boundedName(call.tool) ?? '',
      ruleId: ask.ruleId,
      counter: ask.counter,
      windowStartMs: ask.windowStartMs,
      windowEndMs: ask.windowEndMs,
      units: formatDecimal(ask.units),
    });
  }
}

function callerOf(call: DecidedRecord, { name, kind }: GrantBinding['identity']): NotedCaller {
  const { identityId, grantId, tokenId, serverId, serverSlug, sourceIp, clientName } = call;
  return { identityId, identityName: name, identityKind: kind, grantId, tokenId, serverId, serverSlug, sourceIp, clientName };
}
