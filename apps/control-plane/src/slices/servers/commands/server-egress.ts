import { Inject, Injectable } from '@nestjs/common';
import type { OperatorFile } from '@sallyport/operator-file';
import { EgressGuard } from '@sallyport/upstream';

import type { Refusal } from '../../../platform/commands/refusal.js';
import { PART } from '../../../platform/parts.js';
import type { OrganisationRow } from '../../organisations/read/organisation-row.entity.js';
import { egressRefusal } from '../server-refusals.js';

/** Says which addresses an organisation's servers may have, as the operator's file has it. */
@Injectable()
export class ServerEgress {
  private readonly guard: EgressGuard;

  constructor(@Inject(PART.operatorFile) file: OperatorFile) {
    this.guard = new EgressGuard(file.egress);
  }

  /** Why an address may not be reached; `undefined` when nothing in its form speaks against it. Names are judged again when they are resolved. */
  refusalOf(url: string, { organisationId, slug }: Pick<OrganisationRow, 'organisationId' | 'slug'>): Refusal | undefined {
    const checked = this.guard.checkUrl(url, { organisationId, organisationSlug: slug });
    return checked.ok ? undefined : egressRefusal(checked.refusal.message);
  }
}
