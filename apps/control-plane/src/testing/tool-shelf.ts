import type { Inspection, InspectionRefusal } from '@sallyport/upstream';

import type { InspectTarget, InspectUpstream } from '../platform/inspect-upstream.js';

/** Upstreams of a test: what each lists, by address or, for a process, by slug. What is not there cannot be reached. */
export class ToolShelf {
  private readonly lists = new Map<string, readonly string[]>();
  /** Every target that was asked, in order. */
  readonly asked: InspectTarget[] = [];
  /** Runs while an upstream is being listed. */
  meanwhile: () => Promise<void> = async () => undefined;

  /** Puts a list of tools at an address, or of names that become minimal tools. */
  put(address: string, ...tools: readonly (string | object)[]): void {
    this.lists.set(address, tools.map((tool) => JSON.stringify(typeof tool === 'string' ? { name: tool, inputSchema: { type: 'object' } } : tool)));
  }

  /** Takes an upstream off the network. */
  take(address: string): void {
    this.lists.delete(address);
  }

  /** What a control plane is given. */
  readonly inspect: InspectUpstream = async (target) => {
    this.asked.push(target);
    await this.meanwhile();
    const tools = this.lists.get(target.upstream.kind === 'http' ? target.upstream.url : target.slug);
    return tools === undefined ? { ok: false, refusal: DOWN } : { ok: true, value: { ...SAYS, tools } };
  };
}

const DOWN: InspectionRefusal = { code: 'refused', message: 'Nothing answers at this address.' };
const SAYS: Omit<Inspection, 'tools'> = {
  eras: ['legacy'],
  protocolVersions: ['2025-11-25'],
  serverInfo: '{"name":"shelf","version":"1.0.0"}',
  capabilities: '{"tools":{}}',
  instructions: null,
};
