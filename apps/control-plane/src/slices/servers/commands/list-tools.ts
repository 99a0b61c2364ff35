import { Inject, Injectable } from '@nestjs/common';
import type { ToolListing } from '@sallyport/control-domain';
import { ok, refuse, type Result } from '@sallyport/kernel';

import type { Refusal } from '../../../platform/commands/refusal.js';
import type { InspectTarget, InspectUpstream } from '../../../platform/inspect-upstream.js';
import { PART } from '../../../platform/parts.js';
import { listingFrom } from '../listing-from.js';
import { listingRefusal } from '../server-refusals.js';

const LISTING_TIMEOUT_MS = 30_000;

/** Lists a server's tools as they are now. Takes as long as the upstream does: never inside a transaction. */
@Injectable()
export class ListTools {
  constructor(@Inject(PART.inspect) private readonly inspect: InspectUpstream) {}

  /** What can be offered and what cannot; refused with a sentence when the upstream cannot be listed. */
  async run(target: InspectTarget): Promise<Result<ToolListing, Refusal>> {
    const inspection = await this.inspect({ ...target, timeoutMs: Math.min(target.timeoutMs, LISTING_TIMEOUT_MS) });
    return inspection.ok ? ok(listingFrom(inspection.value)) : refuse(listingRefusal(inspection.refusal));
  }
}
