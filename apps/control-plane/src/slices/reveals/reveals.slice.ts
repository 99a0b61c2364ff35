import type { Slice } from '../../platform/persistence/slice.js';
import { ChangeReveals } from './commands/change-reveals.js';
import { expiringReveals } from './commands/expiring-reveals.js';
import { ReadReveal } from './commands/read-reveal.js';
import { CreateReveals1763700000220 } from './read/create-reveals.migration.js';
import { RevealQueries } from './read/reveal-queries.js';
import { RevealRow } from './read/reveal-row.entity.js';
import { revealProjector } from './read/reveal.projector.js';
import { RevealsResolver } from './reveals.resolver.js';

/** Reveals: recorded argument values, read by one member with another one's consent, each reading on record before it is answered. */
export const revealsSlice: Slice = {
  providers: [RevealsResolver, RevealQueries, ChangeReveals, ReadReveal],
  projectors: [revealProjector],
  migrations: [CreateReveals1763700000220],
  entities: [RevealRow],
  expiring: [expiringReveals],
};
