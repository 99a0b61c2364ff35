import { Inject, Injectable } from '@nestjs/common';
import { branded, canonicalJson, ok, refuse, type EpochMs, type JsonObject, type OrganisationId, type Result, type Revision, type Sha256Hex } from '@sallyport/kernel';
import type { KeyedHashes } from '@sallyport/secrets';
import type { EntityManager } from 'typeorm';

import { PART } from '../parts.js';
import type { Command } from './command.js';
import type { Refusal } from './refusal.js';

/** How long a key is remembered, milliseconds: longer than any client repeats a request. */
export const KEPT_MS = 7 * 24 * 3_600_000;
const LONGEST_KEY = 200;

/** The answer that is kept for a key. */
export interface KeptAnswer<Ids> {
  readonly ids: Ids;
  readonly revision: Revision;
}

/** Remembers which commands were carried out under which key. Keys of different askers never meet. */
@Injectable()
export class IdempotencyKeys {
  constructor(@Inject(PART.hashes) private readonly hashes: KeyedHashes) {}

  /**
   * The answer kept for a command's key: `undefined` when it has none or the key is new; refused when the key stood for
   * another command. The transaction has entered the organisation whose keys are looked at.
   */
  async find<Ids extends JsonObject>(manager: EntityManager, command: Command): Promise<Result<KeptAnswer<Ids> | undefined, Refusal>> {
    const key = command.idempotencyKey;
    if (key === undefined || key === null) return ok(undefined);
    if (key === '' || key.length > LONGEST_KEY) return refuse(badKey);
    const [row] = await manager.query<{ request_digest: string; ids: Ids; revision: string }[]>(
      'SELECT request_digest, ids, revision FROM idempotency_keys WHERE organisation_id = $1 AND asker = $2 AND key = $3',
      [ownerOf(command), askerOf(command), key],
    );
    if (row === undefined) return ok(undefined);
    if (row.request_digest !== this.digestOf(command)) return refuse(conflict);
    return ok({ ids: row.ids, revision: branded<Revision>(Number(row.revision)) });
  }

  /** Keeps an answer for the command's key, if it has one, and forgets the organisation's keys that are older than `KEPT_MS`. */
  async keep(manager: EntityManager, command: Command, answer: KeptAnswer<JsonObject> & { readonly at: EpochMs }): Promise<void> {
    const key = command.idempotencyKey;
    if (key === undefined || key === null) return;
    const owner = ownerOf(command);
    await manager.query('DELETE FROM idempotency_keys WHERE organisation_id = $1 AND kept_at < $2', [owner, new Date(answer.at - KEPT_MS).toISOString()]);
    await manager.query(
      'INSERT INTO idempotency_keys (organisation_id, asker, key, request_digest, ids, revision, kept_at) VALUES ($1, $2, $3, $4, $5, $6, $7)',
      [owner, askerOf(command), key, this.digestOf(command), answer.ids, answer.revision, new Date(answer.at).toISOString()],
    );
  }

  /** Keyed, because the input may hold secrets. */
  private digestOf({ name, input, ...command }: Command): Sha256Hex {
    return this.hashes.digest(ownerOf(command), canonicalJson({ name, input }));
  }
}

function ownerOf(command: Pick<Command, 'keysOf' | 'organisationId'>): OrganisationId {
  return command.keysOf ?? command.organisationId;
}

function askerOf({ actor }: Command): string {
  return actor.kind === 'member' ? actor.memberId : actor.name;
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
