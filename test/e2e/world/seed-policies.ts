import { readFileSync } from 'node:fs';

import type { SeedServerName } from '@sallyport/test-support';

/** A published policy of a seed server: one tool, so many calls a minute. */
export interface SeedPolicy {
  readonly server: SeedServerName;
  readonly tool: string;
  readonly max: number;
  readonly ruleId: string;
  /** The document as published, byte for byte. */
  readonly document: string;
}

const SERVER_OF: Readonly<Record<string, SeedServerName>> = {
  stop_time_entry: 'clockify',
  stop_timer: 'harvest',
  start_timer: 'harvest',
  track_task: 'trackingtime',
  ticktick_pause_focus_session: 'ticktick',
};

interface Line {
  readonly policy: { readonly tools: Readonly<Record<string, { readonly limits: readonly { readonly counter: string; readonly max: number }[] }>> };
}

/** The policies that were published for the four seed servers. */
export function seedPolicies(): readonly SeedPolicy[] {
  const text = readFileSync(new URL('../data/seed-policies.jsonl', import.meta.url), 'utf8');
  return text.trim().split('\n').map((line) => policyOf((JSON.parse(line) as Line).policy));
}

function policyOf(policy: Line['policy']): SeedPolicy {
  const [tool = '', rule] = Object.entries(policy.tools)[0] ?? [];
  const limit = rule?.limits[0];
  const server = SERVER_OF[tool];
  if (limit === undefined || server === undefined) throw new Error(`not a seed policy: ${JSON.stringify(policy)}`);
  return { server, tool, max: limit.max, ruleId: `/tools/${tool}/limits/${limit.counter}`, document: JSON.stringify(policy) };
}
