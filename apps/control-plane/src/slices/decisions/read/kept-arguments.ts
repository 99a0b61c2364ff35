import { Inject, Injectable } from '@nestjs/common';
import { canonicalJson, isJsonObject, type DecisionId, type JsonObject, type OrganisationId } from '@sallyport/kernel';
import { readJson } from '@sallyport/mcp-protocol';
import type { SecretBox, SubjectKey } from '@sallyport/secrets';
import type { EntityManager } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { readSubjectKeys } from '../../audit/erasure/subject-key-rows.js';
import { OrganisationRow } from '../../organisations/read/organisation-row.entity.js';

/** Opens arguments that a policy keeps (`record: full`), one decision's at a time. */
export type OpenKept = (decisionId: string, sealed: string | null) => JsonObject | undefined;

/** What a policy kept of a call's arguments. */
export interface KeptValues {
  readonly level: 'full' | 'excerpt';
  /** JSON text in its RFC 8785 form. */
  readonly text: string;
}

/** How a decision's values stand: `erased` where they were kept, and their identity's key was destroyed since. */
export type KeptState = 'none' | 'kept' | 'erased';

/** One decision's kept text, and what opens it. */
interface SealedValues {
  readonly organisationId: OrganisationId;
  readonly decisionId: string;
  readonly wrappedKey: string;
  readonly sealed: string;
  /** The key of the identity that it was handed over to; `undefined` for text that was not, `null` where the key was destroyed. */
  readonly subject: SubjectKey | null | undefined;
}

/** Opens what was kept of arguments, with the key of the identity that sent them and bound to the decision. */
@Injectable()
export class KeptArguments {
  constructor(
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(PART.secretBox) private readonly box: SecretBox,
  ) {}

  /**
   * For one organisation, with the keys that there are now. Answers whole arguments only; `undefined` for an excerpt, and where nothing
   * was kept or is left.
   *
   * @throws {Fault} `secrets.cannot_open` when the text is not this deployment's, or was moved from another decision.
   */
  async opener(organisationId: OrganisationId): Promise<OpenKept> {
    const { wrappedKey, subjects } = await this.reader.read(organisationId, async (manager) => ({
      wrappedKey: await wrappedKeyOf(manager, organisationId),
      subjects: await readSubjectKeys(manager, organisationId, null),
    }));
    return (decisionId, sealed) => {
      const read = sealed === null ? null : this.read({ organisationId, decisionId, wrappedKey, sealed, subject: this.subjectIn(sealed, subjects) });
      if (read?.['level'] !== 'full') return undefined;
      const args = read['arguments'];
      return isJsonObject(args) ? args : undefined;
    };
  }

  /** The whole arguments of one decision. */
  async of(organisationId: OrganisationId, decisionId: string): Promise<JsonObject | undefined> {
    const row = await this.reader.read(organisationId, (manager) => sealedIn(manager, organisationId, decisionId));
    const sealed = row?.sealed_arguments ?? null;
    return sealed === null ? undefined : (await this.opener(organisationId))(decisionId, sealed);
  }

  /** What there is of a decision's values; `undefined` where there is no such decision. In the caller's transaction. */
  async state(manager: EntityManager, organisationId: OrganisationId, decisionId: DecisionId): Promise<KeptState | undefined> {
    const row = await sealedIn(manager, organisationId, decisionId);
    if (row === undefined) return undefined;
    if (row.sealed_arguments === null) return 'none';
    return (await this.subjectOf(manager, organisationId, row.sealed_arguments)) === null ? 'erased' : 'kept';
  }

  /**
   * What was kept of one decision's arguments, whole or an excerpt, in the caller's transaction. For whoever has recorded that it is read.
   *
   * @returns `undefined` where nothing was kept.
   * @throws {Fault} as `opener`.
   */
  async values(manager: EntityManager, organisationId: OrganisationId, decisionId: DecisionId): Promise<KeptValues | 'erased' | undefined> {
    const sealed = (await sealedIn(manager, organisationId, decisionId))?.sealed_arguments ?? null;
    if (sealed === null) return undefined;
    const subject = await this.subjectOf(manager, organisationId, sealed);
    const read = this.read({ organisationId, decisionId, wrappedKey: await wrappedKeyOf(manager, organisationId), sealed, subject });
    if (read === null) return 'erased';
    const args = read['arguments'];
    return args === undefined ? undefined : { level: read['level'] === 'full' ? 'full' : 'excerpt', text: canonicalJson(args) };
  }

  private async subjectOf(manager: EntityManager, organisationId: OrganisationId, sealed: string): Promise<SealedValues['subject']> {
    const keyId = this.box.subjectKeyOf(sealed);
    return keyId === undefined ? undefined : this.subjectIn(sealed, await readSubjectKeys(manager, organisationId, keyId));
  }

  private subjectIn(sealed: string, subjects: ReadonlyMap<string, SubjectKey>): SealedValues['subject'] {
    const keyId = this.box.subjectKeyOf(sealed);
    return keyId === undefined ? undefined : (subjects.get(keyId) ?? null);
  }

  /** `null` where the values were erased. */
  private read({ organisationId, decisionId, wrappedKey, sealed, subject }: SealedValues): JsonObject | null {
    if (subject === null) return null;
    const context = { organisationId, objectKind: 'decision', objectId: decisionId, field: 'arguments' };
    const plain = subject === undefined ? this.box.open(context, wrappedKey, sealed) : this.box.openOfSubject(context, { wrappedKey, subject }, sealed);
    const read = readJson(Buffer.from(plain, 'utf8'));
    return read.ok && isJsonObject(read.value) ? read.value : {};
  }
}

async function wrappedKeyOf(manager: EntityManager, organisationId: OrganisationId): Promise<string> {
  return (await manager.findOneByOrFail(OrganisationRow, { organisationId })).wrappedKey;
}

async function sealedIn(manager: EntityManager, organisationId: OrganisationId, decisionId: string): Promise<{ readonly sealed_arguments: string | null } | undefined> {
  const sql = 'SELECT sealed_arguments FROM decisions WHERE organisation_id = $1 AND decision_id = $2';
  const [row] = await manager.query<{ sealed_arguments: string | null }[]>(sql, [organisationId, decisionId]);
  return row;
}
