import type { OrganisationId } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

import type { CommandSession } from './command-session.js';

/** Where every slice's kinds of expiring objects are injected, as a list of `Expiring`. */
export const EXPIRING = Symbol('Expiring');

/** Which objects to find: those of one organisation whose time was over at `now`, at most `limit`, the longest overdue first. */
export interface Overdue {
  readonly organisationId: OrganisationId;
  readonly now: Date;
  readonly limit: number;
}

/** One kind of object that ends by time, and whose end is recorded afterwards: whoever goes by the object goes by the time itself. */
export interface Expiring {
  /** The name of the change that records it, such as `expireGrants`. */
  readonly change: string;
  /** Ids of the objects whose end is not recorded yet. */
  overdue(rows: EntityManager, which: Overdue): Promise<readonly string[]>;
  /** Notes one object's end in the session. */
  expire(session: CommandSession, id: string): Promise<void>;
}
