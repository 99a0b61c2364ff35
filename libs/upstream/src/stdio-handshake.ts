import type { ProtocolEra } from '@sallyport/domain-events';
import type { JsonObject } from '@sallyport/kernel';

import { discoverMessage, initializeMessage, legacyIntroduction, modernIntroduction, type Introduction } from './introduction.js';

/** Which era a process is asked for; `probe` asks for the modern one and falls back. */
export type WantedEra = ProtocolEra | 'probe';

/** The id of the first opening request, `server/discover`. */
export const DISCOVER_ID = 1;
/** The id of the second, `initialize`. */
export const INITIALIZE_ID = 2;
/** The requests that follow count on from here. */
export const FIRST_REQUEST_ID = 3;

/** What to do next in the opening exchange. */
export type HandshakeStep =
  | { readonly next: 'wait' }
  | { readonly next: 'initialize' }
  | { readonly next: 'done'; readonly introduction: Introduction }
  | { readonly next: 'give_up' };

/**
 * The opening exchange with one stdio server. Discover first; any answer but a modern success, or silence, leads to `initialize`; the first
 * success wins, also when a slow server answers the discover after all.
 *
 * @see MCP 2026-07-28, "stdio": probe, and fall back on any non-modern error or silence.
 */
export class StdioHandshake {
  private open: Set<number>;

  constructor(private readonly wanted: WantedEra) {
    this.open = new Set(wanted === 'legacy' ? [INITIALIZE_ID] : [DISCOVER_ID]);
  }

  /** The request to begin with. */
  first(): Buffer {
    return this.wanted === 'legacy' ? initializeMessage(INITIALIZE_ID) : discoverMessage(DISCOVER_ID);
  }

  /** Whether only the discover was asked, as a probe, and nothing came back yet. */
  get isUnanswered(): boolean {
    return this.wanted === 'probe' && this.open.size === 1 && this.open.has(DISCOVER_ID);
  }

  /** Takes a response with one of the two ids. */
  answer(value: JsonObject, bytes: Buffer): HandshakeStep {
    const id = value['id'];
    if (typeof id !== 'number' || !this.open.delete(id)) return { next: 'wait' };
    const introduction = id === DISCOVER_ID ? modernIntroduction(value, bytes) : legacyIntroduction(value, bytes);
    if (introduction !== undefined) return { next: 'done', introduction };
    return id === DISCOVER_ID ? this.fallBack() : this.settle();
  }

  /** The discover was met with silence. */
  silence(): HandshakeStep {
    return this.isUnanswered ? this.initialize() : { next: 'wait' };
  }

  private fallBack(): HandshakeStep {
    return this.wanted === 'probe' && !this.open.has(INITIALIZE_ID) ? this.initialize() : this.settle();
  }

  private initialize(): HandshakeStep {
    this.open.add(INITIALIZE_ID);
    return { next: 'initialize' };
  }

  private settle(): HandshakeStep {
    return this.open.size === 0 ? { next: 'give_up' } : { next: 'wait' };
  }
}
