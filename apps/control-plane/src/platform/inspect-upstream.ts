import type { OrganisationId, Result } from '@sallyport/kernel';
import type { Inspection, InspectionRefusal } from '@sallyport/upstream';

/** An upstream to be listed. Header values are in the clear and live no longer than the call. */
export interface InspectTarget {
  readonly organisationId: OrganisationId;
  /** The operator's file may open networks to organisations by slug. */
  readonly organisationSlug: string;
  /** The server's slug, which names its entry in the operator's file where it is a process. */
  readonly slug: string;
  readonly upstream:
    | { readonly kind: 'http'; readonly url: string; readonly headers: readonly { readonly name: string; readonly value: string }[] }
    | { readonly kind: 'stdio' };
  readonly timeoutMs: number;
}

/** Connects to an upstream and lists its tools. Bound by the composition root, which owns connections and processes. */
export type InspectUpstream = (target: InspectTarget) => Promise<Result<Inspection, InspectionRefusal>>;
