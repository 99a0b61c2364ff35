import type { EpochMs, IdentityId, OrganisationId } from '@sallyport/kernel';
import type { SubjectKey } from '@sallyport/secrets';
import type { EntityManager } from 'typeorm';

/** What there is of an identity's keys. */
export interface SubjectState {
  /** The key that is used now; `undefined` before the first kept value, and after an erasure. */
  readonly key: SubjectKey | undefined;
  /** When its values were last erased; `undefined` where they never were. */
  readonly erasedAt: EpochMs | undefined;
}

interface StateRow {
  readonly identity_id: IdentityId;
  readonly key_id: string | null;
  readonly wrapped_key: string | null;
  readonly erased_at: Date | null;
}

interface KeyRow {
  readonly key_id: string;
  readonly wrapped_key: string | null;
}

/** How identities stand; those that have no row are left out. In the caller's transaction. */
export async function readSubjects(manager: EntityManager, organisationId: OrganisationId, identityIds: readonly IdentityId[]): Promise<ReadonlyMap<IdentityId, SubjectState>> {
  const rows = await manager.query<StateRow[]>(
    `SELECT identity_id, (max(key_id::text) FILTER (WHERE destroyed_at IS NULL)) AS key_id, (max(wrapped_key) FILTER (WHERE destroyed_at IS NULL)) AS wrapped_key, max(destroyed_at) AS erased_at
     FROM audit_subject_keys WHERE organisation_id = $1 AND identity_id = ANY ($2::uuid[]) GROUP BY identity_id`,
    [organisationId, identityIds],
  );
  return new Map(
    rows.map((row) => {
      const key = row.key_id === null || row.wrapped_key === null ? undefined : { organisationId, keyId: row.key_id, wrapped: row.wrapped_key };
      return [row.identity_id, { key, erasedAt: row.erased_at === null ? undefined : (row.erased_at.getTime() as EpochMs) }];
    }),
  );
}

/** The keys of an organisation that can be used, by id: all of them, or one. In the caller's transaction. */
export async function readSubjectKeys(manager: EntityManager, organisationId: OrganisationId, keyId: string | null): Promise<ReadonlyMap<string, SubjectKey>> {
  const rows = await manager.query<KeyRow[]>(
    'SELECT key_id, wrapped_key FROM audit_subject_keys WHERE organisation_id = $1 AND destroyed_at IS NULL AND ($2::uuid IS NULL OR key_id = $2::uuid)',
    [organisationId, keyId],
  );
  return new Map(rows.flatMap(({ key_id: id, wrapped_key: wrapped }) => (wrapped === null ? [] : [[id, { organisationId, keyId: id, wrapped }]])));
}

/** Keeps a new key of an identity that has none in use. */
export async function keepSubjectKey(manager: EntityManager, identityId: IdentityId, { key, at }: { readonly key: SubjectKey; readonly at: EpochMs }): Promise<void> {
  await manager.query('INSERT INTO audit_subject_keys (organisation_id, key_id, identity_id, wrapped_key, made_at) VALUES ($1, $2, $3, $4, $5)', [
    key.organisationId, key.keyId, identityId, key.wrapped, new Date(at).toISOString(),
  ]);
}

/**
 * Destroys the key that an identity uses. Where it uses none, that it was asked for is kept all the same: values on their way are not kept.
 *
 * @param keyId The id of the row that says so then.
 * @returns Whether there was a key.
 */
export async function destroySubjectKey(manager: EntityManager, { organisationId, identityId, keyId, at }: { readonly organisationId: OrganisationId; readonly identityId: IdentityId; readonly keyId: string; readonly at: EpochMs }): Promise<boolean> {
  const when = new Date(at).toISOString();
  const [row] = await manager.query<{ destroyed: boolean }[]>(
    `WITH destroyed AS (
       UPDATE audit_subject_keys SET wrapped_key = NULL, destroyed_at = $3 WHERE organisation_id = $1 AND identity_id = $2 AND destroyed_at IS NULL RETURNING key_id
     ), noted AS (
       INSERT INTO audit_subject_keys (organisation_id, key_id, identity_id, made_at, destroyed_at) SELECT $1, $4, $2, $3, $3 WHERE NOT EXISTS (SELECT FROM destroyed)
     ) SELECT EXISTS (SELECT FROM destroyed) AS destroyed`,
    [organisationId, identityId, when, keyId],
  );
  return row?.destroyed === true;
}
