import type { GrantBinding, GrantBindings } from '../snapshot/grant-binding.js';
import { isExpired } from '../snapshot/grant-binding.js';
import type { OrganisationSnapshot } from '../snapshot/organisation-snapshot.js';
import type { ToolCatalogues } from './tool-catalogue.js';

/** A long stream of a client that wants to hear when the tools it may see change. */
export interface ToolWatcher {
  readonly binding: GrantBinding;
  /** The visible tools are others now. */
  toolsChanged(): void;
  /** The grant has ended, and with it the stream. */
  end(): void;
}

/** Everybody who watches a tool list: told of a change when events change it, ended when their grant ends. */
export class ToolWatchers {
  private readonly watchers = new Map<ToolWatcher, string>();

  constructor(
    private readonly bindings: GrantBindings,
    private readonly catalogues: ToolCatalogues,
  ) {}

  /** Watches until the answer is called. */
  watch(watcher: ToolWatcher): () => void {
    this.watchers.set(watcher, this.catalogues.of(watcher.binding).fingerprint);
    return () => this.watchers.delete(watcher);
  }

  /** Looks at everybody of an organisation whose state moved on. */
  look(organisation: OrganisationSnapshot): void {
    for (const [watcher, known] of this.watchers) {
      if (watcher.binding.organisation !== organisation) continue;
      const binding = this.bindings.of(watcher.binding.entry);
      if (binding === undefined) {
        watcher.end();
        continue;
      }
      const { fingerprint } = this.catalogues.of(binding);
      if (fingerprint === known) continue;
      this.watchers.set(watcher, fingerprint);
      watcher.toolsChanged();
    }
  }

  /** Ends the streams of grants and tokens whose time is over. */
  endExpired(nowMs: number): void {
    for (const watcher of this.watchers.keys()) if (isExpired(watcher.binding.entry, watcher.binding.grant, nowMs)) watcher.end();
  }

  /** Ends every stream. */
  endAll(): void {
    for (const watcher of this.watchers.keys()) watcher.end();
  }
}
