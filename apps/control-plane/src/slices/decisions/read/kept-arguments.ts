import { Inject, Injectable } from '@nestjs/common';
import { canonicalJson, isJsonObject, type DecisionId, type JsonObject, type OrganisationId } from '@sallyport/kernel';
import { readJson } from '@sallyport/mcp-protocol';
import type { SecretBox } from '@sallyport/secrets';
import type { EntityManager } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { OrganisationRow } from '../../organisations/read/organisation-row.entity.js';

/** Opens arguments that a policy keeps (`record: full`), one decision's at a time. */
export type OpenKept = (decisionId: string, sealed: string | null) => JsonObject | undefined;

/** What a policy kept of a call's arguments. */
export interface KeptValues {
  readonly level: 'full' | 'excerpt';
  /** JSON text in its RFC 8785 form. */
  readonly text: string;
}

/** Opens what workers sealed of arguments, with the organisation's key and bound to the decision. */
@Injectable()
export class KeptArguments {
  constructor(
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(PART.secretBox) private readonly box: SecretBox,
  ) {}

  /**
   * For one organisation. Answers whole arguments only; `undefined` for an excerpt, and where nothing was kept.
   *
   * @throws {Fault} `secrets.cannot_open` when the text is not this deployment's, or was moved from another decision.
   */
  async opener(organisationId: OrganisationId): Promise<OpenKept> {
    const { wrappedKey } = await this.reader.read(organisationId, (manager) => manager.findOneByOrFail(OrganisationRow, { organisationId }));
    return (decisionId, sealed) => {
      const read = sealed === null ? undefined : this.read({ organisationId, decisionId, wrappedKey }, sealed);
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

  /** Whether anything was kept of a decision's arguments; `undefined` where there is no such decision. In the caller's transaction. */
  async isKept(manager: EntityManager, organisationId: OrganisationId, decisionId: DecisionId): Promise<boolean | undefined> {
    const row = await sealedIn(manager, organisationId, decisionId);
    return row === undefined ? undefined : row.sealed_arguments !== null;
  }

  /**
   * What was kept of one decision's arguments, whole or an excerpt, in the caller's transaction. For whoever has recorded that it is read.
   *
   * @throws {Fault} as `opener`.
   */
  async values(manager: EntityManager, organisationId: OrganisationId, decisionId: DecisionId): Promise<KeptValues | undefined> {
    const sealed = (await sealedIn(manager, organisationId, decisionId))?.sealed_arguments ?? null;
    if (sealed === null) return undefined;
    const { wrappedKey } = await manager.findOneByOrFail(OrganisationRow, { organisationId });
    const read = this.read({ organisationId, decisionId, wrappedKey }, sealed);
    const args = read?.['arguments'];
    return args === undefined ? undefined : { level: read?.['level'] === 'full' ? 'full' : 'excerpt', text: canonicalJson(args) };
  }

  private read(of: { readonly organisationId: OrganisationId; readonly decisionId: string; readonly wrappedKey: string }, sealed: string): JsonObject | undefined {
    const context = { organisationId: of.organisationId, objectKind: 'decision', objectId: of.decisionId, field: 'arguments' };
    const read = readJson(Buffer.from(this.box.open(context, of.wrappedKey, sealed), 'utf8'));
    return read.ok && isJsonObject(read.value) ? read.value : undefined;
  }
}

async function sealedIn(manager: EntityManager, organisationId: OrganisationId, decisionId: string): Promise<{ readonly sealed_arguments: string | null } | undefined> {
  const sql = 'SELECT sealed_arguments FROM decisions WHERE organisation_id = $1 AND decision_id = $2';
  const [row] = await manager.query<{ sealed_arguments: string | null }[]>(sql, [organisationId, decisionId]);
  return row;
}
