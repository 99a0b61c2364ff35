import { Inject, Injectable } from '@nestjs/common';
import { isJsonObject, type JsonObject, type OrganisationId } from '@sallyport/kernel';
import { readJson } from '@sallyport/mcp-protocol';
import type { SecretBox } from '@sallyport/secrets';

import { PART } from '../../../platform/parts.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { OrganisationRow } from '../../organisations/read/organisation-row.entity.js';

/** Opens arguments that a policy keeps (`record: full`), one decision's at a time. */
export type OpenKept = (decisionId: string, sealed: string | null) => JsonObject | undefined;

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
      if (sealed === null) return undefined;
      const text = this.box.open({ organisationId, objectKind: 'decision', objectId: decisionId, field: 'arguments' }, wrappedKey, sealed);
      const read = readJson(Buffer.from(text, 'utf8'));
      if (!read.ok || !isJsonObject(read.value) || read.value['level'] !== 'full') return undefined;
      const args = read.value['arguments'];
      return isJsonObject(args) ? args : undefined;
    };
  }

  /** The whole arguments of one decision. */
  async of(organisationId: OrganisationId, decisionId: string): Promise<JsonObject | undefined> {
    const [row] = await this.reader.read(organisationId, (manager) =>
      manager.query<{ sealed_arguments: string | null }[]>('SELECT sealed_arguments FROM decisions WHERE organisation_id = $1 AND decision_id = $2', [organisationId, decisionId]),
    );
    const sealed = row?.sealed_arguments ?? null;
    return sealed === null ? undefined : (await this.opener(organisationId))(decisionId, sealed);
  }
}
