import { create, fromBinary, type Message, type MessageInitShape, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { branded, type EpochMs, type OrganisationId, type Revision, type Sha256Hex } from '@sallyport/kernel';

import { readable } from './event-codec.js';
import { type FrontierEntry, StreamBodySchema } from './generated/sallyport/stream/v1/stream_body_pb.js';
import { wireFault } from './wire-faults.js';

/** One event of one organisation, at its place in the whole deployment. */
export interface EventRecord {
  readonly kind: 'event';
  /** Place among all events of the deployment: 1, 2, 3 without a gap. */
  readonly position: number;
  readonly organisationId: OrganisationId;
  readonly revision: Revision;
  /** The bytes that `encodeEvent` gave. */
  readonly event: Uint8Array;
}

/** "All that was committed before `committedBefore` is at or below `position`." */
export interface StampRecord {
  readonly kind: 'stamp';
  /** Whole milliseconds, taken before the outbox was read. */
  readonly committedBefore: EpochMs;
  /** The newest position published; 0 before the first event. */
  readonly position: number;
}

/** One organisation, folded up to a revision. */
export interface SnapshotRecord {
  readonly kind: 'snapshot';
  readonly organisationId: OrganisationId;
  readonly revision: Revision;
  /** The bytes that `encodeState` gave. */
  readonly state: Uint8Array;
  /** SHA-256 of `state`. */
  readonly stateHash: Sha256Hex;
}

/** "Every event at or below `position` is in the snapshots named here." */
export interface FrontierRecord {
  readonly kind: 'frontier';
  /** Whole milliseconds: all that was committed before is at or below `position`. */
  readonly committedBefore: EpochMs;
  readonly position: number;
  /** Every organisation that has an event at or below `position`, with its snapshot's revision; an older snapshot of it was put back. */
  readonly snapshots: ReadonlyMap<OrganisationId, Revision>;
}

/** A further key of the control plane, in a record that an earlier key signed. */
export interface KeyAnnouncement {
  readonly kind: 'key';
  readonly keyId: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Whole milliseconds. */
  readonly announcedAt: EpochMs;
}

/** What a signed record says. Events and stamps are for `cp.events`, snapshots and the frontier for `cp.snapshots`, keys for both. */
export type StreamBody = EventRecord | StampRecord | SnapshotRecord | FrontierRecord | KeyAnnouncement;

type BodyMessage = MessageShape<typeof StreamBodySchema>['body'];
type BodyInit = MessageInitShape<typeof StreamBodySchema>;

/**
 * The key that a record with this body has on its topic; a record under another key was moved there.
 * Organisations' ids are UUIDs, so none is taken for `_stamp`, `_frontier` or `_key/…`.
 */
export function recordKeyOf(body: StreamBody): string {
  switch (body.kind) {
    case 'event':
    case 'snapshot':
      return body.organisationId;
    case 'stamp':
      return '_stamp';
    case 'frontier':
      return '_frontier';
    case 'key':
      return `_key/${body.keyId}`;
  }
}

/**
 * A body as it is signed: the protobuf `sallyport.stream.v1.StreamBody`. Equal bodies give equal bytes.
 *
 * @throws {Fault} `wire.unencodable` for a number that is not whole or beyond 2^53 - 1, a hash that is none, and an organisation in a frontier that is no UUID.
 */
export function encodeStreamBody(body: StreamBody): Uint8Array {
  return toBinary(StreamBodySchema, create(StreamBodySchema, { body: caseOf(body) } as BodyInit));
}

/**
 * The way back.
 *
 * @throws {Fault} `wire.undecodable` for bytes that are no body, and for a case or a field this version does not know.
 */
export function decodeStreamBody(bytes: Uint8Array): StreamBody {
  const message = readable(() => fromBinary(StreamBodySchema, bytes));
  refuseUnknown(message);
  return bodyOf(message.body);
}

function caseOf(body: StreamBody): unknown {
  switch (body.kind) {
    case 'event': {
      const { organisationId, event } = body;
      return { case: 'event', value: { position: whole(body.position), organisationId, revision: whole(body.revision), event } };
    }
    case 'stamp':
      return { case: 'stamp', value: { committedBeforeMs: whole(body.committedBefore), position: whole(body.position) } };
    case 'snapshot': {
      const { organisationId, state } = body;
      return { case: 'snapshot', value: { organisationId, revision: whole(body.revision), state, stateHash: digestBytes(body.stateHash) } };
    }
    case 'frontier': {
      const ordered = [...body.snapshots].sort(([one], [other]) => (one < other ? -1 : 1));
      const snapshots = ordered.map(([id, revision]) => ({ organisationId: uuidBytes(id), revision: whole(revision) }));
      return { case: 'frontier', value: { committedBeforeMs: whole(body.committedBefore), position: whole(body.position), snapshots } };
    }
    case 'key': {
      const { keyId, publicKey } = body;
      return { case: 'key', value: { keyId, publicKey, announcedAtMs: whole(body.announcedAt) } };
    }
  }
}

function bodyOf(body: BodyMessage): StreamBody {
  if (body.value !== undefined) refuseUnknown(body.value);
  switch (body.case) {
    case 'event': {
      const { position, organisationId, revision, event } = body.value;
      return { kind: 'event', position: number(position), organisationId: branded<OrganisationId>(organisationId), revision: revisionOf(revision), event };
    }
    case 'stamp':
      return { kind: 'stamp', committedBefore: instant(body.value.committedBeforeMs), position: number(body.value.position) };
    case 'snapshot': {
      const { organisationId, revision, state, stateHash } = body.value;
      return { kind: 'snapshot', organisationId: branded<OrganisationId>(organisationId), revision: revisionOf(revision), state, stateHash: digestText(stateHash) };
    }
    case 'frontier': {
      const { committedBeforeMs, position, snapshots } = body.value;
      return { kind: 'frontier', committedBefore: instant(committedBeforeMs), position: number(position), snapshots: new Map(snapshots.map(entryOf)) };
    }
    case 'key': {
      const { keyId, publicKey, announcedAtMs } = body.value;
      return { kind: 'key', keyId, publicKey, announcedAt: instant(announcedAtMs) };
    }
    case undefined:
      throw wireFault.undecodable('a body says nothing this version knows');
  }
}

function entryOf(entry: FrontierEntry): [OrganisationId, Revision] {
  refuseUnknown(entry);
  return [uuidText(entry.organisationId), revisionOf(entry.revision)];
}

function whole(value: number): bigint {
  if (!Number.isSafeInteger(value)) throw wireFault.unencodable('a number of a stream body is not whole, or beyond 2^53 - 1');
  return BigInt(value);
}

function number(value: bigint): number {
  const read = Number(value);
  if (!Number.isSafeInteger(read)) throw wireFault.undecodable('a number of a stream body is beyond 2^53 - 1');
  return read;
}

function revisionOf(value: bigint): Revision {
  return branded<Revision>(number(value));
}

function instant(value: bigint): EpochMs {
  return branded<EpochMs>(number(value));
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function uuidBytes(id: OrganisationId): Uint8Array {
  if (!UUID.test(id)) throw wireFault.unencodable('an organisation of a frontier is no lower-case UUID');
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

function uuidText(bytes: Uint8Array): OrganisationId {
  if (bytes.length !== 16) throw wireFault.undecodable('an organisation of a frontier is not 16 bytes');
  const hex = Buffer.from(bytes).toString('hex');
  return branded<OrganisationId>([hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-'));
}

function digestBytes(hash: Sha256Hex): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(hash)) throw wireFault.unencodable('a state’s hash is not 64 lower-case hexadecimal digits');
  return Buffer.from(hash, 'hex');
}

function digestText(bytes: Uint8Array): Sha256Hex {
  if (bytes.length !== 32) throw wireFault.undecodable('a state’s hash is not 32 bytes');
  return branded<Sha256Hex>(Buffer.from(bytes).toString('hex'));
}

function refuseUnknown(message: Message): void {
  if ((message.$unknown?.length ?? 0) > 0) throw wireFault.undecodable(`${message.$typeName} has a field this version does not know`);
}
