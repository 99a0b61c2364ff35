import { branded, ok, refuse, type EpochMs, type JsonObject, type OrganisationId, type Result, type Revision, type Sha256Hex } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

import type { Refusal } from './refusal.js';

/** How long a key is remembered, milliseconds: longer than any client repeats a request. */
export const KEPT_MS = 7 * 24 * 3_600_000;
const LONGEST_KEY = 200;

/** A request that may come again under the same key. Keys of different askers never meet. */
export interface IdempotentRequest {
  readonly organisationId: OrganisationId;
  readonly asker: string;
  readonly key: string;
  /** Keyed digest of the mutation's name and input, which may hold secrets. */
  readonly digest: Sha256Hex;
}

interface KeptAnswer<Ids> {
  readonly ids: Ids;
  readonly revision: Revision;
}

/** The answer kept for a key: `undefined` when the key is new; refused when it stood for another request. */
export async function findAnswer<Ids extends JsonObject>(
  manager: EntityManager,
  request: IdempotentRequest | undefined,
): Promise<Result<KeptAnswer<Ids> | undefined, Refusal>> {
  if (request === undefined) return ok(undefined);
  if (request.key === '' || request.key.length > LONGEST_KEY) return refuse(badKey);
  const [row] = await manager.query<{ request_digest: string; ids: Ids; revision: string }[]>(
    'SELECT request_digest, ids, revision FROM idempotency_keys WHERE organisation_id = $1 AND asker = $2 AND key = $3',
    [request.organisationId, request.asker, request.key],
  );
  if (row === undefined) return ok(undefined);
  if (row.request_digest !== request.digest) return refuse(conflict);
  return ok({ ids: row.ids, revision: branded<Revision>(Number(row.revision)) });
}

/** Keeps an answer for its key, and forgets the organisation's keys that are older than `KEPT_MS`. */
export async function keepAnswer(
  manager: EntityManager,
  request: IdempotentRequest | undefined,
  answer: KeptAnswer<JsonObject> & { readonly at: EpochMs },
): Promise<void> {
  if (request === undefined) return;
  await manager.query('DELETE FROM idempotency_keys WHERE organisation_id = $1 AND kept_at < $2', [
    request.organisationId,
    new Date(answer.at - KEPT_MS).toISOString(),
  ]);
  await manager.query(
    'INSERT INTO idempotency_keys (organisation_id, asker, key, request_digest, ids, revision, kept_at) VALUES ($1, $2, $3, $4, $5, $6, $7)',
    [request.organisationId, request.asker, request.key, request.digest, answer.ids, answer.revision, new Date(answer.at).toISOString()],
  );
}

const badKey: Refusal = {
  code: 'idempotency_key_invalid',
  message: `An idempotency key has 1 to ${LONGEST_KEY} characters.`,
  pointer: '/idempotencyKey',
};
const conflict: Refusal = {
  code: 'idempotency_conflict',
  message: 'This idempotency key was used for another request. Use a new key.',
  pointer: '/idempotencyKey',
};
