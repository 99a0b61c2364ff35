import { Inject, Injectable } from '@nestjs/common';
import type { Clock, Result } from '@sallyport/kernel';
import { ok, refuse } from '@sallyport/kernel';
import { Simulation, type RecordedCall } from '@sallyport/policy-engine';
import type { GraphQLError } from 'graphql';

import type { RequestContext } from '../../../platform/graphql/request-context.js';
import { StreamSlots } from '../../../platform/graphql/stream-slots.js';
import { PART } from '../../../platform/parts.js';
import type { Refusal } from '../../../platform/commands/refusal.js';
import { refusalAt } from '../../../platform/commands/refusal-at.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { identityRefusals } from '../../identities/identity-refusals.js';
import { findIdentity } from '../../identities/read/identity-queries.js';
import { ReadPoints, type ReadPoint } from '../../past/read-point.js';
import { findServer } from '../../servers/read/server-queries.js';
import { serverRefusals } from '../../servers/server-refusals.js';
import { policyRefusals, refusalMember, type PolicyRejected } from '../policy-refusals.js';
import { sourceAt, type PolicySource, type PolicySourceInput } from '../policy-source.js';
import { policyAt } from '../read/policy-queries.js';
import type { PolicyRow } from '../read/policy-row.entity.js';
import { countRecorded, recordedCall, recordedPages, type Reading, type RecordedRange } from './recorded-calls.js';
import { RecordedHistory } from './recorded-history.js';
import { mayReplayValues } from './replayed-values.js';
import { progressToGraphql, reportToGraphql } from './simulation-to-graphql.js';

/** A document to be replayed, and over which recorded calls. Instants are RFC 3339. */
export interface SimulatePolicyInput {
  readonly policy: PolicySourceInput;
  /** The policy, by id or name, whose recorded calls are replayed. */
  readonly of?: string | null;
  readonly since?: string | null;
  readonly until?: string | null;
  readonly identity?: string | null;
  readonly server?: string | null;
  readonly examples?: number | null;
}

/** One delivery; the last is the report, or what keeps it from being made. */
export interface SimulationDelivery {
  readonly simulatePolicy: ReturnType<typeof progressToGraphql> | ReturnType<typeof reportToGraphql> | PolicyRejected | ReturnType<typeof refusalMember> | GraphQLError;
}

interface Plan {
  readonly source: PolicySource;
  readonly range: RecordedRange;
  readonly knownFromMs: number;
  readonly counts: (call: RecordedCall) => boolean;
  readonly examples: number;
}

type NoPlan = PolicyRejected | ReturnType<typeof refusalMember>;

const TOLD_EVERY_MS = 500;
const DEFAULT_DAYS_MS = 7 * 86_400_000;
const MOST_EXAMPLES = 100;

/** Replays recorded calls under a document. Stops when nobody reads on. */
@Injectable()
export class SimulatePolicy {
  constructor(
    @Inject(ReadPoints) private readonly points: ReadPoints,
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(RecordedHistory) private readonly recorded: RecordedHistory,
    @Inject(StreamSlots) private readonly slots: StreamSlots,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  /** @throws {GraphQLError} `too_many_streams` beyond `GRAPHQL_LIMITS.streamsPerToken`. */
  async *run(context: RequestContext, input: SimulatePolicyInput): AsyncGenerator<SimulationDelivery, undefined> {
    const slot = this.slots.take(context, mayReplayValues(context.caller) ? 'auditor' : 'viewer');
    try {
      const plan = await planOf(await this.points.at(slot.caller.organisationId, null), input);
      if (!plan.ok) return void (yield { simulatePolicy: plan.refusal });
      for await (const delivered of this.replay(plan.value, slot.caller)) {
        const refused = await slot.stillAllowed();
        yield { simulatePolicy: refused ?? delivered };
        if (refused !== undefined) return;
      }
    } finally {
      slot.leave();
    }
  }

  private async *replay({ source, range, knownFromMs, counts, examples }: Plan, caller: Caller) {
    const read: Reading = (work) => this.reader.read(range.organisationId, work);
    const { total, kept } = await read((manager) => countRecorded(manager, range));
    const known = await this.recorded.known(caller, { calls: kept, document: source.text, since: range.since, until: range.until });
    const simulation = new Simulation(source.document, { knownFromMs, counts, examplesEach: examples });
    let toldMs = this.clock.now();
    yield progressToGraphql(simulation.progress(), total);
    for await (const rows of recordedPages(read, range)) {
      for (const row of rows) simulation.take(recordedCall(row, known));
      if (this.clock.now() - toldMs < TOLD_EVERY_MS) continue;
      toldMs = this.clock.now();
      yield progressToGraphql(simulation.progress(), total);
    }
    yield reportToGraphql(simulation.report());
  }
}

async function planOf(point: ReadPoint, input: SimulatePolicyInput): Promise<Result<Plan, NoPlan>> {
  const source = await sourceAt(point, input.policy, '/policy');
  if (!source.ok) return source;
  const of = await policyOf(point, input, source.value);
  if (!of.ok) return refuse(refusalMember(of.refusal));
  const counts = await countsOf(point, input);
  if (!counts.ok) return refuse(refusalMember(counts.refusal));
  const since = input.since ?? new Date(point.atMs - DEFAULT_DAYS_MS).toISOString();
  const until = input.until ?? new Date(point.atMs).toISOString();
  const isFromFirst = of.value !== null && of.value.createdAt.getTime() >= Date.parse(since);
  return ok({
    source: source.value,
    range: { organisationId: point.organisationId, policyId: of.value?.policyId ?? null, since, until },
    knownFromMs: isFromFirst ? -Infinity : Date.parse(since),
    counts: counts.value,
    examples: Math.min(Math.max(input.examples ?? 5, 0), MOST_EXAMPLES),
  });
}

/** Whose calls are replayed: those of the policy named, else of the published one that is replayed, else of every policy. */
async function policyOf(point: ReadPoint, { of }: SimulatePolicyInput, source: PolicySource): Promise<Result<PolicyRow | null, Refusal>> {
  if (of === null || of === undefined) return ok(source.published?.row ?? null);
  const row = await policyAt(point, of);
  return row === null ? refuse(refusalAt(policyRefusals, { code: 'policy.unknown', pointer: '/of' })) : ok(row);
}

/** Which calls count; the others are replayed for the limits and marks they use. */
async function countsOf(point: ReadPoint, { identity, server }: SimulatePolicyInput): Promise<Result<Plan['counts'], Refusal>> {
  const { organisationId } = point;
  const found = await point.read(async (manager) => ({
    identity: typeof identity === 'string' ? await findIdentity(manager, organisationId, identity) : undefined,
    server: typeof server === 'string' ? await findServer(manager, organisationId, server) : undefined,
  }));
  if (found.identity === null) return refuse(refusalAt(identityRefusals, { code: 'identity.unknown', pointer: '/identity' }));
  if (found.server === null) return refuse(refusalAt(serverRefusals, { code: 'server.unknown', pointer: '/server' }));
  const [identityId, slug] = [found.identity?.identityId, found.server?.slug];
  return ok((call) => (identityId === undefined || call.identity.id === identityId) && (slug === undefined || call.server === slug));
}
