import type { Provider } from '@nestjs/common';
import type { MigrationInterface } from 'typeorm';

import type { Expiring } from '../commands/expiring.js';
import type { Projector } from './projector.js';

/** A migration's class; its name ends in its time, which orders it among all. */
export type MigrationClass = new () => MigrationInterface;

/** What one folder of `slices/` brings along. `app-slices.ts` lists them all. */
export interface Slice {
  /** Resolvers, and the handlers and readers they are given. */
  readonly providers: readonly Provider[];
  readonly projectors: readonly Projector[];
  readonly migrations: readonly MigrationClass[];
  /** Classes of table rows, for TypeORM. */
  readonly entities: readonly (new () => object)[];
  /** Kinds of objects that end by time. */
  readonly expiring?: readonly Expiring[];
}
