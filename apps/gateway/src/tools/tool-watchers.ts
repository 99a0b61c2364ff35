import type { GrantBinding, GrantBindings } from '../snapshot/grant-binding.js';
import { isExpired } from '../snapshot/grant-binding.js';
import type { OrganisationSnapshot } from '../snapshot/organisation-snapshot.js';
import type { ToolCatalogues } from './tool-catalogue.js';

/** A long stream of a client that wants to hear when the tools it may see change. */
export interface ToolWatcher {
  readonly binding: GrantBinding;
  /** The visible tools are others now. */
  toolsChanged(): void;
  /** The grant or the token has ended, and with it the stream. */
  end(): void;
}

/** What was last known of a watcher. */
interface Watched {
  readonly fingerprint: string;
  /** The watcher's binding as it has become. */
  readonly binding: GrantBinding;
}

/** Everybody who watches a tool list: told of a change when events change it, ended when their grant or token ends. */
export class ToolWatchers {
  private readonly watchers = new Map<ToolWatcher, Watched>();

  constructor(
    private readonly bindings: GrantBindings,
    private readonly catalogues: ToolCatalogues,
  ) {}

  /** Watches until the answer is called. */
  watch(watcher: ToolWatcher): () => void {
    const { binding } = watcher;
    this.watchers.set(watcher, { binding, fingerprint: this.catalogues.of(binding).fingerprint });
    return () => this.watchers.delete(watcher);
  }

  /** Looks at everybody of an organisation whose state moved on. */
  look(organisation: OrganisationSnapshot): void {
    for (const [watcher, known] of this.watchers) {
      if (known.binding.organisation !== organisation || this.bindings.isCurrent(known.binding)) continue;
      const binding = this.becomeOf(known.binding);
      if (binding === undefined) {
        watcher.end();
        continue;
      }
      const { fingerprint } = this.catalogues.of(binding);
      this.watchers.set(watcher, { binding, fingerprint });
      if (fingerprint !== known.fingerprint) watcher.toolsChanged();
    }
  }

  /** Ends the streams of grants and tokens whose time is over. */
  endExpired(nowMs: number): void {
    for (const [watcher, { binding }] of this.watchers) if (isExpired(binding.entry, binding.grant, nowMs)) watcher.end();
  }

  /** Ends every stream. */
  endAll(): void {
    for (const watcher of this.watchers.keys()) watcher.end();
  }

  private becomeOf({ entry }: GrantBinding): GrantBinding | undefined {
    const renewed = this.bindings.renewed(entry);
    return renewed === undefined ? undefined : this.bindings.of(renewed);
  }
}
