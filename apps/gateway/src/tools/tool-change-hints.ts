import type { Clock, OrganisationId, ServerId } from '@sallyport/kernel';

/** What an upstream says when its tools changed. */
export const TOOLS_CHANGED = 'notifications/tools/list_changed';

/** Of one server at most one hint in this time, milliseconds: looking at it may itself make it say so again. */
const HINT_GAP_MS = 5_000;

/** Whose tools, as a binding says it. */
export interface HintedServer {
  readonly organisation: { readonly organisationId: OrganisationId };
  readonly server: { readonly serverId: ServerId };
}

type Hinted = (organisationId: OrganisationId, serverId: ServerId) => void;

/** Passes on that a server said its tools changed, so that somebody looks: at once, then once for all that it says in the next 5 s. */
export class ToolChangeHints {
  private readonly hintedMs = new Map<ServerId, number>();
  private readonly waiting = new Map<ServerId, OrganisationId>();

  /** @param hinted told of each hint. */
  constructor(
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly hinted: Hinted,
  ) {}

  /** A server sent a message with this method to the client of a grant. Any other than `notifications/tools/list_changed` is nothing. */
  hear({ organisation, server }: HintedServer, method: string | null): void {
    if (method !== TOOLS_CHANGED) return;
    this.waiting.set(server.serverId, organisation.organisationId);
    this.pass();
  }

  /** Passes on what had to wait and may go now. */
  pass(): void {
    const nowMs = this.clock.monotonicMs();
    for (const [serverId, organisationId] of this.waiting) {
      if (nowMs - (this.hintedMs.get(serverId) ?? -Infinity) < HINT_GAP_MS) continue;
      this.waiting.delete(serverId);
      this.hintedMs.set(serverId, nowMs);
      this.hinted(organisationId, serverId);
    }
  }
}
