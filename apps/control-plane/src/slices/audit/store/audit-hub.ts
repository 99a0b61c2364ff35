import { Injectable } from '@nestjs/common';
import type { OrganisationId } from '@sallyport/kernel';

/** Told that a stream has grown to `size` events, after the commit. Does not wait, does not throw. */
export type GrowthListener = (organisationId: OrganisationId, size: number) => void;

/** Tells whoever listens in this process that streams have grown. What other processes store is not told: look now and then, too. */
@Injectable()
export class AuditHub {
  private readonly listeners = new Set<GrowthListener>();

  /** Listens until the answer is called. */
  listen(listener: GrowthListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Tells of growth that is committed. */
  grown(organisationId: OrganisationId, size: number): void {
    for (const listener of this.listeners) listener(organisationId, size);
  }
}
