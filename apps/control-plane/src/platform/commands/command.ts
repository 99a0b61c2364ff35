import type { Actor } from '@sallyport/domain-events';
import type { JsonObject, OrganisationId } from '@sallyport/kernel';

/** How far a change must have come before the answer. */
export type WaitFor = 'COMMITTED' | 'PUBLISHED' | 'ENFORCED';

/** One command, as it comes in. */
export interface Command {
  readonly organisationId: OrganisationId;
  /** Whose idempotency keys are looked at, when not the organisation's own: a new organisation has none yet. */
  readonly keysOf?: OrganisationId;
  readonly actor: Actor;
  /** The mutation's name; part of what an idempotency key stands for. */
  readonly name: string;
  /** The mutation's whole input without `idempotencyKey` and `waitFor`; only a digest of it is kept. */
  readonly input: JsonObject;
  readonly idempotencyKey?: string | null | undefined;
  readonly waitFor?: WaitFor | null | undefined;
}
