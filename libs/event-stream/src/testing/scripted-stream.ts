import { deploymentTopics, MemoryBroker, MemoryCluster, type Publication, TOPIC } from '@sallyport/broker';
import type { DomainEvent, DomainFact } from '@sallyport/domain-events';
import { branded, type EventId, type OrganisationId, type Revision } from '@sallyport/kernel';
import type { FakeClock } from '@sallyport/kernel/testing';
import { OrganisationFold } from '@sallyport/organisation-state';
import type { RecordSigner } from '@sallyport/secrets';
import { encodeEvent, encodeState, type FrontierRecord, type SnapshotRecord, stateHash, type StreamBody } from '@sallyport/wire';
import { v7 as uuid } from 'uuid';

import { type SignedTopic, signedPublications } from '../control/signed-publications.js';

/** An identity comes to be: a fact that every organisation takes. */
export function anIdentity(name = 'ci-runner'): DomainFact {
  return { type: 'identity.created', version: 2, data: { identityId: branded(uuid()), name, kind: 'agent', labels: {}, groups: [] } };
}

/** The control plane's side of a stream, record by record and by hand, so that a test can forge, withhold, repeat and reorder. */
export class ScriptedStream {
  readonly cluster: MemoryCluster;
  readonly broker: MemoryBroker;
  /** What the control plane itself has folded. */
  readonly folds = new Map<OrganisationId, OrganisationFold>();
  /** The newest position given. */
  position = 0;

  constructor(
    private readonly signer: RecordSigner,
    private readonly clock: FakeClock,
  ) {
    this.cluster = new MemoryCluster(() => this.clock.now());
    this.broker = new MemoryBroker(this.cluster);
    for (const topic of deploymentTopics(1)) this.cluster.ensureTopic(topic);
  }

  /** Commits facts of an organisation: each gets its revision and its position. Nothing is published. */
  commit(organisationId: OrganisationId, ...facts: readonly DomainFact[]): readonly StreamBody[] {
    const fold = this.folds.get(organisationId) ?? new OrganisationFold(organisationId);
    this.folds.set(organisationId, fold);
    return facts.map((fact) => {
      const event = this.eventOf(organisationId, fold.revision + 1, fact);
      const folded = fold.apply(event);
      if (!folded.ok) throw new Error(folded.refusal.sentence);
      return this.place(event);
    });
  }

  /** Gives an event the next position, whatever it is. */
  place(event: DomainEvent, bytes: Uint8Array = encodeEvent(event)): StreamBody {
    this.position += 1;
    return { kind: 'event', position: this.position, organisationId: event.organisationId, revision: event.revision, event: bytes };
  }

  /** An event as the log would keep it. */
  eventOf(organisationId: OrganisationId, revision: number, fact: DomainFact): DomainEvent {
    const occurredAt = new Date(this.clock.now()).toISOString();
    return { eventId: branded<EventId>(uuid()), organisationId, revision: branded<Revision>(revision), object: { kind: 'organisation', id: organisationId }, objectVersion: revision, occurredAt, actor: { kind: 'system', name: 'test' }, fact };
  }

  /** Publishes bodies on the events' topic, signed. */
  async publish(...bodies: readonly StreamBody[]): Promise<void> {
    await this.publishRaw(bodies.flatMap((body) => [...this.signed(TOPIC.events, body)]));
  }

  /** Publishes bodies among the snapshots, signed. */
  async shelve(...bodies: readonly StreamBody[]): Promise<void> {
    await this.publishRaw(bodies.flatMap((body) => [...this.signed(TOPIC.snapshots, body)]));
  }

  /** Commits and publishes. */
  async append(organisationId: OrganisationId, ...facts: readonly DomainFact[]): Promise<void> {
    await this.publish(...this.commit(organisationId, ...facts));
  }

  /** Lets a millisecond pass and says that everything committed before is published. */
  async stamp(): Promise<void> {
    this.clock.advance(1);
    await this.publish({ kind: 'stamp', committedBefore: this.clock.now(), position: this.position });
  }

  /** An organisation's snapshot as it stands. */
  snapshotOf(organisationId: OrganisationId): SnapshotRecord {
    const state = encodeState(this.folds.get(organisationId) ?? new OrganisationFold(organisationId));
    return { kind: 'snapshot', organisationId, revision: this.folds.get(organisationId)?.revision ?? branded<Revision>(0), state, stateHash: stateHash(state) };
  }

  /** Where all organisations stand now. */
  frontier(): FrontierRecord {
    return { kind: 'frontier', committedBefore: this.clock.now(), position: this.position, snapshots: new Map([...this.folds].map(([id, { revision }]) => [id, revision])) };
  }

  /** Publishes everybody's snapshot, then the frontier. */
  async checkpoint(): Promise<void> {
    await this.shelve(...[...this.folds.keys()].map((id) => this.snapshotOf(id)), this.frontier());
  }

  /** A body as records, signed by the stream's key unless another is given. */
  signed(topic: SignedTopic, body: StreamBody, signer: RecordSigner = this.signer): readonly Publication[] {
    return signedPublications(signer, topic, body);
  }

  /** What somebody who can write to the broker publishes. */
  publishRaw(records: readonly Publication[]): Promise<void> {
    return this.broker.publish(records);
  }
}
