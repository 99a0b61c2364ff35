import { createHash } from 'node:crypto';

import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { branded, type GrantId, type Sha256Hex } from '@sallyport/kernel';
import { OrganisationFold, type ApprovedTools, type GrantState, type IdentityState, type OrganisationState, type PolicyState, type ServerState } from '@sallyport/organisation-state';

import { dataToMessage } from './data-to-message.js';
import { readable } from './event-codec.js';
import { grantReader } from './grant-reader.js';
import { OrganisationStateSchema } from './generated/sallyport/stream/v1/organisation_state_pb.js';
import { messageToData } from './message-to-data.js';
import { wireFault } from './wire-faults.js';

/** The form of state this version writes; it reads the ones before too, of which nothing but what they lacked is empty. */
const FORM = 3;

/** A state as the protobuf message has it: what may be absent is a list of at most one, and objects are lists ordered by id. */
interface StateData extends Omit<OrganisationState, 'settings' | 'servers' | 'identities' | 'policies' | 'shadows' | 'grants'> {
  readonly form: number;
  readonly settings: readonly NonNullable<OrganisationState['settings']>[];
  readonly servers: readonly ServerData[];
  readonly identities: readonly IdentityState[];
  readonly policies: readonly PolicyState[];
  readonly shadows: readonly PolicyState[];
  readonly grants: readonly GrantState[];
}

type ServerData = Omit<ServerState, 'approved'> & { readonly approved: readonly ApprovedTools[] };

/**
 * A folded state as it travels: the protobuf `sallyport.stream.v1.OrganisationState`. Equal states give equal bytes, whatever
 * they were folded from.
 *
 * @throws {Fault} `wire.unencodable` when a text or a number cannot be kept.
 */
export function encodeState(state: OrganisationState): Uint8Array {
  return toBinary(OrganisationStateSchema, create(OrganisationStateSchema, dataToMessage(OrganisationStateSchema, dataOf(state))));
}

/**
 * The way back; the answer can be folded on.
 *
 * @throws {Fault} `wire.undecodable` for bytes that are no state, and for a form, field or word this version does not know.
 */
export function decodeState(bytes: Uint8Array): OrganisationFold {
  const message = readable(() => fromBinary(OrganisationStateSchema, bytes));
  if (message.form < 1 || message.form > FORM) throw wireFault.undecodable(`a state of form ${message.form}, which this version does not know`);
  const { settings, servers, identities, policies, shadows, ...head } = messageToData(OrganisationStateSchema, message, ['grants']) as unknown as Omit<StateData, 'grants'>;
  const fold = new OrganisationFold(head.organisationId);
  Object.assign(fold, { revision: head.revision, slug: head.slug, wrappedKey: head.wrappedKey, settings: settings[0] ?? null });
  for (const { approved, ...server } of servers) fold.servers.set(server.serverId, { ...server, approved: approved[0] ?? null });
  for (const identity of identities) fold.identities.set(identity.identityId, identity);
  for (const policy of policies) fold.policies.set(policy.policyId, policy);
  for (const shadow of shadows) fold.shadows.set(shadow.policyId, shadow);
  const readGrant = grantReader(fold);
  for (const grant of message.grants) fold.grants.set(branded<GrantId>(grant.grantId), readGrant(grant));
  return fold;
}

/** What tells two states apart: SHA-256 of a state's bytes. Equal on every worker that has folded the same events, by whatever way. */
export function stateHash(state: OrganisationState | Uint8Array): Sha256Hex {
  const bytes = state instanceof Uint8Array ? state : encodeState(state);
  return branded<Sha256Hex>(createHash('sha256').update(bytes).digest('hex'));
}

function dataOf(state: OrganisationState): StateData {
  const { organisationId, revision, slug, wrappedKey, settings } = state;
  return {
    form: FORM,
    organisationId,
    revision,
    slug,
    wrappedKey,
    settings: settings === null ? [] : [settings],
    servers: ordered(state.servers).map((server) => ({ ...server, approved: server.approved === null ? [] : [server.approved] })),
    identities: ordered(state.identities),
    policies: ordered(state.policies),
    shadows: ordered(state.shadows),
    grants: ordered(state.grants),
  };
}

function ordered<Value>(map: ReadonlyMap<string, Value>): readonly Value[] {
  return [...map].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, value]) => value);
}
