import { vi } from 'vitest';

import type { World } from './world.js';

/** What is read here of an event of a call. */
export interface CallEvent {
  readonly type: string;
  readonly gateway: { readonly instance_id: string; readonly version?: string };
  readonly mcp: { readonly tool?: string; readonly tool_upstream?: string };
  readonly decision: { readonly grant_id?: string; readonly reason_code?: string; readonly policy_age_ms?: number; readonly flow_before?: readonly string[]; readonly flow_after?: readonly string[] };
}

/** A policy under which a call of the tool leaves a mark, and may not follow one. */
export const ONCE_MARKED = { version: '1', default: 'deny', tools: { do_it: {} }, flows: [{ after: { name: ['do_it'], marks: 'seen' }, deny: { name: ['do_it'] }, within: '10m' }] };

/** The events of a grant's calls as they are exported, once what is there passes. */
export function callEvents(world: World, grantId: string, isComplete: (events: readonly CallEvent[]) => boolean): Promise<readonly CallEvent[]> {
  const look = async (): Promise<readonly CallEvent[]> => {
    const response = await fetch(new URL('/audit/export', world.url), { headers: { authorization: `Bearer ${world.adminToken}` } });
    const lines = (await response.text()).trimEnd().split('\n').slice(0, -1).map((line) => JSON.parse(line) as CallEvent);
    const events = lines.filter(({ type, decision }) => type.startsWith('call.') && decision.grant_id === grantId);
    if (!isComplete(events)) throw new Error(`not what was waited for: ${JSON.stringify(events)}`);
    return events;
  };
  return vi.waitFor(look, { timeout: 30_000, interval: 100 });
}
